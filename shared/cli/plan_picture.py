"""The picture of a plan as SVG, or as one HTML page that needs nothing beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from shared.errors import InputError
from shared.plan.chart import Chart, Row, chart
from shared.plan.outcome import Plan

_KINDS = (".svg", ".html")
_STEPS = 160
_ACCOUNTS = 60
_LEFT, _WIDTH, _HEIGHT, _TOP, _STEP = 190, 960, 16, 34, 6
_MARKS = 6

_STYLE = (
    "text{font:11px sans-serif;fill:#333}.name{text-anchor:end}.whole{font-weight:bold}"
    ".on{fill:#2a7}.late{fill:#c33}.grid{stroke:#ddd}.by{stroke:#c33;stroke-dasharray:4 3}"
)


def require_picture(path: Path | None) -> None:
    """Raise InputError for a picture that could not be drawn, before anything is planned."""
    if path is None:
        return
    if path.suffix.lower() not in _KINDS:
        raise InputError(f"--out {path}: the extension must be one of {', '.join(_KINDS)}")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--out {path}: there is no folder {path.absolute().parent}")


def write_picture(path: Path, plan: Plan, deadline: datetime | None) -> None:
    """Write the picture whole. Raises InputError where it cannot be written."""
    drawn = svg(plan, deadline)
    text = _page(drawn, plan, deadline) if path.suffix.lower() == ".html" else drawn
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise InputError(f"--out {path} cannot be written: {wrong.strerror}") from None


def svg(plan: Plan, deadline: datetime | None) -> str:
    """Return the picture: a row for each connection and account, late posts in red."""
    drawn = chart(plan, _STEPS, _ACCOUNTS, deadline)
    height = _TOP + len(drawn.rows) * (_HEIGHT + 4) + 24
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 60} {height}"'
            f' role="img"><title>{escape(_summary(plan, deadline))}</title><style>{_STYLE}</style>'
        ),
        *_grid(drawn, height),
        *(part for place, row in enumerate(drawn.rows) for part in _row(row, place)),
        *_deadline(drawn, deadline, height),
        *_left_out(drawn, height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(drawn: Chart, height: int) -> Iterator[str]:
    for mark in range(_MARKS + 1):
        x = _LEFT + _WIDTH * mark / _MARKS
        at = drawn.begins + (drawn.ends - drawn.begins) * (mark / _MARKS)
        yield f'<line class="grid" x1="{x:g}" y1="22" x2="{x:g}" y2="{height - 20}"/>'
        yield f'<text x="{x:g}" y="14" text-anchor="middle">{_shown(at)}</text>'


def _row(row: Row, place: int) -> Iterator[str]:
    y = _TOP + place * (_HEIGHT + 4)
    most = max(row.counts) or 1
    kind = "name whole" if row.is_connection else "name"
    yield f'<text class="{kind}" x="{_LEFT - 8}" y="{y + 12}">{escape(row.name[:28])}</text>'
    for step, count in enumerate(row.counts):
        if count:
            tall = max(_HEIGHT * count / most, 2)
            late = row.late[step]
            told = f"{count} posts" + (f", {late} late" if late else "")
            yield (
                f'<rect class="{"late" if late else "on"}" x="{_LEFT + step * _STEP}"'
                f' y="{y + _HEIGHT - tall:.1f}" width="{_STEP - 1}" height="{tall:.1f}">'
                f"<title>{escape(row.name)}: {told}</title></rect>"
            )
    yield f'<text x="{_LEFT + _WIDTH + 8}" y="{y + 12}">{sum(row.counts)}</text>'


def _deadline(drawn: Chart, deadline: datetime | None, height: int) -> Iterator[str]:
    if deadline is not None and drawn.steps:
        x = _LEFT + _WIDTH * ((deadline - drawn.begins) / (drawn.ends - drawn.begins))
        yield f'<line class="by" x1="{x:.1f}" y1="22" x2="{x:.1f}" y2="{height - 20}"/>'


def _left_out(drawn: Chart, height: int) -> Iterator[str]:
    if drawn.left_out:
        yield f'<text x="{_LEFT}" y="{height - 6}">and {drawn.left_out} accounts more</text>'


def _page(drawn: str, plan: Plan, deadline: datetime | None) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.words)}</td><td>{each.peak}</td><td>{each.share:.0%}</td>"
        f"<td>{each.total}</td></tr>"
        for each in plan.windows
    )
    style = "body{font:14px sans-serif;margin:2em}td,th{padding:2px 10px;text-align:left}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Plan</title>'
        f"<style>{style}</style></head><body>\n"
        f"<h1>Plan</h1>\n<p>{escape(_summary(plan, deadline))}</p>\n{drawn}"
        "<table><tr><th>window</th><th>most at once</th><th>full</th><th>in all</th></tr>"
        f"{rows}</table>\n</body></html>\n"
    )


def _summary(plan: Plan, deadline: datetime | None) -> str:
    end = "never" if plan.finish_at is None else _shown(plan.finish_at)
    verdict = "fits" if plan.fits(deadline) else "does not fit"
    by = "" if deadline is None else f" by {_shown(deadline)}"
    late = f"{len(plan.late)} late" + (f"; held back by {plan.binding}" if plan.binding else "")
    return f"{len(plan.posts)} posts, finished {end}: {verdict}{by}; {late}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%a %m-%d %H:%M}Z"
