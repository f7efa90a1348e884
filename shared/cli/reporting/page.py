"""A report as one page that needs nothing else: no script, no style sheet, no picture."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from shared.cli.output import shown
from shared.cli.reporting.figures import Account, Figures, counts_of, lateness_of
from shared.cli.reporting.plots import columns, legend, stacked
from shared.cli.reporting.tables import Table, tables_of
from shared.domain.states import State
from shared.ledger.reports import ReportedJob

COLOURS: Mapping[str, str] = {
    State.SUCCEEDED: "#2a9d8f",
    State.FAILED: "#d1495b",
    State.HELD: "#edae49",
    State.CANCELLED: "#8d99ae",
    "moving": "#5b8ef0",
}

#: Seconds up to which a post counts to a column of the lateness.
_BOUNDS = (0.1, 1, 5, 15, 60, 300, 3_600)

#: More accounts than that make no plot that anybody reads; the table has them all.
_BARS = 60

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;font-size:13px}
th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
h1{margin-bottom:0}h2{margin-top:2rem}svg{max-width:100%;height:auto}.scroll{overflow-x:auto}
.key{margin-right:1rem}
.key span{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem}
"""


def page_of(figures: Figures) -> str:
    """Return the whole page."""
    return "".join(_parts(figures))


def _parts(figures: Figures) -> Iterator[str]:
    title = escape(f"Campaign {figures.seen.campaign}")
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
    yield f"<h1>{title}</h1>\n<p>{escape(figures.seen.line())}; as of {shown(figures.at)}</p>\n"
    yield from _plots(figures)
    for table in tables_of(figures):
        yield _table(table)
    if figures.windows is None:
        yield f"<p>The use of limits is not known: {escape(figures.away)}</p>\n"
    yield "</body></html>\n"


def _plots(figures: Figures) -> Iterator[str]:
    accounts = list(figures.accounts.items())[:_BARS]
    rows = [(_label(who, figures.name_of(who), of[0].platform), _told(of)) for who, of in accounts]
    if rows:
        yield f"<h2>What became of the posts</h2>\n<p>{legend(COLOURS)}</p>\n"
        yield stacked(rows, COLOURS) + "\n"
    if len(figures.accounts) > _BARS:
        yield f"<p>The first {_BARS} of {len(figures.accounts)} accounts.</p>\n"
    late = lateness_of(figures.jobs)
    if late:
        yield "<h2>How late they left</h2>\n" + columns(_late_columns(late)) + "\n"


def _label(who: Account, name: str, platform: str) -> str:
    """Return where and who, each said once: `wonda / instagram / bread`."""
    provider, connection, account_id = who
    words = dict.fromkeys((provider, connection, platform, name or account_id))
    return shown(" / ".join(words))


def _told(jobs: Sequence[ReportedJob]) -> dict[str, int]:
    counts = counts_of(jobs)
    told = {name: counts.get(State(name), 0) for name in COLOURS if name != "moving"}
    return told | {"moving": len(jobs) - sum(told.values())}


def _late_columns(seconds: Sequence[float]) -> list[tuple[str, int]]:
    found = []
    before = float("-inf")
    for bound in _BOUNDS:
        found.append((f"up to {_span(bound)}", sum(before < each <= bound for each in seconds)))
        before = bound
    return [*found, ("more", sum(each > before for each in seconds))]


def _span(seconds: float) -> str:
    if seconds >= 3_600:  # noqa: PLR2004 - an hour
        return f"{seconds / 3_600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"  # noqa: PLR2004


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(str(each))}</th>" for each in table.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in table.rows)
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{rows}</tbody></table></div>\n"
    )


def _cell(value: object) -> str:
    text = escape(shown(value), quote=True)
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return f'<td><a href="{text}" rel="noreferrer noopener">{text}</a></td>'
    return f"<td>{text}</td>"
