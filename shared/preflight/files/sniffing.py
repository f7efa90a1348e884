"""What a file is by its first bytes, and where the rest of the answer must be looked for."""

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.media_facts import MediaFacts
from shared.preflight.files.bytes_at import number, pair
from shared.preflight.files.images import (
    Size,
    gif_size,
    heic_size,
    png_size,
    walk_jpeg,
    webp_size,
)
from shared.preflight.files.isobmff import walk_film
from shared.preflight.files.matroska import read_webm

#: What is read of a file at first: enough for every format but those named in `Seen.next_at`.
HEAD_BYTES = 64 * 1024
#: What is read of a film's end, or of a JPEG behind its long comments, once.
TAIL_BYTES = 256 * 1024

_SIZES = {"png": png_size, "gif": gif_size, "webp": webp_size, "heic": heic_size}
_FILMS = frozenset({"mp4", "mov", "m4v"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What the bytes told, and the offset at which the missing part begins, if it is known."""

    facts: MediaFacts
    next_at: int | None = None


def read_head(head: bytes, size_bytes: int | None = None) -> Seen:
    """Read the first bytes of a file of `size_bytes`."""
    facts = MediaFacts(format=format_of(head), size_bytes=size_bytes)
    return _within(_read(facts, head, 0), size_bytes)


def read_tail(seen: Seen, tail: bytes) -> MediaFacts:
    """Read the part at `seen.next_at`."""
    return _read(seen.facts, tail, 0, begun=True).facts


def format_of(head: bytes) -> str:
    """Return the usual extension of the format, or '' where the bytes do not tell."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"AVI ": "avi"}.get(head[8:12], "")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "mkv"
    return _by_brand(head) or _by_text(head)


def _by_brand(head: bytes) -> str:
    """Tell films and HEIF images apart by `ftyp`; old MOV files begin with any other box."""
    kind, brand = head[4:8], head[8:12]
    if kind == b"ftyp":
        if brand in _HEIF_BRANDS:
            return "heic"
        if brand in {b"avif", b"avis"}:
            return "avif"
        return {b"qt  ": "mov", b"M4V ": "m4v", b"M4VH": "m4v", b"M4VP": "m4v"}.get(brand, "mp4")
    return "mov" if kind in {b"moov", b"mdat", b"wide", b"pnot"} else ""


def _by_text(head: bytes) -> str:
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return "svg"
    return ""


def _read(facts: MediaFacts, content: bytes, at: int, *, begun: bool = False) -> Seen:
    if facts.format == "jpg":
        end = walk_jpeg(content, at if begun else at + 2)
        return Seen(_sized(facts, end.size), end.next_at)
    if facts.format in _FILMS:
        film = walk_film(content)
        return Seen(replace(_sized(facts, film.size), duration=film.duration), film.next_at)
    if facts.format in {"webm", "mkv"}:
        duration, size = read_webm(content)
        return Seen(replace(_sized(facts, size), duration=duration))
    if facts.format == "avi":
        return Seen(_avi(facts, content))
    size_of = _SIZES.get(facts.format)
    return Seen(_sized(facts, size_of(content)) if size_of else facts)


def _sized(facts: MediaFacts, size: Size | None) -> MediaFacts:
    return facts if size is None else replace(facts, width=size[0], height=size[1])


def _avi(facts: MediaFacts, head: bytes) -> MediaFacts:
    """Read the main header, which comes first (Microsoft's AVIMAINHEADER)."""
    if head[24:28] != b"avih":
        return facts
    frame_us, frames = number(head, 32, 4, "little"), number(head, 48, 4, "little")
    lasting = timedelta(microseconds=frame_us * frames) if frame_us and frames else None
    return replace(_sized(facts, pair(head, 64, 68, 4, "little")), duration=lasting)


def _within(seen: Seen, size_bytes: int | None) -> Seen:
    """Forget an offset outside the file: there is nothing to ask for."""
    at = seen.next_at
    if at is None or (size_bytes is not None and at >= size_bytes):
        return Seen(seen.facts)
    return seen
