"""The picture of a plan as SVG, or as one HTML page that needs nothing beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from html import escape
from pathlib import Path

from shared.errors import InputError
from shared.plan.chart import Chart, Row, chart, shortened
from shared.plan.model import Place
from shared.plan.outcome import Plan, WindowUsed
from shared.plan.scale import marks

_KINDS = (".svg", ".html")
_STEPS = 160
_ACCOUNTS = 60
_LEFT, _WIDTH, _RIGHT = 210, 960, 110
_HEIGHT, _TOP, _BOTTOM, _STEP = 16, 72, 50, 6
_NAME = 30
_MARKS = 8
_WINDOWS = 60

_STYLE = (
    "text{font:11px sans-serif;fill:#333}.name{text-anchor:end}.whole{font-weight:bold}"
    ".head{font-size:13px;font-weight:bold}.day{fill:#777}.on{fill:#2a7}.late{fill:#c33}"
    ".grid{stroke:#ddd}.by{stroke:#c33;stroke-dasharray:4 3}.due{fill:#c33}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn: a plan, what was asked of it, and what people call its accounts."""

    plan: Plan
    deadline: datetime | None = None
    zone: tzinfo = UTC
    names: Mapping[Place, str] = field(default_factory=dict)
    #: What is said of the plan; the first line is its heading.
    lines: Sequence[str] = ()


def require_picture(path: Path | None) -> None:
    """Raise InputError for a picture that could not be drawn, before anything is planned."""
    if path is None:
        return
    if path.suffix.lower() not in _KINDS:
        raise InputError(f"--out {path}: the extension must be one of {', '.join(_KINDS)}")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.absolute().parent}")


def write_picture(path: Path, drawing: Drawing) -> None:
    """Write the picture whole. Raises InputError where it cannot be written."""
    text = _page(drawing) if path.suffix.lower() == ".html" else svg(drawing)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise InputError(f"--out {path} cannot be written: {wrong.strerror}") from None


def svg(drawing: Drawing) -> str:
    """Return the picture: a row for each connection and account, late posts in red."""
    drawn = chart(drawing.plan, _STEPS, _ACCOUNTS, drawing.deadline, drawing.names)
    foot = _TOP + len(drawn.rows) * (_HEIGHT + 4)
    width, height = _LEFT + _WIDTH + _RIGHT, foot + _BOTTOM
    heading = escape(drawing.lines[0] if drawing.lines else "Plan")
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img"><title>{heading}</title>'
            f"<style>{_STYLE}</style>"
            f'<rect width="{width}" height="{height}" fill="#fff"/>'
            f'<text class="head" x="10" y="20">{heading}</text>'
        ),
        *_grid(drawn, drawing.zone, foot),
        *(
            part
            for place, row in enumerate(drawn.rows)
            for part in _row(row, drawn, place, drawing)
        ),
        *_deadline(drawn, drawing, foot),
        *_legend(drawn, foot + 38),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(drawn: Chart, zone: tzinfo, foot: int) -> Iterator[str]:
    yield f'<text class="day" x="10" y="56">{escape(str(zone))}</text>'
    for mark in marks(drawn.begins, drawn.ends, zone, _MARKS):
        x = f"{_LEFT + _WIDTH * (drawn.share(mark.at) or 0):.1f}"
        yield f'<line class="grid" x1="{x}" y1="{_TOP - 10}" x2="{x}" y2="{foot}"/>'
        yield f'<text class="day" x="{x}" y="42" text-anchor="middle">{mark.day}</text>'
        yield f'<text x="{x}" y="56" text-anchor="middle">{mark.time}</text>'


def _row(row: Row, drawn: Chart, place: int, drawing: Drawing) -> Iterator[str]:
    y = _TOP + place * (_HEIGHT + 4)
    most = max(row.counts) or 1
    kind = "name whole" if row.is_connection else "name"
    name = escape(shortened(row.name, _NAME))
    yield f'<text class="{kind}" x="{_LEFT - 8}" y="{y + 12}">{name}</text>'
    for step, count in enumerate(row.counts):
        if count:
            at = (drawn.begins + step * drawn.step).astimezone(drawing.zone)
            late = row.late[step]
            told = f"{count} posts from {at:%a %H:%M:%S}" + (f", {late} late" if late else "")
            yield f"<g><title>{escape(row.name)}: {told}</title>"
            yield from _bar(_LEFT + step * _STEP, y + _HEIGHT, count / most, late / count)
            yield "</g>"
    yield f'<text x="{_LEFT + _WIDTH + 8}" y="{y + 12}">{row.total}</text>'


def _bar(x: int, foot: int, full: float, late: float) -> Iterator[str]:
    """Draw a step: what is late stands on what is not."""
    tall = max(_HEIGHT * full, 2)
    red = tall * late
    for kind, top, height in (("late", tall, red), ("on", tall - red, tall - red)):
        if height:
            yield (
                f'<rect class="{kind}" x="{x}" y="{foot - top:.1f}"'
                f' width="{_STEP - 1}" height="{height:.1f}"/>'
            )


def _deadline(drawn: Chart, drawing: Drawing, foot: int) -> Iterator[str]:
    if drawing.deadline is None:
        return
    by = f"by {drawing.deadline.astimezone(drawing.zone):%a %Y-%m-%d %H:%M}"
    share = drawn.share(drawing.deadline)
    if share is None:
        share, by = 1, f"{by} (not in the picture)"
    x = _LEFT + _WIDTH * share
    anchor = "end" if share > 1 / 2 else "start"
    if drawn.share(drawing.deadline) is not None:
        yield f'<line class="by" x1="{x:.1f}" y1="{_TOP - 10}" x2="{x:.1f}" y2="{foot + 4}"/>'
    yield f'<text class="due" x="{x:.1f}" y="{foot + 15}" text-anchor="{anchor}">{by}</text>'


def _legend(drawn: Chart, y: int) -> Iterator[str]:
    more = f"; and {drawn.left_out} more accounts" if drawn.left_out else ""
    yield (
        f'<rect class="on" x="{_LEFT}" y="{y - 9}" width="10" height="10"/>'
        f'<text x="{_LEFT + 15}" y="{y}">posts that leave</text>'
        f'<rect class="late" x="{_LEFT + 115}" y="{y - 9}" width="10" height="10"/>'
        f'<text x="{_LEFT + 130}" y="{y}">more than a minute late;'
        f" heights: each row by its own busiest moment{more}</text>"
    )


def _page(drawing: Drawing) -> str:
    style = (
        "body{font:14px sans-serif;margin:2em;color:#333}svg{max-width:100%;height:auto}"
        "td,th{padding:2px 10px;text-align:left}"
    )
    said = "".join(f"<p>{escape(each)}</p>\n" for each in drawing.lines[1:])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Plan</title>'
        f"<style>{style}</style></head><body>\n<h1>Plan</h1>\n{svg(drawing)}{said}"
        f"{_windows(drawing.plan.fullest())}</body></html>\n"
    )


def _windows(windows: Sequence[WindowUsed]) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.words)}</td><td>{each.peak}</td><td>{each.share:.0%}</td>"
        f"<td>{each.total}</td></tr>\n"
        for each in windows[:_WINDOWS]
    )
    left = len(windows) - _WINDOWS
    more = f"<p>and {left} windows less full</p>\n" if left > 0 else ""
    head = "<tr><th>window</th><th>most at once</th><th>full</th><th>in all</th></tr>"
    return f"<table>{head}\n{rows}</table>\n{more}" if windows else ""
