"""What a file's format yields: the raw rows in order, and where each stands."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """What is wrong (or, as a warning, left out) in one field of a row."""

    field: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One raw row, or what is wrong with it. Rows are counted from 1, without a header."""

    #: 0 = the header of a table.
    row: int
    #: The line of the file where the row starts, where the format has lines.
    line: int | None = None
    raw: Mapping[str, object] | None = None
    notes: tuple[Note, ...] = ()

    def place(self, file: str) -> str:
        """Say where: `posts.csv row 3, line 4`; a line equal to the row is left out."""
        if self.row == 0:
            return f"{file} header"
        line = f", line {self.line}" if self.line not in {None, self.row} else ""
        return f"{file} row {self.row}{line}"


def flaw(message: str, field: str = "", *, row: int = 0, line: int | None = None) -> Found:
    """Return a row of which nothing can be used, and why."""
    return Found(row=row, line=line, notes=(Note(field, message),))
