"""When the n-th of a backlog may go, by plain arithmetic on the windows it must pass.

It is a forecast: how long calls take, who else spends from the windows and what may fail on the
way are left out. One job counts as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.campaign import CampaignRules
from shared.domain.limit import Call, Window, WindowUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A window as a backlog meets it: `used` of `limit` are taken, the first until `opens`."""

    #: The window in words: `60 requests per 1m of wonda`.
    name: str
    limit: int
    per: timedelta
    used: int = 0
    #: None = as long from now as the window is.
    opens: datetime | None = None
    #: It empties all at once; else each place is free again one `per` after it was taken.
    at_once: bool = False
    #: Where it is a calendar day: the zone whose midnight empties it.
    zone: str | None = None

    def nth(self, number: int, now: datetime, start: datetime) -> datetime:
        """Return when the n-th job, from 1, may go if nothing goes before `start`, now or later."""
        of = self._of_batch if self.at_once else self._of_place
        return of(number - 1, now, max(now, start))

    def _of_batch(self, index: int, now: datetime, start: datetime) -> datetime:
        """Fill what is free, then a whole window each time that it empties."""
        empties = self._opens(now)
        free = self._free
        if empties <= start:
            empties = self._later(empties, (start - empties) // self.per)
            empties = empties if empties > start else self._later(empties, 1)
            free = self.limit
        if index < free:
            return start
        return self._later(empties, (index - free) // self.limit)

    def _of_place(self, index: int, now: datetime, start: datetime) -> datetime:
        """Take the places in turn, each one `per` after it was taken last."""
        rounds, place = divmod(index, self.limit)
        return max(start, self._place_opens(place, now)) + rounds * self.per

    def _place_opens(self, place: int, now: datetime) -> datetime:
        """Say when a place is free; those taken are thought to open evenly until all have."""
        if place < self._free:
            return now
        opens = self._opens(now)
        taken = self.limit - self._free
        return opens + max(now + self.per - opens, timedelta()) * ((place - self._free) / taken)

    @property
    def _free(self) -> int:
        return min(max(self.limit - self.used, 0), self.limit)

    def _opens(self, now: datetime) -> datetime:
        return now + self.per if self.opens is None else max(self.opens, now)

    def _later(self, moment: datetime, windows: int) -> datetime:
        if self.zone is None:
            return moment + windows * self.per
        local = moment.astimezone(ZoneInfo(self.zone))
        return (local + windows * self.per).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """So many jobs that share these windows; the one asked about is the last of them."""

    jobs: int
    paces: Iterable[Pace] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last job goes, and the window that puts it off longest; '' = none does."""

    at: datetime
    binding: str = ""


def forecast(queues: Iterable[Queue], now: datetime, start: datetime) -> Forecast:
    """Return when every queue has let its last job go, none of them before `start`."""
    latest = Forecast(max(now, start))
    for queue in queues:
        for pace in queue.paces if queue.jobs > 0 else ():
            at = pace.nth(queue.jobs, now, start)
            if at > latest.at:
                latest = Forecast(at, pace.name)
    return latest


def paces_of(windows: Iterable[WindowUse]) -> list[Pace]:
    """Return the windows that publish calls must pass, blocks and untold limits left out."""
    return [
        Pace(
            name=each.words,
            limit=each.limit,
            per=each.per,
            used=each.used,
            opens=each.resets_at,
            at_once=each.window in {Window.FIXED, Window.DAY},
            zone=each.zone if each.window == Window.DAY else None,
        )
        for each in windows
        if each.limit and each.per and each.counts(Call.PUBLISH)
    ]


def distance(rules: CampaignRules, opens: datetime) -> Pace:
    """Return a campaign's spacing, with half of its jitter, as a window of one post."""
    per = rules.spacing + rules.jitter / 2
    return Pace(name="the campaign's spacing", limit=1, per=per, used=1, opens=opens)


def opening(windows: Iterable[WindowUse], now: datetime) -> datetime:
    """Return when the last of the blocks ends; now, where there is none."""
    return max((each.blocked_until for each in windows if each.blocked_until), default=now)
