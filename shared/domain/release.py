"""The decision of dispatch: which due jobs go now, given their lanes and what the limits admit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.duration import read_duration


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
class Lane:
    """What jobs of one account at one connection share, as dispatch sees it."""

    id: int
    connection: str
    account_id: str
    #: Jobs of this lane that are queued or publishing now.
    in_flight: int
    #: Due jobs, earliest first, at most as many as one tick may release.
    due: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """How much may be released: in all, per lane, and per connection and lane by the limits."""

    total: int
    per_lane: int
    connections: Mapping[str, int]
    lanes: Mapping[int, int]


def choose(lanes: Sequence[Lane], quotas: Quotas) -> list[int]:
    """Return the jobs to release, round robin over the lanes, in the order they should go.

    A lane's or connection's quota is what its limits admit less what is already in flight, so
    one long campaign can neither starve a single post nor queue more than may be sent.
    """
    rooms = {lane.id: _room(lane, quotas) for lane in lanes}
    connections = dict(quotas.connections)
    chosen: list[int] = []
    for turn in range(quotas.per_lane):
        for lane in lanes:
            if len(chosen) >= quotas.total:
                return chosen
            if turn >= min(rooms[lane.id], len(lane.due)) or connections[lane.connection] <= 0:
                continue
            connections[lane.connection] -= 1
            chosen.append(lane.due[turn])
    return chosen


def _room(lane: Lane, quotas: Quotas) -> int:
    return max(min(quotas.per_lane, quotas.lanes[lane.id]) - lane.in_flight, 0)


def late(policy: LatePolicy, run_at: datetime, now: datetime) -> bool:
    """Whether the late policy, rather than dispatch, decides about this job."""
    return policy.lateness is not Lateness.PUBLISH and now - run_at > policy.after
