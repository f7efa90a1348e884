"""Media ids for a post: what is at Wonda already is used, everything else is uploaded once."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Failed, Fault, Outcome
from shared.domain.post import Kind, Media, Post
from shared.domain.shelf import Standing
from shared.providers.wonda.faults import required
from shared.providers.wonda.reading import text_of
from shared.wire.answer import Answer, CallFailed
from shared.wire.forgotten import brought_again
from shared.wire.media import LocalFile, local_file
from shared.wire.uploads import Copy, Keep, Uploads
from shared.wire.wire import Content, Wire

#: Files in one upload request: few requests, and a broken one costs little.
_BATCH = 10

_TIMEOUT = timedelta(seconds=120)

#: What the job keeps its ids under.
_KEPT = "media_ids"

#: TikTok's carousels refuse what does not lie on Google Cloud Storage (S).
_PICKY_ABOUT_STORES = ("tiktok", Kind.CAROUSEL)

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

    Ids are kept with the job under the media's URL or path, so a retry uses them, and on the
    shelf, so that other posts of the same files do.
    """
    known: dict[str, str] = dict(wire.prepared.get(_KEPT) or {})

    def remember(each: Media, stored: Standing) -> None:
        known[_reference(each)] = stored.media_id or ""
        wire.remember(media_ids=dict(known))

    uploads = Uploads(
        wire=wire,
        open=lambda each: _opened(each, wire),
        upload=lambda copies, keep: _upload(copies, keep, wire),
        known=remember,
        at_once=_BATCH,
    )
    uploads.bring([each for each in media if not each.id and _reference(each) not in known])
    return [each.id or known[_reference(each)] for each in media]


def brought_anew(post: Post, sent: Sequence[str], refusal: Failed, wire: Wire) -> Outcome:
    """Return how a post goes on that was refused, where that may be for an id of ours.

    `not_found` is the code of an unknown account, too (D), so each id is asked for; what lies in
    the wrong store (A) is known by nothing but its `bad_request`.
    """
    given = {each.id for each in post.media}
    ours = [each for each in sent if each not in given]
    if refusal.fault.code == "not_found":
        return brought_again(refusal, wire, ours, lambda each: _is_gone(each, wire), kept=_KEPT)
    if refusal.fault.code == "bad_request" and (post.platform, post.kind) == _PICKY_ABOUT_STORES:
        return brought_again(refusal, wire, ours, lambda _: True, kept=_KEPT)
    return refusal


def _is_gone(media_id: str, wire: Wire) -> bool:
    answer = wire.get(Call.UPLOAD, f"/api/v1/media/{quote(media_id, safe='')}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return True
    required(answer)
    return False


def _reference(media: Media) -> str:
    return media.url or media.path or ""


@contextlib.contextmanager
def _opened(media: Media, wire: Wire) -> Iterator[LocalFile]:
    allowed = wire.connection.allows_private_media
    with local_file(media, wire.road, allow_private=allowed, deadline=wire.deadline) as local:
        content_type = _CONTENT_TYPES.get(media.extension, local.content_type)
        yield replace(local, content_type=content_type)


def _upload(copies: Sequence[Copy], keep: Keep, wire: Wire) -> None:
    """Send all in one request, and keep the ids of those that were stored."""
    parts = _parts(copies)
    files = {
        name: (each.file.name, each.file.file, each.file.content_type)
        for name, each in parts.items()
    }
    path = "/api/v1/media/upload"
    content = Content(files=files)
    answer = required(wire.request(Call.UPLOAD, "POST", path, content, timeout=_TIMEOUT))
    ids = _ids(parts, answer)
    for name, media_id in ids.items():
        keep(parts[name], Standing(media_id=media_id))
    _require_all([each.media for name, each in parts.items() if name not in ids], answer)


def _parts(copies: Sequence[Copy]) -> dict[str, Copy]:
    """Name the parts: one file is `file`, several have any distinct names (D)."""
    if len(copies) == 1:
        return {"file": copies[0]}
    return {f"slide{number}": each for number, each in enumerate(copies, 1)}


def _ids(parts: Iterable[str], answer: Answer) -> dict[str, str]:
    """Read `uploads` by the names of the parts, and the top level where one file was sent."""
    names = list(parts)
    found = {}
    for name in names:
        stored = answer.at("uploads", name, "mediaId")
        alone = answer.at("mediaId") if len(names) == 1 else None
        media_id = text_of(stored) or text_of(alone)
        if media_id:
            found[name] = media_id
    return found


def _require_all(lacking: Sequence[Media], answer: Answer) -> None:
    """Raise where a 2xx holds some of the files only, and reasons for the others (D).

    The reasons are prose and an upload publishes nothing, so the others are tried again.
    """
    if not lacking:
        return
    names = ", ".join(_reference(each).partition("?")[0] for each in lacking)
    errors = answer.at("errors")
    reasons = [text_of(why) for why in errors.values()] if isinstance(errors, Mapping) else []
    message = f"not uploaded: {names} ({'; '.join(reasons) or 'no reason given'})"
    fault = Fault(error_class=ErrorClass.TRANSIENT, code="upload_incomplete", message=message)
    raise CallFailed(fault, again=True)
