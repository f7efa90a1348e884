"""A file of jobs checked as far as it goes: by itself, then against connections and providers."""

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from shared.cli.exits import tell
from shared.cli.progress import progress
from shared.cli.session import open_parts
from shared.domain.job import NewJob
from shared.errors import InputError, PartUnreachable
from shared.producer import Checked
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


def check_file(
    path: Path,
    defaults: Defaults = _NO_DEFAULTS,
    *,
    keep: Callable[[NewJob], None] | None = None,
    quiet: bool = False,
) -> CheckedFile:
    """Find every problem; raises InputError when there are no rows, PartUnreachable.

    The rows are read and checked some at a time; `keep` is given each job while none is wrong.
    """
    with ExitStack() as stack:
        checking = _Checking(RowFile(path, defaults), keep or _forget)
        try:
            checking.check = stack.enter_context(open_parts()).producer.checking().check
        except PartUnreachable as away:
            checking.away = away
        return checking.all(quiet=quiet)


class _Checking:
    """A file on its way through the checks."""

    def __init__(self, file: RowFile, keep: Callable[[NewJob], None]) -> None:
        self._file = file
        self._keep = keep
        self._jobs = 0
        self._wrong = False
        self._problems: list[RowProblem] = []
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
        found = sorted(self._problems, key=_row_number)
        return CheckedFile(self._file.path, self._jobs, found)

    def _some(self, read: Sequence[ReadRow]) -> None:
        rows = [row for row, _ in read if row is not None]
        problems = [problem for _, wrong in read for problem in wrong]
        checked = self._checked(rows)
        # What could not be read is not there for the provider's checks: "is required" would be
        # wrong.
        unread = {(problem.place, problem.field) for problem in problems}
        further = [each for each in checked.problems if (each.place, each.field) not in unread]
        self._problems += [*problems, *further]
        self._wrong = self._wrong or any(not each.warning for each in [*problems, *further])
        self._jobs += len(checked.jobs)
        for job in () if self._wrong else checked.jobs:
            self._keep(job)

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
    row = _ROW.search(problem.place)
    return int(row.group(1)) if row else 0
