"""How a table is laid out: its delimiter, its dialect and its columns, from its first lines."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.errors import InputError
from shared.rows.defaults import Defaults
from shared.rows.dialects import CANONICAL, FOREIGN, HEADERLESS, NAMES, Dialect
from shared.rows.reading import FIELDS

#: Characters in which the first record of a table must end.
HEAD = 1 << 16
_DELIMITERS = (",", ";", "\t")
#: Excel's own note of the delimiter.
_STATED = re.compile(r"^\s*\"?sep=(.)\"?\r?\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """What must be known of a table before its rows can be read."""

    dialect: Dialect
    delimiter: str
    columns: Sequence[str]
    #: Characters before the first record.
    skipped: int = 0

    @property
    def has_header(self) -> bool:
        return self.dialect is not HEADERLESS


def find_layout(head: str, defaults: Defaults) -> Layout:
    """Return the layout of the table that begins so. Raises InputError."""
    stated = _STATED.match(head)
    skipped = stated.end() if stated else 0
    delimiters = (stated[1],) if stated else _DELIMITERS
    firsts = list(_first_records(head[skipped:], delimiters))
    for dialects in _candidates(defaults.dialect):
        found = [
            (
                _known(dialect, columns, named=defaults.dialect is not None),
                Layout(dialect, delimiter, columns, skipped),
            )
            for dialect in dialects
            for delimiter, columns in firsts
        ]
        known, layout = max(found, key=lambda each: each[0], default=(0, None))
        if known and layout is not None:
            return layout
    raise InputError(_unknown(firsts, defaults.dialect))


def _known(dialect: Dialect, columns: Sequence[str], *, named: bool) -> int:
    """Return how many columns it knows; of a table that is named its first row may be wrong."""
    if named and dialect is HEADERLESS:
        return HEADERLESS.fits(columns)
    return dialect.known(columns)


def _candidates(name: str | None) -> list[Sequence[Dialect]]:
    """Return the dialects to try, those of one rank together."""
    if name is None:
        return [FOREIGN, [CANONICAL], [HEADERLESS]]
    return [[each for each in (CANONICAL, *FOREIGN, HEADERLESS) if each.name == name]]


def _first_records(text: str, delimiters: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the first record as each delimiter makes it; raises InputError when none does."""
    wrong = None
    readable = 0
    for delimiter in delimiters:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            columns = next((cells for cells in lines if any(map(str.strip, cells))), [])
        except csv.Error as error:
            wrong = error
            continue
        readable += 1
        yield delimiter, columns
    if not readable:
        raise InputError(f"has a header that is not CSV: {wrong}")


def _unknown(firsts: Sequence[tuple[str, Sequence[str]]], name: str | None) -> str:
    if name is None:
        return (
            f"has no header: its first line must name columns such as {', '.join(FIELDS)},"
            f" or be that of another tool ({', '.join(NAMES[1:-1])}); a table of date, message,"
            " link without a header begins with a time, or is named: --dialect headerless"
        )
    dialect = _candidates(name)[0][0]
    lacking = min((dialect.lacking(columns) for _, columns in firsts), key=len, default="")
    if not lacking:
        return f"is not of dialect {name}: its first row must have two or three cells"
    return f"is not of dialect {name}: its header lacks {lacking}"
