"""All that can be wrong with a post before it is queued, found at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities, Shape, Source
from shared.domain.post import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, Kind, Media, MediaType, Post
from shared.domain.text import hashtags, length


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (or, as a warning, surprising) with one field."""

    field: str
    message: str
    warning: bool = False


def check(post: Post, capabilities: Capabilities, account: Account | None) -> list[Problem]:
    """Return every problem of `post` that the declared capabilities and the account show."""
    if post.platform not in capabilities.platforms:
        known = ", ".join(capabilities.platforms)
        return [Problem("platform", f"{post.platform!r} is not offered; offered are {known}")]
    shape = capabilities.shapes.get((post.platform, post.kind))
    if shape is None:
        kinds = ", ".join(capabilities.kinds(post.platform))
        message = f"{post.kind!s} is not offered on {post.platform}; offered are {kinds}"
        return [Problem("kind", message)]
    return [
        *_account(post, account),
        *_count(post, shape),
        *_files(post, shape),
        *_sources(post, capabilities.sources),
        *_texts(post, shape, account),
        *_alt_texts(post, shape),
        *_options(post, shape),
    ]


def _account(post: Post, account: Account | None) -> Iterator[Problem]:
    if account is None:
        return
    if account.platform != post.platform:
        yield Problem("platform", f"the account is on {account.platform}, not {post.platform}")
    if not account.can_post:
        yield Problem("account", f"cannot post: {account.reason or 'not healthy'}")
    if account.inbox_only and not post.inbox:
        yield Problem("account", "may only post to the inbox; set options.post_mode = inbox")
    if account.kinds is not None and post.kind not in account.kinds:
        taken = ", ".join(sorted(account.kinds))
        yield Problem("kind", f"{post.kind!s} is not offered for this account; it takes {taken}")


def _count(post: Post, shape: Shape) -> Iterator[Problem]:
    count = len(post.media)
    if shape.media_min <= count <= shape.media_max:
        return
    if shape.media_max == 0:
        allowed = "no media"
    elif shape.media_min == shape.media_max:
        allowed = f"exactly {shape.media_min}"
    else:
        allowed = f"{shape.media_min} to {shape.media_max}"
    yield Problem("media", f"{post.kind!s} on {post.platform} takes {allowed}, not {count}")


def _files(post: Post, shape: Shape) -> Iterator[Problem]:
    for position, media in enumerate(post.media):
        yield from _file(f"media[{position}]", media, post.kind, shape)
    types = {media.type for media in post.media} - {MediaType.UNKNOWN}
    if len(types) > 1 and not shape.mixing:
        yield Problem("media", "images and videos cannot be mixed in one post")


def _file(field: str, media: Media, kind: Kind, shape: Shape) -> Iterator[Problem]:
    if media.id is not None or not media.extension:
        return
    formats = formats_of(shape, kind)
    if media.extension not in formats:
        message = f".{media.extension} is not accepted; accepted are {', '.join(sorted(formats))}"
        yield Problem(field, message)


def formats_of(shape: Shape, kind: Kind) -> frozenset[str]:
    """Return the extensions that a post of this shape takes."""
    if shape.formats:
        return shape.formats
    if kind is Kind.VIDEO:
        return VIDEO_EXTENSIONS
    if kind is Kind.STORY:
        return IMAGE_EXTENSIONS | VIDEO_EXTENSIONS
    return IMAGE_EXTENSIONS


def _sources(post: Post, sources: frozenset[Source]) -> Iterator[Problem]:
    for position, media in enumerate(post.media):
        source = _source(media)
        if source not in sources:
            offered = " or ".join(sorted(sources))
            message = f"cannot be given by {source}; this provider takes {offered}"
            yield Problem(f"media[{position}]", message)


def _source(media: Media) -> Source:
    if media.url is not None:
        return Source.URL
    return Source.ID if media.id is not None else Source.PATH


def _texts(post: Post, shape: Shape, account: Account | None) -> Iterator[Problem]:
    size = length(post.caption, shape.caption_unit)
    ceilings = [shape.caption_max, account.caption_max if account else None]
    ceiling = min((each for each in ceilings if each is not None), default=None)
    if ceiling is not None and size > ceiling:
        message = f"has {size} {shape.caption_unit}; at most {ceiling} are allowed"
        yield Problem("caption", message)
    if shape.caption_required and not post.caption.strip():
        yield Problem("caption", "is required")
    if shape.hashtags_max is not None and hashtags(post.caption) > shape.hashtags_max:
        yield Problem("caption", f"has more than {shape.hashtags_max} hashtags")
    yield from _title(post, shape)


def _title(post: Post, shape: Shape) -> Iterator[Problem]:
    size = length(post.title, shape.title_unit)
    if shape.title_required and not post.title.strip():
        yield Problem("title", "is required")
    if shape.title_max == 0 and post.title:
        yield Problem("title", f"is not offered for {post.kind!s} on {post.platform}")
    elif shape.title_max is not None and size > shape.title_max:
        message = f"has {size} {shape.title_unit}; at most {shape.title_max} are allowed"
        yield Problem("title", message)


def _alt_texts(post: Post, shape: Shape) -> Iterator[Problem]:
    if not any(post.alt_texts):
        return
    if shape.alt_text_max == 0:
        message = f"are not offered for {post.kind!s} on {post.platform}"
        yield Problem("alt_texts", message)
        return
    if len(post.alt_texts) > len(post.media):
        yield Problem("alt_texts", f"{len(post.alt_texts)} texts for {len(post.media)} media")
    for position, text in enumerate(post.alt_texts):
        if len(text) > shape.alt_text_max:
            message = f"has {len(text)} characters; at most {shape.alt_text_max} are allowed"
            yield Problem(f"alt_texts[{position}]", message)


def _options(post: Post, shape: Shape) -> Iterator[Problem]:
    for name in post.options:
        if name not in shape.options:
            offered = ", ".join(sorted(shape.options)) or "none"
            place = f"{post.kind!s} on {post.platform}"
            yield Problem(f"options.{name}", f"is not offered for {place}; offered: {offered}")
    for name in sorted(shape.required_options - set(post.options)):
        yield Problem(f"options.{name}", "is required")
    if post.inbox and "post_mode" in shape.options and not shape.inbox:
        place = f"{post.kind!s} on {post.platform}"
        yield Problem("options.post_mode", f"inbox is not offered for {place}")
    cover = post.options.get("cover_index")
    if cover is not None and cover >= len(post.media):
        message = f"{cover} is outside the {len(post.media)} media (counted from 0)"
        yield Problem("options.cover_index", message)
