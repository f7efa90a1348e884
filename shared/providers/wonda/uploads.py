"""Media ids for a post: what is at Wonda already is used, everything else is uploaded once."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media
from shared.providers.wonda.faults import required
from shared.providers.wonda.reading import text_of
from shared.wire.answer import Answer, CallFailed
from shared.wire.media import local_file
from shared.wire.wire import Content, Wire

#: Files in one upload request: few requests, and a broken one costs little.
_BATCH = 10

_TIMEOUT = timedelta(seconds=120)

#: The upload's own names for what it accepts (D); a host may not say, or say it otherwise.
_CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
}


def media_ids(media: Sequence[Media], wire: Wire) -> list[str]:
    """Return the ids in the order of the media; raises MediaFailed, CallFailed, NoAnswer.

    Ids of uploads are kept with the job under the media's URL or path, so a retry reuses them.
    """
    known: dict[str, str] = dict(wire.prepared.get("media_ids") or {})
    unknown = {_reference(each): each for each in media if not each.id}
    missing = [each for reference, each in unknown.items() if reference not in known]
    for start in range(0, len(missing), _BATCH):
        parts = _parts(missing[start : start + _BATCH])
        answer = _upload(parts, wire)
        known |= _ids(parts, answer)
        wire.remember(media_ids=dict(known))
        _require_all(parts.values(), known, answer)
    return [each.id or known[_reference(each)] for each in media]


def _parts(media: Sequence[Media]) -> dict[str, Media]:
    """Name the parts: one file is `file`, several have any distinct names (D)."""
    if len(media) == 1:
        return {"file": media[0]}
    return {f"slide{number}": each for number, each in enumerate(media, 1)}


def _reference(media: Media) -> str:
    return media.url or media.path or ""


def _upload(parts: Mapping[str, Media], wire: Wire) -> Answer:
    with contextlib.ExitStack() as opened:
        files = {name: opened.enter_context(_part(media, wire)) for name, media in parts.items()}
        content = Content(files=files)
        path = "/api/v1/media/upload"
        return required(wire.request(Call.UPLOAD, "POST", path, content, timeout=_TIMEOUT))


@contextlib.contextmanager
def _part(media: Media, wire: Wire) -> Iterator[tuple[str, Any, str]]:
    allowed = wire.connection.allows_private_media
    with local_file(media, wire.road, allow_private=allowed, deadline=wire.deadline) as local:
        content_type = _CONTENT_TYPES.get(media.extension, local.content_type)
        yield local.name, local.file, content_type


def _ids(parts: Mapping[str, Media], answer: Answer) -> dict[str, str]:
    """Read `uploads`, and the top level where one file was sent."""
    found = {}
    for name, media in parts.items():
        stored = answer.at("uploads", name, "mediaId")
        alone = answer.at("mediaId") if len(parts) == 1 else None
        media_id = text_of(stored) or text_of(alone)
        if media_id:
            found[_reference(media)] = media_id
    return found


def _require_all(media: Iterable[Media], known: Mapping[str, str], answer: Answer) -> None:
    """Raise where a 2xx holds some of the files only, and reasons for the others (D).

    The reasons are prose and an upload publishes nothing, so the others are tried again.
    """
    lacking = [
        _reference(each).partition("?")[0] for each in media if _reference(each) not in known
    ]
    if not lacking:
        return
    errors = answer.at("errors")
    reasons = [text_of(why) for why in errors.values()] if isinstance(errors, Mapping) else []
    message = f"not uploaded: {', '.join(lacking)} ({'; '.join(reasons) or 'no reason given'})"
    fault = Fault(error_class=ErrorClass.TRANSIENT, code="upload_incomplete", message=message)
    raise CallFailed(fault, again=True)
