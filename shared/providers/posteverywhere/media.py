"""Media at PostEverywhere: imported or uploaded once, remembered, awaited.

A position of the post's media goes from nothing to an id, and, for a video imported by URL, from
`importing` to ready. Both are kept with the job, so that a later attempt goes on from there, and
on the shelf, so that other posts of the same file do.
"""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import Failed, Outcome
from shared.domain.post import Media
from shared.domain.shelf import Standing
from shared.providers.posteverywhere.answers import required
from shared.providers.posteverywhere.imports import READY, Imports, upload, word_of
from shared.wire.forgotten import brought_again
from shared.wire.media import MediaFailed
from shared.wire.shelves import AtShelf, until_none_left
from shared.wire.storage import local_copy
from shared.wire.uploads import Uploads
from shared.wire.values import first, instant, text
from shared.wire.wire import Wire

#: An import that is not ready by then never will be (A): it is begun anew.
IMPORT_PATIENCE = timedelta(minutes=30)


class Library:
    """Brings the media of one post to the provider, one wire long."""

    def __init__(self, media: Sequence[Media], wire: Wire) -> None:
        self._media = media
        self._wire = wire
        self._shelf = wire.road.shelf
        self._ids: dict[str, str] = dict(wire.prepared.get("media_ids") or {})
        #: Position -> when its import began.
        self._importing: dict[str, str] = dict(wire.prepared.get("media_importing") or {})

    @property
    def ids(self) -> list[str]:
        return [self._ids[str(position)] for position in range(len(self._media))]

    def bring(self) -> None:
        """Give every file an id at the provider. Raises NoAnswer, CallFailed, MediaFailed."""
        for position, media in enumerate(self._media):
            if media.id is not None:
                self._ids[str(position)] = media.id
        with AtShelf(self._wire) as shelf:
            imports = Imports(self._wire, shelf, self._known)
            until_none_left(self._wire, self._absent(), imports.go)
        self._uploads().bring(self._absent())

    def brought_anew(self, refusal: Failed) -> Outcome:
        """Return how a post goes on that was refused: an id of ours may be forgotten.

        Which code says so is not documented, so each id is asked for.
        """
        given = {each.id for each in self._media}
        ours = [each for each in self.ids if each not in given]
        return brought_again(refusal, self._wire, ours, self._is_gone, kept="media_ids")

    def _absent(self) -> list[Media]:
        return [
            media for position, media in enumerate(self._media) if str(position) not in self._ids
        ]

    def ready(self) -> bool:
        """Look once at each import that was not finished; True when all are."""
        for position in list(self._importing):
            self._look_at(position)
        return not self._importing

    def _known(self, media: Media, stored: Standing) -> None:
        """Keep the id for every position of this file."""
        began = stored.uploaded_at or self._wire.clock.now()
        for position, each in enumerate(self._media):
            if each == media:
                self._ids[str(position)] = stored.media_id or ""
                if not stored.ready:
                    self._importing[str(position)] = began.isoformat()
        self._remember()

    def _remember(self) -> None:
        self._wire.remember(media_ids=dict(self._ids), media_importing=dict(self._importing))

    def _uploads(self) -> Uploads:
        return Uploads(
            wire=self._wire,
            open=lambda each: local_copy(each, self._wire),
            upload=lambda copies, keep: upload(copies, keep, self._wire),
            known=self._known,
        )

    def _is_gone(self, media_id: str) -> bool:
        answer = self._wire.get(Call.UPLOAD, f"/media/{quote(media_id, safe='')}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return True
        required(answer)
        return False

    def _look_at(self, position: str) -> None:
        answer = self._wire.get(Call.UPLOAD, f"/media/{self._ids[position]}")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise self._lost(position, "the provider has forgotten an imported file", again=True)
        found = required(answer)
        word = word_of(found)
        if word in READY:
            del self._importing[position]
            self._remember()
            self._shelf.settle(self._wire.connection.name, self._ids[position])
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
        self._shelf.forget(self._wire.connection.name, [self._ids[position]])
        del self._ids[position], self._importing[position]
        self._remember()
        return MediaFailed(message, again=again, code="media_failed")
