"""The picture of a plan in a terminal: a bar of each connection and account over time."""

import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from shared.plan.chart import Chart, Row, chart
from shared.plan.outcome import Plan

#: How full a step is, from nothing to the busiest of its row.
_BLOCKS = " ▁▂▃▄▅▆▇█"

_NAME = 24
_WIDTH = 60
_ACCOUNTS = 12


def show_timeline(plan: Plan, deadline: datetime | None) -> None:
    """Print the picture; late posts are red and the deadline is a line, where there are colours."""
    if not any(each.sent_at for each in plan.posts):
        return
    drawn = chart(plan, _WIDTH, _ACCOUNTS, deadline)
    console = Console(width=_NAME + _WIDTH + 10) if not sys.stdout.isatty() else Console()
    console.print(_scale(drawn), no_wrap=True, highlight=False)
    for row in drawn.rows:
        console.print(_line(row, drawn, deadline), no_wrap=True, highlight=False)
    if drawn.left_out:
        console.print(f"... and {drawn.left_out} more accounts", highlight=False)


def _scale(drawn: Chart) -> Text:
    begins = f"{drawn.begins.astimezone(UTC):%m-%d %H:%M:%S}"
    ends = f"{drawn.ends.astimezone(UTC):%m-%d %H:%M:%S}Z"
    room = _WIDTH - len(begins) - len(ends)
    return Text(" " * (_NAME + 1) + begins + " " * room + ends)


def _line(row: Row, drawn: Chart, deadline: datetime | None) -> Text:
    name = row.name if row.is_connection else f"  {row.name}"
    line = Text(f"{name[:_NAME]:<{_NAME}} ", style="bold" if row.is_connection else "")
    most = max(row.counts)
    place = None if deadline is None else (deadline - drawn.begins) // drawn.step
    for step, count in enumerate(row.counts):
        if step == place and not count:
            line.append("|", style="red")
            continue
        block = _BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] if most else " "
        line.append(block, style="red" if row.late[step] else "green")
    line.append(f" {sum(row.counts)}")
    return line
