"""MP4 and MOV: how long and how large, from the boxes of ISO/IEC 14496-12."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.preflight.files.bytes_at import number, pair

#: More boxes than this on one level are no film.
_BOXES_MAX = 512
#: A duration of all ones means that it is not known (8.2.2.3).
_UNKNOWN = {4: 2**32 - 1, 8: 2**64 - 1}
#: No film lasts longer; a header that says so is broken.
_LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its content is bytes[start:end], of which fewer may be there."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Film:
    """What a walk over the top boxes found; `next_at` is where `moov` must be looked for."""

    duration: timedelta | None = None
    size: tuple[int, int] | None = None
    next_at: int | None = None


def boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """Iterate the boxes of a stretch, the last of which may reach past the bytes there are."""
    at = start
    for _ in range(_BOXES_MAX):
        length, kind = number(content, at, 4), content[at + 4 : at + 8]
        if length is None or len(kind) < 4 or at >= end:  # noqa: PLR2004
            return
        header = 8
        if length == 1:
            length, header = number(content, at + 8, 8) or 0, 16
        if length == 0:
            length = max(end, len(content)) - at
        if length < header:
            return
        yield Box(kind, at + header, at + length)
        at += length


def walk_film(content: bytes) -> Film:
    """Read `moov` where it is among the top boxes, or say where it would have to begin."""
    at = 0
    for box in boxes(content, 0, 2**63):
        if box.kind == b"moov":
            return _movie(content, box)
        at = box.end
    return Film(next_at=at if at >= len(content) else None)


def _movie(content: bytes, moov: Box) -> Film:
    duration, sizes = None, []
    for box in boxes(content, moov.start, moov.end):
        if box.kind == b"mvhd":
            duration = _duration(content, box)
        elif box.kind == b"trak":
            sizes += [size for size in [_track_size(content, box)] if size]
        elif box.kind == b"mvex":
            duration = duration or _fragments(content, moov, box)
    return Film(duration=duration, size=max(sizes, key=lambda s: s[0] * s[1], default=None))


def _duration(content: bytes, mvhd: Box) -> timedelta | None:
    """Read the movie header; a duration of 0 is one that the fragments have (8.2.2)."""
    wide = number(content, mvhd.start, 1) == 1
    length, at = (8, mvhd.start + 24) if wide else (4, mvhd.start + 16)
    return _lasting(number(content, at, length), _scale(content, mvhd), length)


def _fragments(content: bytes, moov: Box, mvex: Box) -> timedelta | None:
    """Read the whole duration of a film in fragments (8.8.2)."""
    mvhd = next((box for box in boxes(content, moov.start, moov.end) if box.kind == b"mvhd"), None)
    for box in boxes(content, mvex.start, mvex.end):
        if mvhd and box.kind == b"mehd":
            length = 8 if number(content, box.start, 1) == 1 else 4
            units = number(content, box.start + 4, length)
            return _lasting(units, _scale(content, mvhd), length)
    return None


def _scale(content: bytes, mvhd: Box) -> int | None:
    wide = number(content, mvhd.start, 1) == 1
    return number(content, mvhd.start + (20 if wide else 12), 4)


def _lasting(units: int | None, scale: int | None, length: int) -> timedelta | None:
    if not units or not scale or units == _UNKNOWN[length]:
        return None
    seconds = units / scale
    return timedelta(seconds=seconds) if seconds <= _LONGEST.total_seconds() else None


def _track_size(content: bytes, trak: Box) -> tuple[int, int] | None:
    """Read a track header: 16.16 numbers, turned where its matrix turns by 90 degrees (8.3.2)."""
    for box in boxes(content, trak.start, trak.end):
        if box.kind == b"tkhd":
            wide = number(content, box.start, 1) == 1
            matrix = box.start + (52 if wide else 40)
            size = pair(content, matrix + 36, matrix + 40, 4)
            if size is None or not all(each >> 16 for each in size):
                return None
            width, height = (each >> 16 for each in size)
            turned = pair(content, matrix, matrix + 16, 4) == (0, 0)
            return (height, width) if turned else (width, height)
    return None
