"""Reads a file of jobs: by its extension, every row, and all problems of the file at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from shared.errors import InputError
from shared.rows.documents import read_json, read_json_lines, read_yaml
from shared.rows.found import Found
from shared.rows.places import located, missing_files
from shared.rows.reading import read_row
from shared.rows.row import Row, RowProblem
from shared.rows.table import read_table

_READERS: Mapping[str, Callable[[str], Iterator[Found]]] = {
    ".jsonl": read_json_lines,
    ".json": read_json,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".csv": read_table,
}


def read_file(path: Path) -> tuple[list[Row], list[RowProblem]]:
    """Return the rows and every problem; InputError when there are no rows to speak of."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        raise InputError(f"{path}: the extension must be one of {known}")
    text = _text(path)
    try:
        found = list(reader(text))
    except InputError as wrong:
        raise InputError(f"{path} {wrong}") from None
    if not any(each.row for each in found):
        raise InputError(f"{path} has no rows", [_flaw(each, path) for each in found])
    return _Gathering(path).all(found)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or str(wrong)
        raise InputError(f"{path} cannot be read: {reason}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        message = f"{path} is not UTF-8 (line {line}); save it as UTF-8 and try again"
        raise InputError(message) from None
    if not text.strip():
        raise InputError(f"{path} is empty")
    return text


def _flaw(found: Found, path: Path) -> str:
    return str(RowProblem(found.place(path.name), "", found.field, found.problem))


class _Gathering:
    """The rows and problems of one file, and where each ref was first seen."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._folder = path.parent
        self._rows: list[Row] = []
        self._problems: list[RowProblem] = []
        self._refs: dict[str, int] = {}

    def all(self, found: list[Found]) -> tuple[list[Row], list[RowProblem]]:
        for each in found:
            self._add(each)
        return self._rows, self._problems

    def _add(self, found: Found) -> None:
        place = found.place(self._name)
        if found.raw is None:
            self._problems.append(RowProblem(place, "", found.field, found.problem))
            return
        row, problems = read_row(found.raw, place)
        problems += self._repeated(str(found.raw.get("ref") or "").strip(), found.row, place)
        if row is not None:
            row = located(row, self._folder)
            problems += missing_files(row)
            self._rows.append(replace(row, flawed=bool(problems)))
        self._problems.extend(problems)

    def _repeated(self, ref: str, row: int, place: str) -> list[RowProblem]:
        first = self._refs.setdefault(ref, row)
        if not ref or first == row:
            return []
        message = f"{ref!r} is the ref of row {first} already"
        return [RowProblem(place, ref, "ref", message)]
