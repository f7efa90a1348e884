"""CSV as raw rows: columns in any order and case, comma, semicolon or tab, with or without BOM."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.domain.options import OPTIONS
from shared.errors import InputError
from shared.rows.cells import CellError, list_cell, media_cell, object_cell, option_cell
from shared.rows.found import Found
from shared.rows.reading import ALIASES, FIELDS

_DELIMITERS = (",", ";", "\t")
_KNOWN = frozenset((*FIELDS, *ALIASES, *OPTIONS, *(f"options.{name}" for name in OPTIONS)))


class _Lines(Protocol):
    """The records of a CSV reader, which counts the lines it took."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def read_table(text: str) -> Iterator[Found]:
    """Yield problems of the header, then the rows; a broken row does not end the reading."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns = _header(lines)
    yield from _header_problems(columns)
    row = 0
    for line, cells in _records(lines):
        if isinstance(cells, list) and not any(cell.strip() for cell in cells):
            continue
        row += 1
        yield _found(row, line, columns, cells)


def _delimiter(text: str) -> str:
    header = text.lstrip("\r\n").split("\n", 1)[0]

    def known_columns(delimiter: str) -> int:
        return sum(name.strip(' "\r').lower() in _KNOWN for name in header.split(delimiter))

    return max(_DELIMITERS, key=known_columns)


def _header(lines: _Lines) -> list[str]:
    try:
        header = next((cells for cells in lines if cells), [])
    except csv.Error as wrong:
        raise InputError(f"has a header that is not CSV: {wrong}") from None
    columns = [name.strip().lower() for name in header]
    if not any(name in _KNOWN for name in columns):
        known = ", ".join(FIELDS)
        raise InputError(f"has no header: its first line must name columns such as {known}")
    return columns


def _header_problems(columns: Sequence[str]) -> Iterator[Found]:
    known = ", ".join((*FIELDS, *ALIASES))
    for name in dict.fromkeys(columns):
        if name and name not in _KNOWN:
            message = f"is not a column; known are {known}, and the options by their names"
            yield Found(row=0, field=name, problem=message)
        elif name and columns.count(name) > 1:
            yield Found(row=0, field=name, problem="stands twice among the columns")


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


def _found(row: int, line: int, columns: Sequence[str], cells: list[str] | csv.Error) -> Found:
    if isinstance(cells, csv.Error):
        return Found(row=row, line=line, problem=f"is not CSV: {cells}")
    if len(cells) != len(columns):
        message = f"has {len(cells)} cells where the header has {len(columns)}"
        return Found(row=row, line=line, problem=message)
    given = {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
    if given.get("", "").strip():
        return Found(row=row, line=line, problem="has a cell in a column without a name")
    try:
        return Found(row=row, line=line, raw=_raw(given))
    except CellError as wrong:
        return Found(row=row, line=line, field=wrong.field, problem=str(wrong))


def _raw(given: dict[str, str]) -> dict[str, object]:
    """Turn cells into the raw row that the other formats give."""
    raw: dict[str, object] = {}
    options: dict[str, object] = {}
    for name, cell in given.items():
        option = name.removeprefix("options.")
        if name == "options":
            _add_options(options, object_cell(name, cell))
        elif name == "media":
            raw[name] = media_cell(cell)
        elif name == "alt_texts":
            raw[name] = list_cell(cell)
        elif option in OPTIONS and cell.strip():
            _add_options(options, {option: option_cell(option, cell)})
        elif name in FIELDS or name in ALIASES:
            raw[name] = cell if name in {"caption", "text", "title"} else cell.strip() or None
    return {**raw, "options": options} if options else raw


def _add_options(options: dict[str, object], more: dict[str, object]) -> None:
    for name, value in more.items():
        if name in options:
            raise CellError(f"options.{name}", "is given twice")
        options[name] = value
