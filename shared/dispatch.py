"""Dispatch: releases due jobs of lanes into Redis, no more than the limits admit.

due lanes ─→ headroom ─→ choose (pure) ─→ queued, committed ─→ ring
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from shared.broker import Broker
from shared.clock import Clock
from shared.connected import Connected
from shared.domain.limit import Call, Headroom, Limiter, Scope
from shared.domain.release import LOOK_AHEAD, Lateness, LatePolicy, Quotas, choose
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.ledger.releases import DueLane

#: Jobs of one lane that may be queued or publishing at once.
PER_LANE = 8

#: Lanes looked at, and jobs released, in one go.
LANES = 200
JOBS = 800

#: A tick goes on to another round while the last one released so many, up to so many rounds.
ENOUGH = JOBS // 2
ROUNDS = 3

#: What an unlimited connection may have in flight; more would only wait in Redis.
UNLIMITED = 2_000


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Hands due jobs to the broker; called by the tick for all lanes, by submit for its own."""

    ledger: Ledger
    limiter: Limiter
    broker: Broker
    connections: Mapping[str, Connected]
    clock: Clock
    chance: random.Random = field(default_factory=random.Random)

    def tick(self, by: str) -> int:
        """End what came too late, release what is due and may go; return how many were rung.

        Raises PartUnreachable; when that comes of the ring, the next rescue rings for all again.
        """
        now = self.clock.now()
        self.ledger.latecomers.too_late(now=now, by=by)
        self._apply_late_policies(now, by)
        rung = 0
        for _ in range(ROUNDS):
            released = self._round(by)
            rung += released
            if released < ENOUGH:
                break
        return rung

    def submit(self, lanes: set[int], by: str) -> int:
        """Release what is due of these lanes."""
        few = sorted(lanes)[:LANES]
        return self._release(self.ledger.releases.lanes(few), {}, self.clock.now(), by)

    def _apply_late_policies(self, now: datetime, by: str) -> None:
        own = [(name, each.terms.late) for name, each in self.connections.items()]
        keys: defaultdict[LatePolicy, list[str]] = defaultdict(list)
        for key, policy in own + self.ledger.latecomers.policies():
            if policy.lateness is not Lateness.PUBLISH:
                keys[policy].append(key)
        for policy, concerned in keys.items():
            self.ledger.latecomers.late(concerned, policy, now=now, by=by)

    def _round(self, by: str) -> int:
        """Release once; a connection that has no room costs no more than the question."""
        now = self.clock.now()
        names = self.ledger.releases.due_connections(now + LOOK_AHEAD)
        if not names:
            return 0
        rooms = self._connection_rooms(names, now)
        closed = [name for name, room in rooms.items() if room.free == 0]
        lanes = self.ledger.releases.due_lanes(now + LOOK_AHEAD, LANES, closed)
        return self._release(lanes, rooms, now, by)

    def _release(
        self, lanes: Sequence[DueLane], rooms: Mapping[str, Headroom], now: datetime, by: str
    ) -> int:
        if not lanes:
            return 0
        room = self._room(lanes, rooms, now)
        released = self.ledger.releases.release(
            [lane.id for lane in lanes],
            lambda ready: choose(ready, room.quotas, self.chance),
            horizon=now + LOOK_AHEAD,
            per_lane=PER_LANE,
            wake=room.wake,
            now=now,
            by=by,
        )
        soonest = sorted(released, key=lambda each: max(each.due_at, now))
        if released and not self.broker.ring([each.job_id for each in soonest]):
            self.ledger.epochs.doubt(now)
            raise PartUnreachable(f"Redis took no message for {len(released)} queued jobs")
        return len(released)

    def _connection_rooms(self, names: Sequence[str], now: datetime) -> dict[str, Headroom]:
        """Return what each connection's limits admit by the horizon beyond what is in flight."""
        scopes = [Scope(name) for name in names]
        headroom = self.limiter.headroom(scopes, Call.PUBLISH, now, LOOK_AHEAD)
        in_flight = self.ledger.releases.in_flight()
        return {
            name: replace(room, free=max(free(room) - in_flight.get(name, 0), 0))
            for name, room in zip(names, headroom, strict=True)
        }

    def _room(
        self, lanes: Sequence[DueLane], rooms: Mapping[str, Headroom], now: datetime
    ) -> "_Room":
        missing = sorted({lane.connection for lane in lanes} - rooms.keys())
        rooms = {**rooms, **self._connection_rooms(missing, now)}
        scopes = [Scope(lane.connection, lane.account_id) for lane in lanes]
        headroom = self.limiter.headroom(scopes, Call.PUBLISH, now, LOOK_AHEAD)
        of_lane = {lane.id: room for lane, room in zip(lanes, headroom, strict=True)}
        quotas = Quotas(
            total=JOBS,
            per_lane=PER_LANE,
            connections={name: room.free or 0 for name, room in rooms.items()},
            lanes={lane: free(room) for lane, room in of_lane.items()},
        )
        return _Room(quotas, wakes(lanes, rooms, of_lane))


@dataclass(frozen=True, slots=True)
class _Room:
    quotas: Quotas
    wake: Mapping[int, datetime]


def free(room: Headroom) -> int:
    """Return how many may be in flight where so much room is."""
    return UNLIMITED if room.free is None else room.free


class Placed(Protocol):
    """A lane, as far as its limits are concerned."""

    @property
    def id(self) -> int: ...
    @property
    def connection(self) -> str: ...


def wakes(
    lanes: Sequence[Placed],
    of_connection: Mapping[str, Headroom],
    of_lane: Mapping[int, Headroom],
) -> dict[int, datetime]:
    """Return, for each lane that a limit blocks, the moment it is worth looking at again."""
    wake = {}
    for lane in lanes:
        rooms = (of_connection[lane.connection], of_lane[lane.id])
        moments = [room.until for room in rooms if room.free == 0 and room.until is not None]
        if moments:
            wake[lane.id] = max(moments)
    return wake
