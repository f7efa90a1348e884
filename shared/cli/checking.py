"""A file of jobs checked as far as it goes: by itself, then against connections and providers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.cli.session import open_parts
from shared.errors import InputError, PartUnreachable
from shared.rows import Row, RowProblem, read_file, read_name

_ROW = re.compile(r" row (\d+)")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file's rows, how many jobs they stand for, and every problem in the order of the rows."""

    path: Path
    rows: Sequence[Row]
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


def check_file(path: Path) -> CheckedFile:
    """Find every problem; raises InputError when there are no rows, PartUnreachable."""
    rows, problems = read_file(path)
    try:
        with open_parts() as parts:
            return _checked(path, rows, problems, parts)
    except PartUnreachable as away:
        if not problems:
            raise
        # What is wrong with the file by itself can be told without anybody's help.
        tell(f"dropline: not checked against the providers: {away}")
        return CheckedFile(path, rows, 0, problems)


def _checked(
    path: Path, rows: Sequence[Row], problems: Sequence[RowProblem], parts: Parts
) -> CheckedFile:
    checked = parts.producer.check(rows)
    # What could not be read is not there for the provider's checks: "is required" would be wrong.
    unread = {(problem.place, problem.field) for problem in problems}
    further = [each for each in checked.problems if (each.place, each.field) not in unread]
    found = sorted([*problems, *further], key=_row_number)
    return CheckedFile(path, rows, len(checked.jobs), found)


def _row_number(problem: RowProblem) -> int:
    row = _ROW.search(problem.place)
    return int(row.group(1)) if row else 0
