"""CSV as raw rows, one at a time: whatever its dialect, delimiter and order of columns."""

import csv
from collections.abc import Iterator
from typing import Protocol, TextIO

from shared.rows.annotations import Annotations
from shared.rows.defaults import Defaults
from shared.rows.dialects import CANONICAL
from shared.rows.found import Found, flaw
from shared.rows.layout import HEAD, find_layout


class _Lines(Protocol):
    """The records of a CSV reader, which counts the lines it took."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def read_table(text: TextIO, defaults: Defaults) -> Iterator[Found]:
    """Yield what is said of the header, then the rows; a broken row does not end the reading."""
    layout = find_layout(text.read(HEAD), defaults)
    text.seek(0)
    before = text.read(layout.skipped).count("\n")
    lines = csv.reader(text, delimiter=layout.delimiter, strict=True)
    said = Annotations.among(layout.columns if layout.has_header else ())
    # Our own dialect takes the apostrophes away itself.
    without = said.left_out if layout.dialect is CANONICAL else said.taken_back
    reader = layout.dialect.reader(said.left_out(layout.columns), defaults)
    if layout.has_header:
        _skip_header(lines)
    yield from reader.header()
    row = 0
    for line, cells in _records(lines):
        if isinstance(cells, list) and not any(cell.strip() for cell in cells):
            continue
        row += 1
        if isinstance(cells, csv.Error):
            yield flaw(f"is not CSV: {cells}", row=row, line=before + line)
        else:
            yield from reader.read(row, before + line, without(cells) if said else cells)
    yield from reader.end()


def _skip_header(lines: _Lines) -> None:
    for cells in lines:
        if any(map(str.strip, cells)):
            return


def _records(lines: _Lines) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the cells of each row with the line it starts on, or what is wrong with it."""
    while True:
        line = lines.line_num + 1
        try:
            yield line, next(lines)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield line, wrong
