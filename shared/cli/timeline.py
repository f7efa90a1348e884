"""The picture of a plan in a terminal: a bar of each connection and account over time."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from rich.console import Console
from rich.text import Text

from shared.plan.chart import Chart, Row, chart, shortened
from shared.plan.model import Place
from shared.plan.outcome import Plan

#: How full a step is, from nothing to the busiest of its row.
_BLOCKS = " ▁▂▃▄▅▆▇█"

_NAME = 22
_TOTAL = 12
_WIDEST = 96
_NARROWEST = 30
_ACCOUNTS = 12


def show_timeline(
    plan: Plan,
    deadline: datetime | None,
    zone: tzinfo | None = None,
    names: Mapping[Place, str] | None = None,
) -> None:
    """Print the picture as wide as the terminal; late posts are red, the deadline is a line."""
    if not any(each.sent_at for each in plan.posts):
        return
    console = Console(highlight=False)
    width = min(max(console.width - _NAME - _TOTAL - 2, _NARROWEST), _WIDEST)
    drawn = chart(plan, width, _ACCOUNTS, deadline, names)
    console.print(_scale(drawn, zone or UTC), no_wrap=True, overflow="crop")
    for row in drawn.rows:
        console.print(_line(row, drawn, deadline), no_wrap=True, overflow="crop")
    if drawn.left_out:
        console.print(f"... and {drawn.left_out} more accounts")


def _scale(drawn: Chart, zone: tzinfo) -> Text:
    begins, ends = (
        f"{each.astimezone(zone):%m-%d %H:%M:%S}" for each in (drawn.begins, drawn.ends)
    )
    room = max(drawn.steps - len(begins) - len(ends), 1)
    return Text(" " * (_NAME + 1) + begins + " " * room + ends)


def _line(row: Row, drawn: Chart, deadline: datetime | None) -> Text:
    name = row.name if row.is_connection else f"  {row.name}"
    line = Text(f"{shortened(name, _NAME):<{_NAME}} ", style="bold" if row.is_connection else "")
    most = max(row.counts)
    place = None if deadline is None else (deadline - drawn.begins) // drawn.step
    for step, count in enumerate(row.counts):
        if step == place and not count:
            line.append("|", style="red")
            continue
        block = _BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] if most else " "
        line.append(block, style="red" if row.late[step] else "green")
    line.append(f" {row.total}")
    return line
