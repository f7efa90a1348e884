"""The clock on the wall: which instant a local time stands for, also where the clock changes.

One rule: a local time stands for the first instant at which the zone's clock shows it or has
passed it. So a time that the clock skips moves to the first instant after the gap, a time that
the clock shows twice is its first showing, and later times never come before earlier ones.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


class Showing(StrEnum):
    """How often the clock of a zone shows a local time."""

    ONCE = "once"
    NEVER = "never"
    TWICE = "twice"


def showing(wall: datetime, zone: ZoneInfo) -> Showing:
    """Say how often the zone's clock shows this naive local time."""
    before, after = _offset(wall, zone, 0), _offset(wall, zone, 1)
    if before == after:
        return Showing.ONCE
    return Showing.NEVER if before < after else Showing.TWICE


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, that this naive local time stands for."""
    before, after = _offset(wall, zone, 0), _offset(wall, zone, 1)
    first = wall.replace(tzinfo=UTC) - before
    if before >= after:
        return first
    return _end_of_gap(wall, zone, first - (after - before), first)


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local time that the zone's clock shows at an instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()


def _end_of_gap(wall: datetime, zone: ZoneInfo, shown: datetime, passed: datetime) -> datetime:
    """Return the first instant, by whole seconds, at which the clock has passed `wall`.

    At `shown` it has not, at `passed` it has.
    """
    low, high = 0, (passed - shown) // _SECOND
    while low + 1 < high:
        middle = (low + high) // 2
        if wall_of(shown + middle * _SECOND, zone) >= wall:
            high = middle
        else:
            low = middle
    return shown + high * _SECOND
