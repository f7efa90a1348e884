"""What waits, as the ledger's rows hold it: jobs in streams, streams on lanes, with wake-ups.

A twin of the ledger's releases and rules in memory, for dispatch to decide on.
"""

import heapq
import itertools
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice, zip_longest

from shared.domain.campaign import CampaignRules
from shared.domain.job import Job
from shared.domain.release import Lane, LatePolicy, Stream
from shared.domain.states import WAITING, State

#: As in the ledger: a stream that still has due jobs is looked at again no sooner.
PAUSE = timedelta(milliseconds=800)

#: As in the ledger: so many due jobs may be waiting for their look-alikes.
TWINS_PASSED = 32

#: As in the ledger: of each campaign at least so many lanes are looked at.
FEWEST = 8

#: What may keep a post that no limit keeps.
SPACING = "the campaign's spacing"
TURN = "its turn after the one before"

FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


@dataclass(slots=True, eq=False)
class PlannedLane:
    """One account at one connection."""

    id: int
    connection: str
    account_id: str
    in_flight: int = 0
    #: Likenesses of what is queued or publishing.
    busy: Counter[str] = field(default_factory=Counter)
    streams: list["PlannedStream"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PlannedJob:
    """A job with its place, and what kept it waiting."""

    job: Job
    stream: "PlannedStream"
    likeness: str
    #: Since when it could have gone, if nothing had kept it.
    ready_at: datetime
    waits: Counter[str] = field(default_factory=Counter)
    #: The late policy of its series, where that has one.
    late: LatePolicy | None = None

    @property
    def key(self) -> tuple[datetime, int]:
        return self.job.due_at, self.job.id

    @property
    def is_over(self) -> bool:
        return self.job.state in FINAL or self.job.state is State.HELD

    def waited(self, why: str, until: datetime) -> None:
        """Note what it waited for since it could have gone."""
        if until > self.ready_at:
            self.waits[why] += (until - self.ready_at).total_seconds()  # type: ignore[assignment]
            self.ready_at = until


@dataclass(slots=True, eq=False)
class PlannedStream:
    """What one campaign has on one lane."""

    id: int
    campaign_id: int
    rules: CampaignRules
    lane: PlannedLane
    waiting: list[tuple[datetime, int]] = field(default_factory=list)
    #: Unfinished jobs in their order, where the campaign keeps one.
    turns: list[PlannedJob] = field(default_factory=list)
    #: How many are queued or publishing.
    in_flight: int = 0
    wake_at: datetime | None = None
    last_sent: datetime | None = None
    #: What keeps it waiting since the last look.
    why: str = ""

    @property
    def share(self) -> tuple[int, str]:
        return self.campaign_id, self.lane.connection


@dataclass(frozen=True, slots=True)
class Head:
    """The only job of a stream that may go next, and from when on; None = it is woken then."""

    planned: PlannedJob
    at: datetime | None
    why: str


class Backlog:
    """All that waits, and when dispatch must look at it next."""

    def __init__(self, jobs: Sequence[PlannedJob]) -> None:
        self.jobs = {each.job.id: each for each in jobs}
        self._asleep: list[tuple[datetime, int, PlannedStream]] = []
        self._numbers = itertools.count()
        self._awake: defaultdict[tuple[int, str], set[PlannedStream]] = defaultdict(set)
        for each in jobs:
            insort(each.stream.waiting, each.key)
            each.stream.turns.append(each)
        for stream in {id(each.stream): each.stream for each in jobs}.values():
            stream.turns.sort(key=lambda each: (each.job.run_at, each.job.id))
            self.wake(stream, stream.waiting[0][0])

    def first_wake(self) -> datetime | None:
        """Return when something asleep is worth a look."""
        while self._asleep and not self._is_asleep(self._asleep[0]):
            heapq.heappop(self._asleep)
        return self._asleep[0][0] if self._asleep else None

    def awake(self) -> Iterator[PlannedStream]:
        return chain.from_iterable(self._awake.values())

    def wake(self, stream: PlannedStream, at: datetime) -> None:
        """Look at a stream then, if that was not going to happen before."""
        if stream.wake_at is None or at < stream.wake_at:
            self._sleep(stream, at)

    def join(self, planned: PlannedJob) -> None:
        """Take in a job that was not there when the plan began."""
        self.jobs[planned.job.id] = planned
        insort(planned.stream.turns, planned, key=lambda each: (each.job.run_at, each.job.id))
        self.add(planned)

    def add(self, planned: PlannedJob) -> None:
        """Let a job wait again, until it is due."""
        insort(planned.stream.waiting, planned.key)
        self.wake(planned.stream, planned.job.due_at)

    def ended(self, planned: PlannedJob) -> None:
        """Let the next one have its turn."""
        stream = planned.stream
        if stream.rules.ordered and stream.waiting:
            self.wake(stream, stream.waiting[0][0])

    def remove(self, planned: PlannedJob) -> None:
        del planned.stream.waiting[bisect_left(planned.stream.waiting, planned.key)]

    def due_lanes(
        self, horizon: datetime, limit: int, closed: Collection[str] = ()
    ) -> list[PlannedLane]:
        """Return lanes to look at: campaigns take turns, the longest due of each first."""
        self._rouse(horizon)
        shares = [
            sorted(streams, key=lambda each: (each.wake_at, each.id))
            for (_, connection), streams in sorted(self._awake.items())
            if streams and connection not in closed
        ]
        if not shares:
            return []
        most = max(2 * limit // len(shares), FEWEST)
        turns = chain.from_iterable(zip_longest(*(each[:most] for each in shares)))
        found = {each.lane.id: each.lane for each in turns if each is not None}
        return list(found.values())[:limit]

    def due_connections(self, horizon: datetime) -> list[str]:
        self._rouse(horizon)
        return sorted({name for (_, name), streams in self._awake.items() if streams})

    def look(
        self, lanes: Sequence[PlannedLane], horizon: datetime, per_lane: int
    ) -> tuple[list[Lane], dict[int, Head]]:
        """Return the lanes as `choose` takes them, and the heads of their streams."""
        heads: dict[int, Head] = {}
        found: list[Lane] = []
        for lane in lanes:
            streams = []
            taken: set[str] = set()
            for stream in sorted(lane.streams, key=lambda each: each.id):
                if stream.wake_at is None or stream.wake_at > horizon:
                    continue
                due = self._due(stream, horizon, per_lane, taken, heads)
                first = due[0].job.due_at if due else None
                streams.append(
                    Stream(
                        campaign_id=stream.campaign_id,
                        weight=stream.rules.priority.weight,
                        due=[each.job.id for each in due],
                        first_due=first,
                    )
                )
            found.append(_lane(lane, streams))
        return found, heads

    def look_again(
        self,
        lanes: Sequence[PlannedLane],
        heads: Mapping[int, Head],
        chosen: Collection[int],
        wake: Mapping[int, datetime],
        horizon: datetime,
    ) -> None:
        """Say when each stream is worth another look: at its next due job, not before it may go."""
        soon = horizon + PAUSE
        for lane in lanes:
            for stream in lane.streams:
                if stream.wake_at is None or stream.wake_at > horizon:
                    continue
                at = _next(stream, heads.get(stream.id), chosen, soon)
                if at is not None:
                    at = max(at, wake.get(lane.id, at), soon if at <= horizon else at)
                self._sleep(stream, at)

    def _due(
        self,
        stream: PlannedStream,
        horizon: datetime,
        per_lane: int,
        taken: set[str],
        heads: dict[int, Head],
    ) -> list[PlannedJob]:
        rules, lane = stream.rules, stream.lane
        if rules.ordered or rules.spaced:
            head = self._head(stream, horizon)
            if head is None:
                return []
            heads[stream.id] = head
            goes = head.at is not None and head.at <= horizon
            if not goes or head.planned.likeness in taken:
                stream.why = head.why or stream.why
                return []
            taken.add(head.planned.likeness)
            return [head.planned]
        found: list[PlannedJob] = []
        for due_at, number in islice(stream.waiting, per_lane + TWINS_PASSED):
            if due_at > horizon or len(found) == per_lane:
                break
            each = self.jobs[number]
            if not lane.busy[each.likeness] and each.likeness not in taken:
                taken.add(each.likeness)
                found.append(each)
        return found

    def _head(self, stream: PlannedStream, horizon: datetime) -> Head | None:
        rules = stream.rules
        while stream.turns and stream.turns[0].job.state in FINAL:
            del stream.turns[0]
        if rules.ordered:
            first = stream.turns[0] if stream.turns else None
        else:
            first = self.jobs[stream.waiting[0][1]] if stream.waiting else None
        if first is None:
            return None
        if first.job.state not in WAITING:
            return Head(first, None, TURN)
        if (rules.spaced and stream.in_flight) or stream.lane.busy[first.likeness]:
            return Head(first, horizon + PAUSE, SPACING)
        due_at = first.job.due_at
        if not rules.spaced or stream.last_sent is None:
            return Head(first, due_at, "")
        at = max(due_at, stream.last_sent + rules.gap(first.job.id))
        return Head(first, at, SPACING if at > due_at else "")

    def _sleep(self, stream: PlannedStream, at: datetime | None) -> None:
        self._awake[stream.share].discard(stream)
        stream.wake_at = at
        if at is not None:
            heapq.heappush(self._asleep, (at, next(self._numbers), stream))

    def _rouse(self, horizon: datetime) -> None:
        while self._asleep and self._asleep[0][0] <= horizon:
            entry = heapq.heappop(self._asleep)
            if self._is_asleep(entry):
                self._awake[entry[2].share].add(entry[2])

    def _is_asleep(self, entry: tuple[datetime, int, PlannedStream]) -> bool:
        at, _, stream = entry
        return stream.wake_at == at and stream not in self._awake[stream.share]


def _lane(lane: PlannedLane, streams: Sequence[Stream]) -> Lane:
    return Lane(
        id=lane.id,
        connection=lane.connection,
        account_id=lane.account_id,
        in_flight=lane.in_flight,
        streams=streams,
    )


def _next(
    stream: PlannedStream, head: Head | None, chosen: Collection[int], soon: datetime
) -> datetime | None:
    if head is None:
        return stream.waiting[0][0] if stream.waiting else None
    if head.planned.job.id not in chosen:
        return head.at
    return None if stream.rules.ordered else soon
