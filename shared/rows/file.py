"""Reads a file of jobs: by its extension, a row at a time, each with all that is wrong with it."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from shared.errors import InputError
from shared.rows.defaults import Defaults, has
from shared.rows.documents import read_json, read_json_lines, read_yaml
from shared.rows.encodings import Encoding, encoding_of
from shared.rows.found import Found
from shared.rows.places import located, missing_files
from shared.rows.reading import read_row
from shared.rows.row import Row, RowProblem
from shared.rows.table import read_table

_TABLE = ".csv"
_READERS: Mapping[str, Callable[[TextIO, Defaults], Iterator[Found]]] = {
    ".jsonl": lambda text, _: read_json_lines(text),
    ".json": lambda text, _: read_json(text.read()),
    ".yaml": lambda text, _: read_yaml(text.read()),
    ".yml": lambda text, _: read_yaml(text.read()),
    _TABLE: read_table,
}
_NO_DEFAULTS = Defaults()

#: One job that was asked for, or None where it cannot be told, and what is wrong with it.
ReadRow = tuple[Row | None, list[RowProblem]]


def read_file(path: Path, defaults: Defaults = _NO_DEFAULTS) -> tuple[list[Row], list[RowProblem]]:
    """Return the rows and every problem; InputError when there are no rows to speak of."""
    rows: list[Row] = []
    problems: list[RowProblem] = []
    for row, wrong in RowFile(path, defaults):
        problems += wrong
        if row is not None:
            rows.append(row)
    return rows, problems


class RowFile:
    """A file whose rows are read as they are asked for; CSV and JSON Lines are never held whole."""

    def __init__(
        self, path: Path, defaults: Defaults = _NO_DEFAULTS, *, of_drop: bool = False
    ) -> None:
        self.path = path
        self._defaults = defaults
        self._of_drop = of_drop
        self._bytes: io.BufferedReader | None = None

    @property
    def position(self) -> int:
        """Return how many bytes were taken from the file so far."""
        closed = self._bytes is None or self._bytes.closed
        return self.size if closed else self._bytes.tell()  # type: ignore[union-attr]

    @property
    def size(self) -> int:
        """Return the file's size in bytes."""
        return self.path.stat().st_size

    def __iter__(self) -> Iterator[ReadRow]:
        """Yield the jobs; raises InputError when there are none, or no way to read them."""
        suffix = self.path.suffix.lower()
        if suffix not in _READERS:
            known = ", ".join(_READERS)
            raise InputError(f"{self.path}: the extension must be one of {known}")
        gathering = _Gathering(self.path, self._defaults, of_drop=self._of_drop)
        for found in self._found(suffix):
            yield gathering.add(found)
        gathering.require_rows()

    def _found(self, suffix: str) -> Iterator[Found]:
        try:
            yield from self._opened(suffix)
        except InputError as wrong:
            raise InputError(f"{self.path} {wrong}", wrong.problems) from None
        except OSError as wrong:
            raise InputError(f"{self.path} cannot be read: {wrong.strerror or wrong}") from None

    def _opened(self, suffix: str) -> Iterator[Found]:
        encoding = self._encoding(suffix)
        if encoding.assumed:
            yield encoding.warning()
        with self.path.open("rb") as self._bytes:
            text = io.TextIOWrapper(self._bytes, encoding=encoding.name, newline="")
            _require_text(text)
            yield from _READERS[suffix](text, self._defaults)

    def _encoding(self, suffix: str) -> Encoding:
        try:
            return encoding_of(self.path, table=suffix == _TABLE)
        except ValueError as wrong:  # a name that no system takes
            raise InputError(f"cannot be read: {wrong}") from None


def _require_text(text: TextIO) -> None:
    """Raise InputError when there is nothing but blanks."""
    while True:
        piece = text.read(1 << 16)
        if piece.strip():
            text.seek(0)
            return
        if not piece:
            raise InputError("is empty")


class _Gathering:
    """Makes rows of what was found, and knows where each ref was first seen."""

    def __init__(self, path: Path, defaults: Defaults, *, of_drop: bool) -> None:
        self._path = path
        self._defaults = defaults
        self._of_drop = of_drop
        self._refs: dict[str, int] = {}
        self._rows = 0
        self._header: list[RowProblem] = []

    def add(self, found: Found) -> ReadRow:
        place = found.place(self._path.name)
        ref = str((found.raw or {}).get("ref") or "").strip()
        problems = [
            RowProblem(place, ref, each.field, each.message, each.warning) for each in found.notes
        ]
        if found.row:
            self._rows += 1
        else:
            self._header += problems
        if found.raw is None:
            return None, problems
        full = self._defaults.fill(found.raw)
        row, wrong = read_row(full, place, of_drop=self._of_drop)
        problems += self._chosen(full, place, ref, wrong)
        problems += self._repeated(ref, found.row, place)
        if row is not None:
            row = located(row, self._path.parent)
            problems += missing_files(row)
            if any(not each.warning for each in problems):
                row = replace(row, flawed=True)
        return row, problems

    def require_rows(self) -> None:
        if not self._rows:
            problems = [str(each) for each in self._header]
            raise InputError(f"{self._path} has no rows", problems)

    def _chosen(
        self, full: Mapping[str, object], place: str, ref: str, wrong: list[RowProblem]
    ) -> list[RowProblem]:
        """Say which accounts a row without one may be for, where it may be for several."""
        meant = [] if has(full, "account") else self._defaults.meant_by(full)
        if not meant:
            return wrong
        named = ", ".join(each.account for each in meant)
        message = f"is not named, and --account names several: {named}"
        left = [each for each in wrong if each.field not in {"account", "platform"}]
        return [*left, RowProblem(place, ref, "account", message)]

    def _repeated(self, ref: str, row: int, place: str) -> list[RowProblem]:
        first = self._refs.setdefault(ref, row)
        if not ref or first == row:
            return []
        message = f"{ref!r} is the ref of row {first} already"
        return [RowProblem(place, ref, "ref", message)]
