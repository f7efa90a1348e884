"""WebM and Matroska: how long and how large, from the elements of RFC 9559 (EBML, RFC 8794)."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.preflight.files.bytes_at import number

_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_SCALE, _DURATION, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0xB0, 0xBA
_CLUSTER = 0x1F43B675

#: Nanoseconds in a tick where the file does not say (RFC 9559, 5.1.2.9).
_DEFAULT_SCALE = 1_000_000
_ELEMENTS_MAX = 1024
_LONGEST_SECONDS = timedelta(days=30).total_seconds()

_FLOATS = {4: ">f", 8: ">d"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its content is bytes[start:end], of which fewer may be there."""

    id: int
    start: int
    end: int


def read_webm(head: bytes) -> tuple[timedelta | None, tuple[int, int] | None]:
    """Return the duration and the size of the first video track, as far as the head has them."""
    duration, size = None, None
    for segment in _elements(head, 0, len(head)):
        if segment.id != _SEGMENT:
            continue
        for part in _elements(head, segment.start, segment.end):
            if part.id == _INFO:
                duration = _duration(head, part)
            elif part.id == _TRACKS:
                size = size or _size(head, part)
            elif part.id == _CLUSTER:
                break
    return duration, size


def _elements(content: bytes, start: int, end: int) -> Iterator[Element]:
    at = start
    for _ in range(_ELEMENTS_MAX):
        if at >= min(end, len(content)):
            return
        name = _varying(content, at, keep_marker=True)
        if name is None:
            return
        length = _varying(content, at + name[1], keep_marker=False)
        if length is None:
            return
        begin = at + name[1] + length[1]
        unknown = length[0] == 2 ** (7 * length[1]) - 1
        at = end if unknown else begin + length[0]
        yield Element(name[0], begin, at)


def _varying(content: bytes, at: int, *, keep_marker: bool) -> tuple[int, int] | None:
    """Return a number of 1 to 8 bytes, whose first bits say how many, and that length."""
    first = number(content, at, 1)
    if not first:
        return None
    length = 9 - first.bit_length()
    value = number(content, at, length)
    if value is None:
        return None
    return (value if keep_marker else value & (1 << 7 * length) - 1), length


def _duration(content: bytes, info: Element) -> timedelta | None:
    scale, ticks = _DEFAULT_SCALE, None
    for element in _elements(content, info.start, info.end):
        if element.id == _SCALE:
            scale = _unsigned(content, element) or _DEFAULT_SCALE
        elif element.id == _DURATION:
            ticks = _float(content, element)
    seconds = (ticks or 0) * scale / 1_000_000_000
    return timedelta(seconds=seconds) if 0 < seconds <= _LONGEST_SECONDS else None


def _size(content: bytes, tracks: Element) -> tuple[int, int] | None:
    for track in _elements(content, tracks.start, tracks.end):
        for part in _elements(content, track.start, track.end) if track.id == _TRACK else ():
            if part.id == _VIDEO:
                found = {
                    element.id: _unsigned(content, element)
                    for element in _elements(content, part.start, part.end)
                }
                width, height = found.get(_WIDTH), found.get(_HEIGHT)
                return (width, height) if width and height else None
    return None


def _unsigned(content: bytes, element: Element) -> int | None:
    length = element.end - element.start
    return number(content, element.start, length) if 0 < length <= 8 else None  # noqa: PLR2004


def _float(content: bytes, element: Element) -> float | None:
    form = _FLOATS.get(element.end - element.start)
    part = content[element.start : element.end]
    if form is None or len(part) != struct.calcsize(form):
        return None
    value: float = struct.unpack(form, part)[0]
    return value if math.isfinite(value) else None
