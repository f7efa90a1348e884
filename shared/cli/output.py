"""Output: JSON for scripts, tables for people; colours and boxes only on a terminal."""

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.cli.streams import is_unicode
from shared.domain.duration import show_duration

#: A caption or a name may hold these, and a terminal would obey them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def emit(value: object) -> None:
    """Print one JSON value on one line."""
    print(json.dumps(value, ensure_ascii=not is_unicode(sys.stdout)), flush=True)


def instant(moment: datetime | None) -> str | None:
    """Return the moment as JSON has it: ISO 8601 in UTC with milliseconds and Z."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def shown(value: object) -> str:
    """Return a value as people read it in a table."""
    match value:
        case None:
            return "-"
        case True | False:
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        case timedelta():
            return show_duration(value)
        case _:
            return _CONTROL.sub(" ", str(value)).strip()


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: drawn on a terminal, else aligned by spaces and never cut."""
    cells = [[shown(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _draw(columns, cells)
        return
    lines = [list(columns), *cells]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


def _draw(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    Console().print(table)
