"""The media of one post at PostEverywhere: imported or uploaded once, remembered, awaited.

A position of the post's media goes from nothing to an id, and, for a video imported by URL, from
`importing` to ready. Both are kept with the job, so that a later attempt goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media, MediaType
from shared.providers.posteverywhere.answers import required
from shared.wire.answer import CallFailed
from shared.wire.media import LocalFile, MediaFailed, problem_with_url
from shared.wire.storage import local_copy, store
from shared.wire.values import first, instant, text
from shared.wire.wire import Wire

#: An import that is not ready by then never will be (A): it is begun anew.
IMPORT_PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Stored:
    media_id: str
    ready: bool


class Library:
    """Brings the media of one post to the provider, one wire long."""

    def __init__(self, media: Sequence[Media], wire: Wire) -> None:
        self._media = media
        self._wire = wire
        self._ids: dict[str, str] = dict(wire.prepared.get("media_ids") or {})
        #: Position -> when its import began.
        self._importing: dict[str, str] = dict(wire.prepared.get("media_importing") or {})

    @property
    def ids(self) -> list[str]:
        return [self._ids[str(position)] for position in range(len(self._media))]

    def bring(self) -> None:
        """Give every file an id at the provider. Raises NoAnswer, CallFailed, MediaFailed."""
        for position, media in enumerate(self._media):
            if str(position) not in self._ids:
                self._keep(str(position), self._stored(media))

    def ready(self) -> bool:
        """Look once at each import that was not finished; True when all are."""
        for position in list(self._importing):
            self._look_at(position)
        return not self._importing

    def _keep(self, position: str, stored: _Stored) -> None:
        self._ids[position] = stored.media_id
        if not stored.ready:
            self._importing[position] = self._wire.clock.now().isoformat()
        self._remember()

    def _remember(self) -> None:
        self._wire.remember(media_ids=dict(self._ids), media_importing=dict(self._importing))

    def _stored(self, media: Media) -> _Stored:
        if media.id is not None:
            return _Stored(media.id, ready=True)
        if media.url is not None:
            return self._imported(media, media.url)
        return self._uploaded(media)

    def _imported(self, media: Media, url: str) -> _Stored:
        allow_private = self._wire.connection.allows_private_media
        problem = problem_with_url(url, allow_private=allow_private)
        if problem:
            shown = url.partition("?")[0]
            raise MediaFailed(f"{shown} {problem}", again=False, code="media_refused")
        answer = self._wire.post(Call.UPLOAD, "/media/upload-from-url", {"url": url})
        if answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE and media.type is not MediaType.IMAGE:
            # Older versions of the service import images only (D).
            return self._uploaded(media)
        return _stored_as(required(answer))

    def _uploaded(self, media: Media) -> _Stored:
        with local_copy(media, self._wire) as found:
            asked = {
                "filename": found.name,
                "content_type": found.content_type,
                "file_size": found.size_bytes,
            }
            ticket = required(self._wire.post(Call.UPLOAD, "/media/upload", asked))
            media_id = _media_id(ticket)
            return self._completed(ticket, media_id, found)

    def _completed(self, ticket: Any, media_id: str, found: LocalFile) -> _Stored:
        address, method = text(first(ticket, "upload_url")), text(first(ticket, "upload_method"))
        path = f"/media/{media_id}/complete"
        store(self._wire, address, method, found)
        answer = self._wire.post(Call.UPLOAD, path)
        if answer.status == HTTPStatus.NOT_FOUND:
            # The storage may show a file late: the official client sends it once more (D).
            store(self._wire, address, method, found)
            answer = self._wire.post(Call.UPLOAD, path)
        return _Stored(media_id, ready=_word(required(answer)) in _READY)

    def _look_at(self, position: str) -> None:
        answer = self._wire.get(Call.UPLOAD, f"/media/{self._ids[position]}")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise self._lost(position, "the provider has forgotten an imported file", again=True)
        found = required(answer)
        word = _word(found)
        if word in _READY:
            del self._importing[position]
            self._remember()
        elif word == "failed":
            reason = text(first(found, "error_message")) or "the provider cannot import the file"
            raise self._lost(position, reason, again=False)
        elif self._overdue(position):
            raise self._lost(position, "an import is not ready after 30 minutes", again=True)

    def _overdue(self, position: str) -> bool:
        since = instant(self._importing[position])
        return since is None or self._wire.clock.now() - since > IMPORT_PATIENCE

    def _lost(self, position: str, message: str, *, again: bool) -> MediaFailed:
        """Forget the file, so that a further attempt brings it anew."""
        del self._ids[position], self._importing[position]
        self._remember()
        return MediaFailed(message, again=again, code="media_failed")


#: No word at all is an answer of a service that had nothing to wait for.
_READY = frozenset({"ready", ""})


def _word(found: Any) -> str:
    return text(first(found, "media_status", "upload_status", "status")).lower()


def _stored_as(found: Any) -> _Stored:
    return _Stored(_media_id(found), ready=_word(found) in _READY)


def _media_id(found: Any) -> str:
    several = first(found, "media_ids")
    only = several[0] if isinstance(several, list) and several else None
    media_id = text(first(found, "media_id", "id")) or text(only)
    if media_id:
        return media_id
    message = "the provider took a file and named no media id"
    raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
