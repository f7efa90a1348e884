"""The decision of dispatch: which due jobs go now, given their lanes and what the limits admit."""

import random
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from shared.domain.duration import read_duration, show_duration

#: Jobs are released so long before they are due, and wait at the worker for their instant: the
#: ticks of dispatch are a second apart.
LOOK_AHEAD = timedelta(seconds=2)


class Lateness(StrEnum):
    """What becomes of a job that is found due long after its `run_at`."""

    PUBLISH = "publish"
    SKIP = "skip"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """What to do with a job whose `run_at` is more than `after` ago when it could first go."""

    lateness: Lateness = Lateness.PUBLISH
    after: timedelta = timedelta(hours=1)

    @override
    def __str__(self) -> str:
        if self.lateness is Lateness.PUBLISH:
            return str(self.lateness)
        return f"{self.lateness} after {show_duration(self.after)}"


_LATE = re.compile(r"(skip|hold)(?:\s+after\s+(\S+))?")


def read_late_policy(value: object) -> LatePolicy | None:
    """Read `publish`, `hold`, `skip`, `hold after 2h` or `skip after 30m`."""
    if value is None or isinstance(value, LatePolicy):
        return value
    text = str(value).strip().lower()
    if text == Lateness.PUBLISH:
        return LatePolicy()
    match = _LATE.fullmatch(text)
    if match is None:
        raise ValueError(f"must be publish, hold, skip or 'skip after 2h', not {value!r}")
    word, after = match.groups()
    return LatePolicy(Lateness(word), read_duration(after) if after else LatePolicy().after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What one campaign has due on one lane."""

    campaign_id: int
    weight: int
    #: Due jobs, earliest first, at most as many as one tick may release.
    due: Sequence[int]
    #: When the first of them was due; None = nobody asks whose turn comes first.
    first_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What jobs of one account at one connection share, as dispatch sees it."""

    id: int
    connection: str
    account_id: str
    #: Jobs of this lane that are queued or publishing now.
    in_flight: int
    streams: Sequence[Stream]

    @property
    def due(self) -> list[int]:
        return [job for stream in self.streams for job in stream.due]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """How much may be released: in all, per lane, and per connection and lane by the limits."""

    total: int
    per_lane: int
    connections: Mapping[str, int]
    lanes: Mapping[int, int]


def choose(lanes: Sequence[Lane], quotas: Quotas, chance: random.Random) -> list[int]:
    """Return the jobs to release, in the order they should go.

    The connections take turns; within one its campaigns do, by weight, and within a campaign its
    lanes, from the longest due on: one long campaign can neither starve a single post nor queue
    more than may be sent. A lane's or connection's quota is what its limits admit less what is in
    flight already. Which campaign comes first, and which of two lanes as long due, is left to
    chance, so that the shares are right even where each tick has room for one job only.
    """
    rooms = {lane.id: _Room(lane, quotas) for lane in lanes}
    turns = [
        _Turns([lane for lane in lanes if lane.connection == name], rooms, chance)
        for name in dict.fromkeys(lane.connection for lane in lanes)
    ]
    left = dict(quotas.connections)
    chosen: list[int] = []
    while turns and len(chosen) < quotas.total:
        connection = turns.pop(0)
        job = connection.next() if left[connection.name] > 0 else None
        if job is not None:
            left[connection.name] -= 1
            chosen.append(job)
            turns.append(connection)
    return chosen


class _Room:
    """How many more jobs of a lane may go."""

    def __init__(self, lane: Lane, quotas: Quotas) -> None:
        self._left = min(quotas.per_lane, quotas.lanes[lane.id]) - lane.in_flight

    def take(self) -> bool:
        """Take a place; False when there is none."""
        self._left -= 1
        return self._left >= 0


class _Turns:
    """The turns of one connection's campaigns: each pick, the one that is owed most goes."""

    def __init__(
        self, lanes: Sequence[Lane], rooms: Mapping[int, _Room], chance: random.Random
    ) -> None:
        self.name = lanes[0].connection
        self._queues: dict[int, deque[_Waiting]] = {}
        self._weights: dict[int, int] = {}
        for stream, lane in _longest_due_first(lanes, chance):
            waiting = _Waiting(rooms[lane.id], deque(stream.due))
            self._queues.setdefault(stream.campaign_id, deque()).append(waiting)
            self._weights[stream.campaign_id] = stream.weight
        self._owed = {each: weight * chance.random() for each, weight in self._weights.items()}

    def next(self) -> int | None:
        """Return the next job of the campaign whose turn it is; None when nothing may go."""
        while self._queues:
            for campaign in self._queues:
                self._owed[campaign] += self._weights[campaign]
            campaign = max(self._queues, key=self._owed.__getitem__)
            job = _first(self._queues[campaign])
            if job is not None:
                self._owed[campaign] -= sum(self._weights[each] for each in self._queues)
                return job
            del self._queues[campaign]
        return None


@dataclass(frozen=True, slots=True)
class _Waiting:
    room: _Room
    jobs: deque[int]


def _longest_due_first(lanes: Sequence[Lane], chance: random.Random) -> list[tuple[Stream, Lane]]:
    streams = [(stream, lane) for lane in lanes for stream in lane.streams]
    chance.shuffle(streams)
    return sorted(streams, key=lambda each: (each[0].first_due is not None, each[0].first_due))


def _first(queue: deque[_Waiting]) -> int | None:
    """Take the first job that its lane has room for, and put the lane behind the others."""
    while queue:
        waiting = queue.popleft()
        if waiting.jobs and waiting.room.take():
            queue.append(waiting)
            return waiting.jobs.popleft()
    return None
