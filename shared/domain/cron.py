"""Cron expressions of five fields, read more strictly than croniter by itself would read them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from croniter import croniter
from croniter.croniter import CroniterBadDateError, CroniterError

#: A leap day on a given weekday comes back after at most 40 years (1880 to 1920, 2088 to 2128).
_LONGEST_PAUSE_YEARS = 50

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

_PART = re.compile(r"(?P<low>\*|[a-z]+|\d+)(-(?P<high>[a-z]+|\d+))?(/(?P<step>\d+))?", re.ASCII)
_NTH = re.compile(r"(?P<day>[a-z]+|\d)#[1-5]", re.ASCII)
_LAST = re.compile(r"l(?P<day>[0-7])", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    #: Whether a range may go round the end, as from Friday to Monday.
    round: bool = False

    def number(self, word: str) -> int:
        """Return the value of a number or name; ValueError says which there are."""
        value = self.names.get(word, int(word) if word.isdecimal() else -1)
        if not self.low <= value <= self.high:
            named = f" or {', '.join(self.names)}" if self.names else ""
            raise ValueError(f"{word} is not one of {self.low}-{self.high}{named}")
        return value


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, {name: at for at, name in enumerate(_MONTHS, start=1)}),
    _Field("day of week", 0, 7, {name: at for at, name in enumerate(_WEEKDAYS)}, round=True),
)
_DAY, _WEEKDAY = _FIELDS[2], _FIELDS[4]


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression; where both a day of month and a weekday are named, either suffices."""

    text: str

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Yield the times it names on a clock that never changes, after `after`, all naive."""
        times = croniter(self.text, after, max_years_between_matches=_LONGEST_PAUSE_YEARS)
        while True:
            try:
                yield times.get_next(datetime)
            except (CroniterBadDateError, OverflowError):
                return

    def names(self, wall: datetime) -> bool:
        """Whether this minute is one of its times."""
        return bool(croniter.match(self.text, wall)) and wall.second == wall.microsecond == 0


def read_cron(value: object) -> Cron:
    """Return the expression, or raise ValueError with all that is wrong with its fields.

    Refused beside what is no cron at all: seconds and years, `@reboot` and its like, `?`, `W`,
    `H` and `R`; what croniter would quietly read as something else, such as `*/90`, `5-5` and
    `22-2`; what crons do not agree on, such as `*/2` beside a weekday; and days that no month of
    the expression has.
    """
    text = " ".join(str(value).lower().split())
    if text.startswith("@"):
        raise ValueError(f"{text!r} is a nickname; write its five fields, such as 0 9 * * mon-fri")
    words = text.split()
    if len(words) != len(_FIELDS):
        named = ", ".join(each.name for each in _FIELDS)
        raise ValueError(f"{text!r} has {len(words)} fields, not five: {named}")
    problems = [
        f"{of.name}: {problem}"
        for of, word in zip(_FIELDS, words, strict=True)
        for problem in _problems(of, word)
    ]
    problems += _doubtful_days(words[2], words[4])
    if problems:
        raise ValueError("; ".join(problems))
    try:
        croniter.expand(text, strict=True)
    except CroniterError as wrong:
        raise ValueError(str(wrong).removeprefix(f"[{text}] is not acceptable. ")) from None
    return Cron(text)


def _doubtful_days(days: str, weekdays: str) -> Iterator[str]:
    """Yield what crons disagree on: whether a step over all days and a weekday must both hold."""
    if "*" not in {days, weekdays} and (days.startswith("*") or weekdays.startswith("*")):
        yield f"day of month {days} and day of week {weekdays}: list the days instead of */"


def _problems(of: _Field, word: str) -> Iterator[str]:
    parts = word.split(",")
    if len(parts) > 1 and any(part.startswith("*") for part in parts):
        yield f"{word}: * stands alone, not in a list"
    for part in parts:
        try:
            _check(of, part)
        except ValueError as wrong:
            yield str(wrong)


def _check(of: _Field, part: str) -> None:
    """Raise ValueError unless the part says one thing only, and something that happens."""
    if of is _DAY and part == "l":
        return
    special = (_NTH.fullmatch(part) or _LAST.fullmatch(part)) if of is _WEEKDAY else None
    if special:
        of.number(special["day"])
        return
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part or 'an empty part'} is not a value, a range or a step")
    low, high, step = match["low"], match["high"], match["step"]
    if low == "*" and high is not None:
        raise ValueError(f"{part} is not a range")
    first, last = _bounds(of, low, high)
    if step is not None and low != "*" and (high is None or last > of.high):
        raise ValueError(f"{part} has a step without a range; write {low}-{of.high}/{step}")
    if step is not None and not 1 <= int(step) <= last - first:
        raise ValueError(f"{part} has a step that leaves one value at most, or is 0")


def _bounds(of: _Field, low: str, high: str | None) -> tuple[int, int]:
    if low == "*":
        return of.low, of.high - of.round  # Sunday is 0 and 7
    first = of.number(low)
    if high is None:
        return first, first
    last = of.number(high)
    if first == last:
        raise ValueError(f"{low}-{high} is a range of one value; write {low}")
    if first > last and not of.round:
        raise ValueError(f"{low}-{high} goes backwards; write {low}-{of.high},{of.low}-{high}")
    return first, last if first < last else last + len(_WEEKDAYS)
