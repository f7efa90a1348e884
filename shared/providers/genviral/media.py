"""The media of one post at Genviral: addresses as they are, files uploaded once and remembered."""

from collections.abc import Sequence

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Failed, Fault, Outcome
from shared.domain.post import Media, Post
from shared.domain.shelf import Standing
from shared.providers.genviral.answers import required
from shared.wire.answer import CallFailed
from shared.wire.forgotten import brought_again
from shared.wire.media import MediaFailed, problem_with_url
from shared.wire.storage import local_copy, store
from shared.wire.uploads import Copy, Keep, Uploads
from shared.wire.values import first, text
from shared.wire.wire import Wire

#: What the job keeps the addresses under.
_KEPT = "media_urls"


def urls_of(post: Post, wire: Wire) -> list[str]:
    """Return one address per file, in order. Raises NoAnswer, CallFailed, MediaFailed."""
    #: Position -> address, kept with the job so that a later attempt uploads nothing twice.
    uploaded: dict[str, str] = dict(wire.prepared.get(_KEPT) or {})

    def remember(media: Media, stored: Standing) -> None:
        for position, each in enumerate(post.media):
            if each == media:
                uploaded[str(position)] = stored.media_id or ""
        wire.remember(media_urls=dict(uploaded))

    uploads = Uploads(
        wire=wire,
        open=lambda each: local_copy(each, wire),
        upload=lambda copies, keep: _upload(copies, keep, wire),
        known=remember,
    )
    checked = [None if each.url is None else _checked(each.url, wire) for each in post.media]
    uploads.bring(
        [
            each
            for position, each in enumerate(post.media)
            if each.url is None and str(position) not in uploaded
        ]
    )
    return [url or uploaded[str(position)] for position, url in enumerate(checked)]


def brought_anew(refusal: Failed, wire: Wire) -> Outcome:
    """Return how a refused post goes on: one of its files may be there no longer.

    Which file could not be fetched is prose (D), so every uploaded one is uploaded again.
    """
    if refusal.fault.code != "media_unreachable":
        return refusal
    uploaded: dict[str, str] = wire.prepared.get(_KEPT) or {}
    return brought_again(refusal, wire, uploaded.values(), lambda _: True, kept=_KEPT)


def _checked(url: str, wire: Wire) -> str:
    problem = problem_with_url(url, allow_private=wire.connection.allows_private_media)
    if problem:
        shown = url.partition("?")[0]
        raise MediaFailed(f"{shown} {problem}", again=False, code="media_refused")
    return url


def _upload(copies: Sequence[Copy], keep: Keep, wire: Wire) -> None:
    for copy in copies:
        asked = {
            "contentType": copy.file.content_type,
            "filename": copy.file.name,
            "size": copy.file.size_bytes,
        }
        ticket = required(wire.post(Call.UPLOAD, "/files", asked))
        url = text(first(ticket, "url"))
        if not url:
            message = "the provider offers an upload and names no address for the file"
            raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
        store(wire, text(first(ticket, "uploadUrl", "upload_url")), "PUT", copy.file)
        keep(copy, Standing(media_id=url))
