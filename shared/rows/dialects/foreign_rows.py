"""Reads the rows of another tool's table into jobs, and counts what is left out of them."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from shared.domain.options import OPTIONS
from shared.rows.cells import CellError
from shared.rows.defaults import Defaults
from shared.rows.dialects.canonical import raw_of, said_twice
from shared.rows.dialects.cells import Cells, Terms
from shared.rows.dialects.draft import raw_jobs
from shared.rows.dialects.per_platform import is_per_platform, meaning
from shared.rows.dialects.uses import SEVERAL, Use
from shared.rows.found import Found, Note, flaw

#: Columns of ours that any table may have as well; options go by their names.
_OURS = frozenset(
    {"ref", "provider", "connection", "platform", "account", "kind", "timezone", "not_after"}
    | {"queue"}
)
_MOST_NAMED = 5


class ForeignRows:
    """The rows under one header."""

    def __init__(
        self,
        terms: Terms,
        columns: Sequence[str],
        uses: Sequence[Use | None],
        defaults: Defaults,
    ) -> None:
        self._terms = terms
        self._columns = [each.strip() for each in columns]
        self._uses = uses
        self._defaults = defaults
        #: Columns without a use here, with the rows that say something in them.
        self._left_out: defaultdict[str, list[int]] = defaultdict(list)
        self._counts: defaultdict[str, int] = defaultdict(int)

    def header(self) -> Iterator[Found]:
        for name in dict.fromkeys(self._columns):
            if name and self._columns.count(name) > 1:
                yield flaw("stands twice among the columns", name)
            elif name and self._is_unknown(name):
                message = (
                    f"is not a column of {self._terms.tool} that is known here; it is left out"
                )
                yield Found(row=0, notes=(Note(name, message, warning=True),))
        meanings = map(self._meaning, self._columns, self._uses)
        yield from said_twice(zip(meanings, self._columns, strict=True))

    @staticmethod
    def _meaning(name: str, use: Use | None) -> Hashable:
        """Return what only one column may say; None where several may, or nobody knows."""
        if use is not None:
            alone = Use.TEXT if use is Use.TEXT_AND_CAPTIONS else use
            return None if alone in SEVERAL else alone
        return meaning(name) or (name.lower() if _is_ours(name) else None)

    def _is_unknown(self, name: str) -> bool:
        use = self._uses[self._columns.index(name)]
        return use is None and not _is_ours(name) and not is_per_platform(name)

    def read(self, row: int, line: int, cells: Sequence[str]) -> Iterator[Found]:
        wide = len(self._columns)
        if any(cell.strip() for cell in cells[wide:]):
            message = f"has {len(cells)} cells where the header has {wide}"
            yield flaw(message, row=row, line=line)
            return
        given = [*cells[:wide], *[""] * (wide - len(cells))]
        draft_cells = self._sorted(row, given)
        try:
            draft = draft_cells.draft(raw_of(draft_cells.ours))
        except CellError as wrong:
            yield flaw(str(wrong), wrong.field, row=row, line=line)
            return
        if draft_cells.skipped:
            notes = (Note("", draft_cells.skipped, warning=True),)
            yield Found(row=row, line=line, notes=notes)
            return
        raws = list(raw_jobs(draft, self._defaults))
        first = raws[0] if raws else None
        yield Found(row=row, line=line, raw=first, notes=tuple(draft.notes))
        for raw in raws[1:]:
            yield Found(row=row, line=line, raw=raw)

    def end(self) -> Iterator[Found]:
        for name, rows in self._left_out.items():
            count = self._counts[name]
            named = ", ".join(map(str, rows)) + (" ..." if count > len(rows) else "")
            plural = "s" if count > 1 else ""
            message = f"has no counterpart here; it is left out of {count} row{plural} ({named})"
            yield Found(row=0, notes=(Note(name, message, warning=True),))

    def _sorted(self, row: int, given: Sequence[str]) -> Cells:
        """Sort cells by what they are for; count those that are for nothing."""
        cells = Cells(self._terms)
        for name, use, cell in zip(self._columns, self._uses, given, strict=True):
            if not cell.strip():
                continue
            if use is Use.NOTHING:
                self._leave_out(name, row)
            elif use is not None:
                cells.uses[use].append((name, cell))
            elif is_per_platform(name):
                cells.per_platform[name] = cell
            elif _is_ours(name):
                cells.ours[name.lower()] = cell
            elif not name:
                cells.notes.append(Note("", "has a cell in a column without a name"))
            else:
                self._leave_out(name, row)
        return cells

    def _leave_out(self, name: str, row: int) -> None:
        self._counts[name] += 1
        if len(self._left_out[name]) < _MOST_NAMED:
            self._left_out[name].append(row)


def _is_ours(name: str) -> bool:
    lower = name.lower()
    return lower in _OURS or lower.removeprefix("options.") in OPTIONS
