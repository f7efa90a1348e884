"""Dispatch: releases due jobs of lanes into Redis, no more than the limits admit.

due lanes ─→ headroom ─→ choose (pure) ─→ queued, committed ─→ ring
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.broker import Broker
from shared.clock import Clock
from shared.connected import Connected
from shared.domain.limit import Call, Headroom, Limiter, Scope
from shared.domain.release import Lateness, Quotas, choose
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.ledger.releases import DueLane

#: Jobs of one lane that may be queued or publishing at once.
PER_LANE = 8

#: Lanes looked at, and jobs released, in one go.
LANES = 200
JOBS = 400

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

    def tick(self, by: str) -> int:
        """End what came too late, release what is due and may go; return how many were rung.

        Raises PartUnreachable; when that comes of the ring, the next rescue rings for all again.
        """
        now = self.clock.now()
        self.ledger.releases.too_late(now=now, by=by)
        self._apply_late_policies(now, by)
        return self._release(self.ledger.releases.due_lanes(now, LANES), now, by)

    def submit(self, lanes: set[int], by: str) -> int:
        """Release what is due of these lanes."""
        now = self.clock.now()
        due = self.ledger.releases.due_lanes(now, LANES)
        return self._release([lane for lane in due if lane.id in lanes], now, by)

    def _apply_late_policies(self, now: datetime, by: str) -> None:
        for name, connected in self.connections.items():
            late = connected.terms.late
            if late.lateness is Lateness.PUBLISH:
                continue
            to = State.FAILED if late.lateness is Lateness.SKIP else State.HELD
            self.ledger.releases.late(name, now - late.after, to, now=now, by=by)

    def _release(self, lanes: Sequence[DueLane], now: datetime, by: str) -> int:
        if not lanes:
            return 0
        room = self._room(lanes, now)
        released = self.ledger.releases.release(
            [lane.id for lane in lanes],
            lambda ready: choose(ready, room.quotas),
            horizon=now,
            per_lane=PER_LANE,
            wake=room.wake,
            now=now,
            by=by,
        )
        if released and not self.broker.ring([each.job_id for each in released]):
            self.ledger.epochs.doubt(now)
            raise PartUnreachable(f"Redis took no message for {len(released)} queued jobs")
        return len(released)

    def _room(self, lanes: Sequence[DueLane], now: datetime) -> "_Room":
        names = sorted({lane.connection for lane in lanes})
        scopes = [Scope(name) for name in names]
        scopes += [Scope(lane.connection, lane.account_id) for lane in lanes]
        headroom = self.limiter.headroom(scopes, Call.PUBLISH, now)
        of_connection = dict(zip(names, headroom, strict=False))
        of_lane = dict(zip([lane.id for lane in lanes], headroom[len(names) :], strict=True))
        in_flight = self.ledger.releases.in_flight()
        quotas = Quotas(
            total=JOBS,
            per_lane=PER_LANE,
            connections={
                name: _free(room) - in_flight.get(name, 0) for name, room in of_connection.items()
            },
            lanes={lane: _free(room) for lane, room in of_lane.items()},
        )
        return _Room(quotas, _wake(lanes, of_connection, of_lane))


@dataclass(frozen=True, slots=True)
class _Room:
    quotas: Quotas
    wake: Mapping[int, datetime]


def _free(room: Headroom) -> int:
    return UNLIMITED if room.free is None else room.free


def _wake(
    lanes: Sequence[DueLane],
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
