"""What a check writes beside the rows of an annotated copy, so that the copy can be read again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.rows.exporting import plain

COLUMNS = ("check_verdict", "check_errors", "check_warnings")


@dataclass(frozen=True, slots=True)
class Annotations:
    """Where they stand in a table, if it is such a copy."""

    positions: frozenset[int]

    @classmethod
    def among(cls, columns: Sequence[str]) -> "Annotations":
        """Find them in a header."""
        names = enumerate(name.strip().lower() for name in columns)
        return cls(frozenset(at for at, name in names if name in COLUMNS))

    def __bool__(self) -> bool:
        return bool(self.positions)

    def left_out(self, cells: Sequence[str]) -> list[str]:
        """Return the other cells of a row."""
        return [cell for at, cell in enumerate(cells) if at not in self.positions]

    def taken_back(self, cells: Sequence[str]) -> list[str]:
        """Return the other cells without the apostrophes that made them harmless."""
        return [plain(cell) for cell in self.left_out(cells)]
