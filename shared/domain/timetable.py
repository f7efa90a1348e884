"""A timetable: the slots of an account's queue, by weekday and time of day in a zone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.wall import instant_of, wall_of

#: No slot further ahead than this is looked for.
FURTHEST = timedelta(days=731)

_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ENTRY = re.compile(r"(?:(?P<days>[a-z,\-]+)\s+)?(?P<times>[\d:,]+)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_DAY = timedelta(days=1)

#: A weekday, Monday = 0, and a time of that day.
Slot = tuple[int, time]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Slots such as `mon-fri 09:00,17:30` and `sat 11:00`; without days, on every day."""

    zone: ZoneInfo
    entries: tuple[str, ...]

    def slots(self, after: datetime) -> Iterator[datetime]:
        """Yield the instants of slots after an instant, each later than the one before it.

        What the clock skips moves to the first instant after; what it shows twice comes once.
        """
        week = sorted({slot for entry in self.entries for slot in _read(entry)})
        day, last = wall_of(after, self.zone).date(), after
        end = day + FURTHEST
        while day < end:
            for weekday, at in week:
                moment = instant_of(datetime.combine(day, at), self.zone)
                if weekday == day.weekday() and moment > last:
                    yield moment
                    last = moment
            day += _DAY


def read_timetable(zone: ZoneInfo, entries: Sequence[str]) -> Timetable:
    """Return the timetable; ValueError names every entry that is none."""
    words = tuple(" ".join(each.lower().split()) for each in entries)
    wrong = []
    for entry in words:
        try:
            _read(entry)
        except ValueError as why:
            wrong.append(str(why))
    if not words:
        wrong.append("has no slots; write such as 'mon-fri 09:00,17:30'")
    if wrong:
        raise ValueError("; ".join(wrong))
    return Timetable(zone, words)


def _read(entry: str) -> set[Slot]:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError(f"{entry!r} is not a slot such as 'mon-fri 09:00,17:30'")
    days = set(range(7)) if match["days"] is None else _days(match["days"], entry)
    return {(day, at) for day in days for at in _times(match["times"], entry)}


def _days(text: str, entry: str) -> set[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in _WEEKDAYS or (dash and last not in _WEEKDAYS):
            raise ValueError(f"{entry!r}: {part!r} is not a day; known are {', '.join(_WEEKDAYS)}")
        low, high = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
        days |= {day % 7 for day in range(low, high + 1 if high >= low else high + 8)}
    return days


def _times(text: str, entry: str) -> set[time]:
    times: set[time] = set()
    for part in text.split(","):
        match = _TIME.fullmatch(part)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59:  # noqa: PLR2004
            raise ValueError(f"{entry!r}: {part!r} is not a time such as 09:00")
        times.add(time(int(match[1]), int(match[2])))
    return times
