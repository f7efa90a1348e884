"""Our own table: the fields by their names, options by theirs, columns in any order and case."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from shared.domain.options import OPTIONS
from shared.rows.cells import CellError, list_cell, media_cell, object_cell, option_cell
from shared.rows.defaults import Defaults
from shared.rows.dialects.dialect import Reader
from shared.rows.dialects.per_platform import PerPlatform, is_per_platform, meaning
from shared.rows.dialects.words import platform_word
from shared.rows.exporting import plain
from shared.rows.found import Found, Note, flaw
from shared.rows.reading import ALIASES, FIELDS

_KNOWN = frozenset((*FIELDS, *ALIASES, *OPTIONS, *(f"options.{name}" for name in OPTIONS)))
_TEXTS = frozenset({"caption", "text", "title"})


class Canonical:
    """The dialect that files are written in here."""

    name = "canonical"

    def known(self, columns: Sequence[str]) -> int:
        return sum(name.strip().lower() in _KNOWN for name in columns)

    def lacking(self, columns: Sequence[str]) -> str:
        return "" if self.known(columns) else f"columns such as {', '.join(FIELDS)}"

    def reader(self, columns: Sequence[str], defaults: Defaults) -> Reader:  # noqa: ARG002
        return _Rows([name.strip().lower() for name in columns])


class _Rows:
    """The rows under one header; nothing of them is left out."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def header(self) -> Iterator[Found]:
        known = ", ".join((*FIELDS, *ALIASES))
        for name in dict.fromkeys(self._columns):
            if name and name not in _KNOWN and not is_per_platform(name):
                message = f"is not a column; known are {known}, and the options by their names"
                yield flaw(message, name)
            elif name and self._columns.count(name) > 1:
                yield flaw("stands twice among the columns", name)
        yield from said_twice([(meaning(name), name) for name in self._columns])

    def read(self, row: int, line: int, cells: Sequence[str]) -> Iterator[Found]:
        if len(cells) != len(self._columns):
            message = f"has {len(cells)} cells where the header has {len(self._columns)}"
            yield flaw(message, row=row, line=line)
            return
        given = {name: plain(cell) for name, cell in zip(self._columns, cells, strict=True) if cell}
        if given.get("", "").strip():
            yield flaw("has a cell in a column without a name", row=row, line=line)
            return
        try:
            raw = raw_of(given)
        except CellError as wrong:
            yield flaw(str(wrong), wrong.field, row=row, line=line)
            return
        notes = _put_in(raw, PerPlatform.of(given))
        yield Found(row=row, line=line, raw=raw, notes=tuple(notes))

    def end(self) -> Iterator[Found]:
        return iter(())


def said_twice(columns: Iterable[tuple[Hashable, str]]) -> Iterator[Found]:
    """Yield columns that mean the same by another name: a row would lose one of its cells.

    A column whose meaning is None may stand beside others.
    """
    first: dict[Hashable, str] = {}
    for meant, name in columns:
        before = first.setdefault(meant, name)
        if meant is not None and before != name:
            yield flaw(f"says the same as column {before!r}; keep one of them", name)


def _put_in(raw: dict[str, object], only: PerPlatform) -> Iterator[Note]:
    """Put what is for the row's platform in its place, and say what is for another one."""
    platform = platform_word(str(raw.get("platform") or ""))
    if platform in only.captions:
        raw.pop("text", None)
        raw["caption"] = only.captions[platform]
    if platform in only.times:
        raw.pop("scheduled_at", None)
        raw["run_at"] = only.times[platform].strip()
    for other in only.beyond({platform}):
        message = f"is left out: the row does not post to {other}"
        yield Note(f"custom_text/schedule_time {other}", message, warning=True)


def raw_of(given: Mapping[str, str]) -> dict[str, object]:
    """Turn cells into the raw row that the other formats give. Raises CellError."""
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
            raw[name] = cell if name in _TEXTS else cell.strip() or None
    return {**raw, "options": options} if options else raw


def _add_options(options: dict[str, object], more: Mapping[str, object]) -> None:
    for name, value in more.items():
        if name in options:
            raise CellError(f"options.{name}", "is given twice")
        options[name] = value
