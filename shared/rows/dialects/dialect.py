"""The port that a dialect fills: whether a header is its own, and what its rows say."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.rows.defaults import Defaults
from shared.rows.found import Found


class Reader(Protocol):
    """Reads the rows under one header."""

    def header(self) -> Iterator[Found]:
        """Yield what is to be said of the header."""
        ...

    def read(self, row: int, line: int, cells: Sequence[str]) -> Iterator[Found]:
        """Yield the jobs of one row."""
        ...

    def end(self) -> Iterator[Found]:
        """Yield what can be said only after the last row."""
        ...


class Dialect(Protocol):
    """One way of writing posts into a table."""

    @property
    def name(self) -> str: ...

    def known(self, columns: Sequence[str]) -> int:
        """Return how many of these columns it knows; 0 when the header is not its own."""
        ...

    def lacking(self, columns: Sequence[str]) -> str:
        """Return what a header lacks for this dialect, in words; '' when nothing."""
        ...

    def reader(self, columns: Sequence[str], defaults: Defaults) -> Reader: ...
