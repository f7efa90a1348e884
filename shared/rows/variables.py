"""Values of a drop's placeholders, from a table with a row for each account."""

import csv
from collections.abc import Iterator
from pathlib import Path

from shared.errors import InputError
from shared.rows.encodings import encoding_of
from shared.rows.texts import sound

_ACCOUNT = "account"

#: The account as it is written, and its values by name.
Values = tuple[str, dict[str, str]]


def read_variables(path: Path) -> tuple[list[str], list[Values]]:
    """Return the names, and each account's values. Raises InputError with every problem."""
    try:
        with path.open(newline="", encoding=encoding_of(path, table=True).name) as text:
            lines = text.read().splitlines(keepends=True)
    except OSError as wrong:
        raise InputError(f"{path} cannot be read: {wrong.strerror or wrong}") from None
    except ValueError as wrong:
        raise InputError(f"{path} cannot be read: {wrong}") from None
    table = list(csv.reader(lines, delimiter=_delimiter(lines)))
    header = [cell.strip() for cell in table[0]] if table else []
    problems = list(_header_problems(header))
    if problems:
        raise InputError(f"{path} is not a table of variables", problems)
    numbered = [(number, row) for number, row in enumerate(table[1:], 1) if any(row)]
    problems = list(_problems(header, numbered))
    if problems:
        raise InputError(f"{path} is not usable; nothing was written", problems)
    rows = [dict(zip(header, map(str.strip, row), strict=True)) for _, row in numbered]
    return [name for name in header if name != _ACCOUNT], [(row.pop(_ACCOUNT), row) for row in rows]


def _delimiter(lines: list[str]) -> str:
    """Return the comma, or the semicolon that Excel writes in much of Europe."""
    header = lines[0] if lines else ""
    return ";" if header.count(";") > header.count(",") else ","


def _header_problems(header: list[str]) -> Iterator[str]:
    if _ACCOUNT not in header:
        yield "the header has no column `account`: an id, an @username or connection/account"
    for name in dict.fromkeys(header):
        if not name or set(name) & set("{}"):
            yield f"the header has a column {name!r}; a variable needs a name without braces"
        if header.count(name) > 1:
            yield f"the header has {name!r} {header.count(name)} times"


def _problems(header: list[str], lines: list[tuple[int, list[str]]]) -> Iterator[str]:
    for number, row in lines:
        if len(row) != len(header):
            yield f"row {number} has {len(row)} cells, the header has {len(header)}"
        for cell in row:
            try:
                sound(cell)
            except ValueError as wrong:
                yield f"row {number} {wrong}"
