"""Recurrence: the instants at which something comes again, and what clock changes do to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from shared.domain.cron import Cron
from shared.domain.omission import Omissions
from shared.domain.wall import Showing, instant_of, showing, wall_of

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One instant of a recurrence and the local times, as the expression names them, it serves.

    There are several where the clock skips some: what is skipped comes together with what is next.
    """

    at: datetime
    walls: tuple[datetime, ...]
    zone: ZoneInfo

    @property
    def local(self) -> datetime:
        """Return what the zone's clock shows then, with its offset."""
        return self.at.astimezone(self.zone)

    @property
    def skipped(self) -> tuple[datetime, ...]:
        """Return those of its local times that the clock never shows."""
        return tuple(each for each in self.walls if showing(each, self.zone) is Showing.NEVER)

    @property
    def doubled(self) -> bool:
        """Whether the clock shows this time once more, when nothing comes."""
        return showing(self.walls[-1], self.zone) is Showing.TWICE

    def clock_change(self) -> str:
        """Say what a change of the clock does to it; empty where it does nothing."""
        if self.skipped:
            first, last = self.skipped[0], self.skipped[-1]
            named = f"{first:%H:%M}" if first == last else f"{first:%H:%M} to {last:%H:%M}"
            return f"the clock skips {named}: runs at the first instant after"
        if self.doubled:
            return f"the clock shows {self.walls[-1]:%H:%M} twice: runs at the first"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A cron expression in a time zone, from `start` to `end`, both included, with omissions."""

    cron: Cron
    zone: ZoneInfo
    start: datetime | None = None
    end: datetime | None = None
    omissions: Omissions = field(default_factory=Omissions)

    def occurrences(self, after: datetime) -> Iterator[Occurrence]:
        """Yield what comes after an instant: strictly later each time, none left out."""
        for at, named in groupby(self._named(after), key=lambda each: each[0]):
            yield Occurrence(at=at, walls=tuple(wall for _, wall in named), zone=self.zone)

    def next(self, after: datetime) -> Occurrence | None:
        return next(self.occurrences(after), None)

    def idle_omissions(self) -> list[datetime]:
        """Return the omitted times, not days, at which nothing would come anyhow."""
        instants = {each: wall_of(each, self.zone) for each in self.omissions.instants}
        walls = {each: each for each in self.omissions.walls}
        idle = [each for each, wall in (instants | walls).items() if not self.cron.names(wall)]
        return sorted(idle, key=str)

    def _named(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the instants after `after` with the local times that stand for them."""
        if self.start is not None:
            after = max(after, self.start - _TICK)
        for wall in self.cron.walls(wall_of(after, self.zone)):
            at = instant_of(wall, self.zone)
            if self.end is not None and at > self.end:
                return
            if at > after and not self.omissions.cover(wall, at):
                yield at, wall
