"""A file of jobs checked as far as it goes: by itself, then against connections and providers."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.cli.progress import progress
from shared.cli.session import open_parts
from shared.domain.job import NewJob
from shared.errors import InputError, PartUnreachable
from shared.producer import Checked, Prepared
from shared.rows import Defaults, ReadRow, Row, RowFile, RowProblem, read_name

_NO_DEFAULTS = Defaults()

#: Rows that are checked together; no more of them are held at once.
_TOGETHER = 1_000
_ROW = re.compile(r" row (\d+)")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """How many jobs a file's rows stand for, and every problem in the order of the rows."""

    path: Path
    jobs: int
    problems: Sequence[RowProblem]

    @property
    def errors(self) -> list[RowProblem]:
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[RowProblem]:
        return [problem for problem in self.problems if problem.warning]

    def require_none_wrong(self) -> None:
        """Raise InputError with every problem that is more than a warning."""
        if self.errors:
            raise refusal(self.errors, f"{self.path}: ")


def refusal(problems: Sequence[RowProblem], prefix: str = "") -> InputError:
    """Return the error that names all these problems."""
    counted = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    return InputError(f"{prefix}{counted}; nothing was written", [str(each) for each in problems])


def campaign_name(name: str, flag: str) -> str:
    """Return a campaign's name, or raise InputError naming the flag it came from."""
    try:
        campaign = read_name(name)
    except ValueError as wrong:
        raise InputError(f"{flag} {wrong}") from None
    if not campaign:
        raise InputError(f"{flag} is empty; every campaign needs a name")
    return campaign


class Deeper(Protocol):
    """Finds what rows whose accounts are known do not show by themselves."""

    #: Providers are not to be asked.
    offline: bool

    def opened(self, parts: Parts) -> AbstractContextManager[None]:
        """Return what is entered while rows are added."""

    def add(self, rows: Sequence[Prepared]) -> None:
        """Take more rows."""

    def findings(self) -> Sequence[RowProblem]:
        """Return what was found of all of them."""


class _Shallow:
    """Finds nothing more."""

    offline = False

    def opened(self, _: Parts) -> AbstractContextManager[None]:
        return nullcontext()

    def add(self, rows: Sequence[Prepared]) -> None:
        pass

    def findings(self) -> Sequence[RowProblem]:
        return ()


def check_file(
    path: Path,
    defaults: Defaults = _NO_DEFAULTS,
    *,
    keep: Callable[[NewJob], None] | None = None,
    deeper: Deeper | None = None,
    quiet: bool = False,
) -> CheckedFile:
    """Find every problem; raises InputError when there are no rows, PartUnreachable.

    The rows are read and checked some at a time; `keep` is given each job while none is wrong.
    """
    deeper = deeper or _Shallow()
    with ExitStack() as stack:
        checking = _Checking(RowFile(path, defaults), keep or _forget, deeper)
        try:
            parts = stack.enter_context(open_parts())
            stack.enter_context(deeper.opened(parts))
            checking.check = parts.producer.checking(offline=deeper.offline).check
        except PartUnreachable as away:
            checking.away = away
        return checking.all(quiet=quiet)


class _Checking:
    """A file on its way through the checks."""

    def __init__(self, file: RowFile, keep: Callable[[NewJob], None], deeper: Deeper) -> None:
        self._file = file
        self._keep = keep
        self._deeper = deeper
        #: Jobs of rows without an error, by the place of the row.
        self._jobs: Counter[str] = Counter()
        self._wrong = False
        self._problems: list[RowProblem] = []
        self._unread: set[tuple[str, str]] = set()
        self.check: Callable[[Sequence[Row]], Checked] | None = None
        #: What keeps rows from being checked against connections and providers.
        self.away: PartUnreachable | None = None

    def all(self, *, quiet: bool) -> CheckedFile:
        read = iter(self._file)
        some = list(islice(read, _TOGETHER))
        with progress("checking", self._file.size, quiet=quiet) as tell_progress:
            while some:
                self._some(some)
                tell_progress(self._file.position)
                some = list(islice(read, _TOGETHER))
        if self.away is not None:
            if not self._problems:
                raise self.away
            # What is wrong with the file by itself can be told without anybody's help.
            tell(f"dropline: not checked against the providers: {self.away}")
        self._problems += self._read_only(self._deeper.findings())
        found = sorted(self._problems, key=_row_number)
        wrong = {each.place for each in found if not each.warning}
        jobs = sum(count for place, count in self._jobs.items() if place not in wrong)
        return CheckedFile(self._file.path, jobs, found)

    def _some(self, read: Sequence[ReadRow]) -> None:
        rows = [row for row, _ in read if row is not None]
        problems = [problem for _, wrong in read for problem in wrong]
        checked = self._checked(rows)
        self._unread |= {(problem.place, problem.field) for problem in problems}
        further = self._read_only(checked.problems)
        self._problems += [*problems, *further]
        self._wrong = self._wrong or any(not each.warning for each in [*problems, *further])
        self._jobs.update(each.row.place for each in checked.prepared)
        self._deeper.add(checked.prepared)
        for job in () if self._wrong else checked.jobs:
            self._keep(job)

    def _read_only(self, problems: Sequence[RowProblem]) -> list[RowProblem]:
        """Leave out fields that could not be read: for the checks they are not there."""
        return [each for each in problems if (each.place, each.field) not in self._unread]

    def _checked(self, rows: Sequence[Row]) -> Checked:
        if self.check is None or self.away is not None:
            return Checked()
        try:
            return self.check(rows)
        except PartUnreachable as away:
            self.away = away
            return Checked()


def _forget(_: NewJob) -> None:
    pass


def _row_number(problem: RowProblem) -> int:
    return row_number(problem.place)


def row_number(place: str) -> int:
    """Return the number of the row that a place names; 0 = the header, or no row."""
    row = _ROW.search(place)
    return int(row.group(1)) if row else 0
