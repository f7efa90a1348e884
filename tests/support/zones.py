"""Every zone of the pinned tzdata, and every change of its clock in ten years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2036, 1, 1, tzinfo=UTC)

#: No clock has been changed and changed back within so little time.
_STRIDE = timedelta(days=2)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Change:
    """A change of one or more zones' clocks; `zone` is one of them, all do the same then."""

    at: datetime
    before: timedelta
    after: timedelta
    zone: ZoneInfo

    @property
    def gap(self) -> bool:
        return self.after > self.before

    @property
    def wall(self) -> datetime:
        """The first local time that is skipped, or that is shown twice."""
        offset = self.before if self.gap else self.after
        return (self.at + offset).replace(tzinfo=None)


@cache
def zones() -> dict[str, ZoneInfo]:
    """Give every zone by name; those whose data are the same share one value."""
    root = resources.files("tzdata")
    known: dict[bytes, ZoneInfo] = {}
    named: dict[str, ZoneInfo] = {}
    for name in root.joinpath("zones").read_text().split():
        file = root.joinpath("zoneinfo", *name.split("/"))
        data = file.read_bytes()
        if data not in known:
            with file.open("rb") as opened:
                known[data] = ZoneInfo.from_file(opened, key=name)
        named[name] = known[data]
    return named


@cache
def changes() -> list[Change]:
    """Give every change in ten years, once for all zones whose clocks do the same at it."""
    found: dict[tuple[datetime, timedelta, timedelta], Change] = {}
    for zone in {id(each): each for each in zones().values()}.values():
        for change in _changes(zone):
            found.setdefault((change.at, change.before, change.after), change)
    return sorted(found.values(), key=lambda each: (each.at, each.before))


def _changes(zone: ZoneInfo) -> Iterator[Change]:
    at, before = BEGIN, _offset(BEGIN, zone)
    while at < END:
        after = _offset(at + _STRIDE, zone)
        if after != before:
            yield Change(_between(at, at + _STRIDE, zone), before, after, zone)
        at, before = at + _STRIDE, after


def _between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second at which the offset is that of `high`."""
    after = _offset(high, zone)
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if _offset(middle, zone) == after:
            high = middle
        else:
            low = middle
    return high


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
