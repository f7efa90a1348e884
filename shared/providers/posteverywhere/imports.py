"""How a file gets to PostEverywhere: it fetches an address itself, or is sent the bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media, MediaType
from shared.domain.shelf import Standing, digest
from shared.providers.posteverywhere.answers import required
from shared.wire.answer import CallFailed
from shared.wire.media import LocalFile, MediaFailed, problem_with_url, shown
from shared.wire.shelves import AtShelf
from shared.wire.storage import store
from shared.wire.uploads import Copy, Keep, Known
from shared.wire.values import first, text
from shared.wire.wire import Wire

#: No word at all is an answer of a service that had nothing to wait for.
READY = frozenset({"ready", ""})


@dataclass(frozen=True, slots=True)
class Imports:
    """Has addresses fetched by the provider; nobody here sees the bytes.

    What an address led to may be another file tomorrow, so such an id is used for a while only.
    """

    wire: Wire
    shelf: AtShelf
    known: Known

    def go(self, media: Sequence[Media]) -> list[Media]:
        """Bring what nobody brings, and return what others are bringing.

        What the service does not import is left out: its bytes are to be sent.
        """
        contents = {each: _content(each.url) for each in media if each.url is not None}
        standings = self.shelf.look(list(contents.values()))
        busy = []
        for each, content in contents.items():
            standing = standings.get(content)
            if standing is None or not (standing.media_id or standing.busy):
                standing = self.shelf.take([content])[content]
            if standing.mine:
                self._bring(each, content)
            elif standing.media_id is not None:
                self.known(each, standing)
            else:
                busy.append(each)
        return busy

    def _bring(self, media: Media, content: str) -> None:
        url = media.url or ""
        allow_private = self.wire.connection.allows_private_media
        problem = problem_with_url(url, allow_private=allow_private)
        if problem:
            raise MediaFailed(f"{shown(url)} {problem}", again=False, code="media_refused")
        answer = self.wire.post(Call.UPLOAD, "/media/upload-from-url", {"url": url})
        if answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE and media.type is not MediaType.IMAGE:
            # Older versions of the service import images only (D).
            return
        stored = _stored_as(required(answer))
        self.known(media, stored)
        self.shelf.put(content, stored, lasting=False)


def upload(copies: Sequence[Copy], keep: Keep, wire: Wire) -> None:
    """Send the bytes of files, one after the other. Raises NoAnswer, CallFailed."""
    for copy in copies:
        asked = {
            "filename": copy.file.name,
            "content_type": copy.file.content_type,
            "file_size": copy.file.size_bytes,
        }
        ticket = required(wire.post(Call.UPLOAD, "/media/upload", asked))
        keep(copy, _completed(ticket, _media_id(ticket), copy.file, wire))


def _completed(ticket: Any, media_id: str, found: LocalFile, wire: Wire) -> Standing:
    address, method = text(first(ticket, "upload_url")), text(first(ticket, "upload_method"))
    path = f"/media/{media_id}/complete"
    store(wire, address, method, found)
    answer = wire.post(Call.UPLOAD, path)
    if answer.status == HTTPStatus.NOT_FOUND:
        # The storage may show a file late: the official client sends it once more (D).
        store(wire, address, method, found)
        answer = wire.post(Call.UPLOAD, path)
    return Standing(media_id=media_id, ready=word_of(required(answer)) in READY)


def word_of(found: Any) -> str:
    return text(first(found, "media_status", "upload_status", "status")).lower()


def _content(url: str) -> str:
    return f"address {digest(url)}"


def _stored_as(found: Any) -> Standing:
    return Standing(media_id=_media_id(found), ready=word_of(found) in READY)


def _media_id(found: Any) -> str:
    several = first(found, "media_ids")
    only = several[0] if isinstance(several, list) and several else None
    media_id = text(first(found, "media_id", "id")) or text(only)
    if media_id:
        return media_id
    message = "the provider took a file and named no media id"
    raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
