"""The media of one post at Genviral: addresses as they are, files uploaded once and remembered."""

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media, Post
from shared.providers.genviral.answers import required
from shared.wire.answer import CallFailed
from shared.wire.media import MediaFailed, problem_with_url
from shared.wire.storage import local_copy, store
from shared.wire.values import first, text
from shared.wire.wire import Wire


def urls_of(post: Post, wire: Wire) -> list[str]:
    """Return one address per file, in order. Raises NoAnswer, CallFailed, MediaFailed."""
    #: Position -> address, kept with the job so that a later attempt uploads nothing twice.
    uploaded: dict[str, str] = dict(wire.prepared.get("media_urls") or {})
    urls = []
    for position, media in enumerate(post.media):
        if media.url is None and str(position) not in uploaded:
            uploaded[str(position)] = _uploaded(media, wire)
            wire.remember(media_urls=dict(uploaded))
        urls.append(uploaded[str(position)] if media.url is None else _checked(media.url, wire))
    return urls


def _checked(url: str, wire: Wire) -> str:
    problem = problem_with_url(url, allow_private=wire.connection.allows_private_media)
    if problem:
        shown = url.partition("?")[0]
        raise MediaFailed(f"{shown} {problem}", again=False, code="media_refused")
    return url


def _uploaded(media: Media, wire: Wire) -> str:
    with local_copy(media, wire) as found:
        asked = {
            "contentType": found.content_type,
            "filename": found.name,
            "size": found.size_bytes,
        }
        ticket = required(wire.post(Call.UPLOAD, "/files", asked))
        url = text(first(ticket, "url"))
        if not url:
            message = "the provider offers an upload and names no address for the file"
            raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
        store(wire, text(first(ticket, "uploadUrl", "upload_url")), "PUT", found)
    return url
