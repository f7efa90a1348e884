"""The marks of an axis of time: at round moments of a zone's clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)

#: Distances between marks that people count in.
_STEPS = [
    *(timedelta(seconds=each) for each in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=each) for each in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=each) for each in (1, 2, 3, 6, 12)),
    *(timedelta(days=each) for each in (1, 2, 7, 14, 28, 91)),
]


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment, with its time of day and, where it is the first of its day, that day."""

    at: datetime
    time: str
    day: str


def marks(begins: datetime, ends: datetime, zone: tzinfo, most: int) -> Iterator[Mark]:
    """Yield about so many marks at most, from the first round moment on."""
    step = next((each for each in _STEPS if (ends - begins) / each <= most), _STEPS[-1])
    before = None
    for at in _moments(begins, ends, zone, step):
        local = at.astimezone(zone)
        clock = "" if step >= _DAY else f"{local:%H:%M}"
        if step < timedelta(minutes=1):
            clock = f"{local:%H:%M:%S}"
        day = "" if local.date() == before else f"{local:%a %Y-%m-%d}"
        before = local.date()
        yield Mark(at, clock, day)


def _moments(begins: datetime, ends: datetime, zone: tzinfo, step: timedelta) -> Iterator[datetime]:
    """Yield the moments: counted from each midnight, which a change of the clocks may move."""
    day = begins.astimezone(zone).date()
    while (midnight := datetime.combine(day, time(), zone)) <= ends:
        following = datetime.combine(day + max(_DAY, step), time(), zone)
        at = midnight
        while at.timestamp() < following.timestamp() and at <= ends:
            if at >= begins:
                yield at
            at = (at.astimezone(UTC) + step).astimezone(zone)
        day += max(_DAY, step)
