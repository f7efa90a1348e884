"""How large an image is: PNG, GIF, WebP, JPEG and HEIC by their published layouts."""

from dataclasses import dataclass

from shared.preflight.files.bytes_at import number, pair

Size = tuple[int, int]

#: JPEG markers that stand alone, without a length: TEM and RST0 to SOI (ITU T.81, table B.1).
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
#: Start of frame: C0 to CF without DHT (C4), JPG (C8) and DAC (CC).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9


def png_size(head: bytes) -> Size | None:
    """Read IHDR, which comes first (W3C PNG, 5.6)."""
    return pair(head, 16, 20, 4) if head[12:16] == b"IHDR" else None


def gif_size(head: bytes) -> Size | None:
    """Read the logical screen descriptor (GIF89a, 18)."""
    return pair(head, 6, 8, 2, "little")


def webp_size(head: bytes) -> Size | None:
    """Read the first chunk: lossy, lossless or extended (RFC 9649, 2.5 to 2.7)."""
    chunk = head[12:16]
    if chunk == b"VP8X":
        size = pair(head, 24, 27, 3, "little")
        return None if size is None else (size[0] + 1, size[1] + 1)
    if chunk == b"VP8L":
        bits = number(head, 21, 4, "little")
        return None if bits is None else ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8 ":
        size = pair(head, 26, 28, 2, "little")
        return None if size is None else (size[0] & 0x3FFF, size[1] & 0x3FFF)
    return None


def heic_size(head: bytes) -> Size | None:
    """Return the largest `ispe`: thumbnails and tiles have one too (ISO/IEC 23008-12, 6.5.3)."""
    found: list[Size] = []
    at = head.find(b"ispe")
    while at >= 0:
        size = pair(head, at + 8, at + 12, 4)
        found += [size] if size else []
        at = head.find(b"ispe", at + 4)
    return max(found, key=lambda size: size[0] * size[1], default=None)


@dataclass(frozen=True, slots=True)
class JpegEnd:
    """Where a walk over JPEG's segments came to: a size, or the place where it must go on."""

    size: Size | None = None
    #: Counted from where the walk began; None = there is nothing more to find.
    next_at: int | None = None


def walk_jpeg(content: bytes, at: int) -> JpegEnd:
    """Walk from a marker at `at` to the start of frame (ITU T.81, B.2)."""
    while True:
        marker = number(content, at, 2)
        if marker is None:
            return JpegEnd(next_at=at)
        code = marker & 0xFF
        if marker >> 8 != 0xFF or code in {_SCAN, _END}:  # noqa: PLR2004 - every marker begins so
            return JpegEnd()
        if code in _FRAMES:
            size = pair(content, at + 7, at + 5, 2)
            return JpegEnd(size=size) if size else JpegEnd(next_at=at)
        after = _after(content, at, code)
        if after is None:
            return JpegEnd(next_at=at)
        at = after


def _after(content: bytes, at: int, code: int) -> int | None:
    """Return where the next marker is; fill bytes are markers of a single FF."""
    if code == 0xFF:  # noqa: PLR2004
        return at + 1
    if code in _ALONE:
        return at + 2
    length = number(content, at + 2, 2)
    return None if length is None else at + 2 + max(length, 2)
