"""Verdicts: what a check comes to, row by row, as JSON, as a table, or as plain lines."""

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.cli.checking import CheckedFile, row_number
from shared.cli.exits import tell
from shared.cli.output import show_table
from shared.cli.shapes import Shape
from shared.rows import RowProblem


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row, and all that was found of it."""

    place: str
    ref: str
    problems: Sequence[RowProblem]

    @property
    def word(self) -> str:
        return word_of(self.problems)


def word_of(problems: Sequence[RowProblem]) -> str:
    """Return `error`, `warning` or `ok`, the worst of what was found."""
    if any(not each.warning for each in problems):
        return "error"
    return "warning" if problems else "ok"


def verdicts_of(checked: CheckedFile, refs: Mapping[str, str]) -> list[Verdict]:
    """Return a verdict for every row, in the order of the file; a broken header has one too.

    `refs` names the rows whose accounts are known, by their places; every other row has problems.
    """
    found: defaultdict[str, list[RowProblem]] = defaultdict(list)
    for problem in checked.problems:
        found[problem.place].append(problem)
    places = sorted({*refs, *found}, key=row_number)
    return [Verdict(place, refs.get(place) or _ref(found[place]), found[place]) for place in places]


def _ref(problems: Sequence[RowProblem]) -> str:
    return next((each.ref for each in problems if each.ref), "")


def verdict_shape(verdict: Verdict) -> Shape:
    errors = [each for each in verdict.problems if not each.warning]
    return {
        "row": row_number(verdict.place) or None,
        "place": verdict.place,
        "ref": verdict.ref or None,
        "verdict": verdict.word,
        "errors": len(errors),
        "warnings": len(verdict.problems) - len(errors),
    }


def show_verdicts(checked: CheckedFile, verdicts: Sequence[Verdict]) -> None:
    """Draw a table on a terminal; elsewhere name warnings and errors one a line on stderr."""
    if sys.stdout.isatty() and checked.problems:
        _draw(verdicts)
        print(_summary(checked, verdicts))
        return
    for warning in checked.warnings:
        tell(f"warning: {warning}")
    checked.require_none_wrong()
    print(_summary(checked, verdicts))


def _draw(verdicts: Sequence[Verdict]) -> None:
    lines: list[tuple[str, str, str, str, str]] = []
    for verdict in verdicts:
        row = str(row_number(verdict.place) or "header")
        for at, problem in enumerate(verdict.problems):
            head = ("", "") if at else (row, verdict.ref)
            sort = "warning" if problem.warning else "error"
            lines.append((*head, sort, problem.field, problem.message))
    show_table(("row", "ref", "verdict", "field", "what"), lines)


def _summary(checked: CheckedFile, verdicts: Sequence[Verdict]) -> str:
    if not checked.problems:
        return f"{checked.path}: no problems, {checked.jobs} to publish"
    if not checked.errors:
        warnings = _counted(len(checked.warnings), "warning")
        return f"{checked.path}: no errors, {warnings}, {checked.jobs} to publish"
    words = Counter(each.word for each in verdicts)
    errors = _counted(len(checked.errors), "error")
    warnings = _counted(len(checked.warnings), "warning")
    rows = ", ".join(f"{words[word]} {word}" for word in ("ok", "warning", "error") if words[word])
    return f"{checked.path}: {errors}, {warnings}; nothing was written; rows: {rows}"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
