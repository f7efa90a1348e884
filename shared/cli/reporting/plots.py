"""Plots as inline SVG: bars that are stacked, and columns; no script, and every word escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

WIDTH = 720
_LABEL, _BAR, _GAP, _TALL, _TEXT = 310, 18, 6, 160, 12
_OTHER = "#8d99ae"
#: Characters of a label that fit beside its bar; wider letters than the common ones leave less.
_MOST = 44


def stacked(rows: Sequence[tuple[str, Mapping[str, int]]], colours: Mapping[str, str]) -> str:
    """Return one bar for each row, as long as its counts, each part in its colour."""
    longest = max((sum(counts.values()) for _, counts in rows), default=0)
    parts: list[str] = []
    for at, (label, counts) in enumerate(rows):
        top = at * (_BAR + _GAP)
        parts.append(_words(_LABEL - 8, top + _BAR - 5, _short(label), anchor="end", whole=label))
        parts.extend(_bar(top, counts, colours, longest))
    return _svg(len(rows) * (_BAR + _GAP), parts)


def columns(heights: Sequence[tuple[str, int]], colour: str = _OTHER) -> str:
    """Return one column for each label, as high as its count."""
    highest = max((count for _, count in heights), default=0)
    wide = WIDTH / max(len(heights), 1)
    parts: list[str] = []
    for at, (label, count) in enumerate(heights):
        tall = _share(count, highest) * _TALL
        left, top = at * wide, _TEXT + 4 + _TALL - tall
        parts.append(_box(left + 2, top, wide - 4, tall, colour, f"{label}: {count}"))
        middle = left + wide / 2
        parts.append(_words(middle, top - 3, str(count) if count else "", anchor="middle"))
        parts.append(_words(middle, _TALL + 2 * _TEXT + 6, label, anchor="middle"))
    return _svg(_TALL + 2 * _TEXT + 12, parts)


def legend(colours: Mapping[str, str]) -> str:
    """Return which colour stands for what, as HTML."""
    return " ".join(
        f'<span class="key"><span style="background:{escape(colour, quote=True)}"></span>'
        f"{escape(name)}</span>"
        for name, colour in colours.items()
    )


def _bar(
    top: int, counts: Mapping[str, int], colours: Mapping[str, str], longest: int
) -> Iterable[str]:
    room = WIDTH - _LABEL - 50
    left = float(_LABEL)
    for name, count in counts.items():
        wide = _share(count, longest) * room
        yield _box(left, top, wide, _BAR, colours.get(name, _OTHER), f"{name}: {count}")
        left += wide
    yield _words(left + 6, top + _BAR - 5, str(sum(counts.values())))


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


def _box(left: float, top: float, wide: float, tall: float, colour: str, title: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(wide, 0):.1f}" height="{tall:.1f}"'
        f' fill="{escape(colour, quote=True)}"><title>{escape(title)}</title></rect>'
    )


def _short(label: str) -> str:
    """Leave out the middle of a label that is too long: its ends tell it apart."""
    half = _MOST // 2
    return label if len(label) <= _MOST else f"{label[: half - 1]}\u2026{label[-half:]}"


def _words(left: float, base: float, text: str, *, anchor: str = "start", whole: str = "") -> str:
    if not text:
        return ""
    title = f"<title>{escape(whole)}</title>" if whole not in {"", text} else ""
    return (
        f'<text x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}" font-size="{_TEXT}">'
        f"{title}{escape(text)}</text>"
    )


def _svg(height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {max(height, 1)}"'
        f' width="{WIDTH}" role="img">{"".join(parts)}</svg>'
    )
