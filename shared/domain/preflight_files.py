"""All that can be wrong with the files of a post, from what their first bytes told."""

from collections.abc import Iterator
from datetime import timedelta

from shared.domain.capabilities import Shape
from shared.domain.duration import show_duration
from shared.domain.media_facts import MediaFacts
from shared.domain.post import Kind, Media, MediaType, Post
from shared.domain.preflight import Problem, formats_of

#: Formats of one family, whose brands and extensions are used for each other every day.
_FAMILIES = (
    frozenset({"mp4", "mov", "m4v"}),
    frozenset({"jpg", "jpeg"}),
    frozenset({"heic", "heif"}),
)

#: How far from its ratio a video may be: rounding to even numbers of pixels.
_RATIO_TOLERANCE = 0.01

#: How far a stated duration may be from the file's own.
_DURATION_TOLERANCE = timedelta(seconds=1)


def check_file(post: Post, at: int, facts: MediaFacts, shape: Shape) -> list[Problem]:
    """Return every problem of the file at position `at`."""
    field = f"media[{at}]"
    alien = _alien(field, facts, post.kind)
    if alien:
        return [alien]
    return [
        *_format(field, post.media[at], facts, formats_of(shape, post.kind)),
        *_size(field, facts, shape),
        *_length(field, post, facts, shape),
        *_ratio(field, facts, shape),
    ]


def _alien(field: str, facts: MediaFacts, kind: Kind) -> Problem | None:
    """Return the one problem of a file that is something else; its figures would mean nothing."""
    if facts.size_bytes == 0:
        return Problem(field, "is empty: it has no bytes")
    page = facts.format == "html" or facts.content_type in {"text/html", "application/json"}
    if page and (not facts.format or facts.format == "html"):
        served = facts.content_type or "HTML"
        return Problem(field, f"is served as {served}: a page or an answer, not a file")
    wanted = {Kind.VIDEO: MediaType.VIDEO, Kind.STORY: None}.get(kind, MediaType.IMAGE)
    if facts.type is MediaType.UNKNOWN:
        if facts.format:
            return None
        message = "tells neither by its bytes nor by its type whether it is an image or a video"
        return Problem(field, message, warning=True)
    # Images and videos mixed in one carousel are judged by the formats that it takes.
    if wanted and kind is not Kind.CAROUSEL and facts.type is not wanted:
        return Problem(field, f"is {_an(facts.type)}; {kind!s} takes {_an(wanted)}")
    return None


def _an(word: MediaType) -> str:
    return f"an {word}" if word is MediaType.IMAGE else f"a {word}"


def _format(
    field: str, media: Media, facts: MediaFacts, accepted: frozenset[str]
) -> Iterator[Problem]:
    if facts.format and not accepted & _family(facts.format):
        names = ", ".join(sorted(accepted))
        yield Problem(field, f"is {facts.format} by its bytes; accepted are {names}")
    elif facts.format and facts.format not in accepted and facts.format not in {"jpg", "heic"}:
        message = f"is {facts.format} by its bytes, close to what is accepted but not the same"
        yield Problem(field, message, warning=True)
    elif facts.format and media.extension and media.extension not in _family(facts.format):
        message = f"is named .{media.extension} and is {facts.format} by its bytes"
        yield Problem(field, message, warning=True)
    served = facts.content_type.partition("/")[0]
    if facts.format and served and served != facts.type:
        message = f"is {facts.format}, but its server says {facts.content_type}"
        yield Problem(field, message, warning=True)


def _family(format_: str) -> frozenset[str]:
    return next((each for each in _FAMILIES if format_ in each), frozenset({format_}))


def _size(field: str, facts: MediaFacts, shape: Shape) -> Iterator[Problem]:
    rules = shape.files
    is_video = facts.type is MediaType.VIDEO
    ceiling = rules.video_bytes_max if is_video else rules.image_bytes_max
    if ceiling is not None and facts.size_bytes is not None and facts.size_bytes > ceiling:
        message = f"has {_megabytes(facts.size_bytes)}; at most {_megabytes(ceiling)} are allowed"
        yield Problem(field, message)
    if facts.width == 0 or facts.height == 0:
        yield Problem(field, f"is {facts.width} x {facts.height}: it has no pixels")


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def _length(field: str, post: Post, facts: MediaFacts, shape: Shape) -> Iterator[Problem]:
    lasts, rules = facts.duration, shape.files
    if lasts is None or facts.type is not MediaType.VIDEO:
        return
    doubtful = rules.duration_is_doubtful
    by_whom = " by older versions of the service" if doubtful else ""
    if rules.video_shortest is not None and lasts < rules.video_shortest:
        message = (
            f"lasts {_shown(lasts)}; at least {_shown(rules.video_shortest)} is needed{by_whom}"
        )
        yield Problem(field, message, doubtful)
    if rules.video_longest is not None and lasts > rules.video_longest:
        message = (
            f"lasts {_shown(lasts)}; at most {_shown(rules.video_longest)} is allowed{by_whom}"
        )
        yield Problem(field, message, doubtful)
    yield from _cover(post, lasts)
    yield from _stated(post, lasts)


def _cover(post: Post, lasts: timedelta) -> Iterator[Problem]:
    cover_ms = post.options.get("cover_timestamp_ms")
    if cover_ms is not None and timedelta(milliseconds=cover_ms) > lasts:
        message = f"{cover_ms} ms is outside the video, which lasts {_shown(lasts)}"
        yield Problem("options.cover_timestamp_ms", message)


def _stated(post: Post, lasts: timedelta) -> Iterator[Problem]:
    stated = post.options.get("video_duration_s")
    if stated is not None and abs(timedelta(seconds=stated) - lasts) > _DURATION_TOLERANCE:
        message = f"says {stated:g} s; the video lasts {_shown(lasts)}"
        yield Problem("options.video_duration_s", message, warning=True)


def _shown(lasts: timedelta) -> str:
    whole = lasts.total_seconds()
    return f"{whole:.1f} s" if whole % 1 else show_duration(lasts)


def _ratio(field: str, facts: MediaFacts, shape: Shape) -> Iterator[Problem]:
    wanted = shape.files.video_ratio
    if wanted is None or facts.type is not MediaType.VIDEO or not facts.width or not facts.height:
        return
    if abs(facts.width / facts.height * wanted[1] / wanted[0] - 1) > _RATIO_TOLERANCE:
        message = f"is {facts.width} x {facts.height}; only {wanted[0]}:{wanted[1]} is taken"
        yield Problem(field, message)
