"""The ticks of dispatch, a second apart, over a backlog in memory: the real choice of what goes."""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.dispatch import ENOUGH, JOBS, LANES, PER_LANE, ROUNDS, free, wakes
from shared.domain.limit import Headroom, Scope
from shared.domain.release import LOOK_AHEAD, Lateness, LatePolicy, Quotas, choose
from shared.domain.states import WAITING
from shared.plan.backlog import Backlog, Head, PlannedJob, PlannedLane
from shared.plan.windows import Windows

#: As beat's schedule has it.
TICK = timedelta(seconds=1)


#: What keeps a post that no limit keeps.
TICKS = "the ticks of dispatch, with at most 8 posts of an account on their way"


@dataclass(frozen=True, slots=True)
class _Look:
    """Lanes looked at, and what is free at their connections and on themselves."""

    lanes: Sequence[PlannedLane]
    connections: Mapping[str, Headroom]
    own: Mapping[int, Headroom]


class Dispatching:
    """Releases what is due and may go, as the real dispatcher does from the real ledger."""

    def __init__(
        self,
        backlog: Backlog,
        windows: Windows,
        release: Callable[[PlannedJob], None],
        late: Callable[[PlannedJob], LatePolicy],
        chance: random.Random,
    ) -> None:
        self._backlog = backlog
        self._windows = windows
        self._release = release
        self._chance = chance
        self.in_flight: dict[str, int] = {}
        #: What each connection without room waits for, and until when if that is known.
        self._closed: dict[str, Headroom] = {}
        self._late = late
        #: Moments, jobs, and whether these hold also for a job that was tried.
        self._deadlines: list[tuple[datetime, int, bool]] = []
        for planned in backlog.jobs.values():
            self.expect(planned)

    def expect(self, planned: PlannedJob) -> None:
        """Note when a job must not go any more, or not by its late policy."""
        job, policy = planned.job, self._late(planned)
        if job.not_after is not None:
            heapq.heappush(self._deadlines, (job.not_after, job.id, True))
        if policy.lateness is not Lateness.PUBLISH:
            heapq.heappush(self._deadlines, (job.run_at + policy.after, job.id, False))

    def tick(self, now: datetime) -> list[PlannedJob]:
        """Release, in rounds while much may go; return the jobs that came too late."""
        overdue = self._overdue(now)
        for _ in range(ROUNDS):
            if self._round(now) < ENOUGH:
                break
        return overdue

    def next_tick(self, now: datetime, start: datetime) -> datetime | None:
        """Return when a tick will next have something to do; None = never, as things stand."""
        moments = [each for each in (self._backlog.first_wake(),) if each is not None]
        moments = [each - LOOK_AHEAD for each in moments]
        for stream in self._backlog.awake():
            closed = self._closed.get(stream.lane.connection)
            if closed is None or closed.until is None:
                moments.append(now)
            else:
                moments.append(closed.until - LOOK_AHEAD)
        if self._deadlines:
            moments.append(self._deadlines[0][0])
        if not moments:
            return None
        ticks = max(math.ceil((min(moments) - start) / TICK), (now - start) // TICK + 1)
        return start + ticks * TICK

    def _round(self, now: datetime) -> int:
        horizon = now + LOOK_AHEAD
        names = self._backlog.due_connections(horizon)
        rooms = self._connection_rooms(names, now)
        self._closed = {name: room for name, room in rooms.items() if room.free == 0}
        self._explain_closed()
        lanes = self._backlog.due_lanes(horizon, LANES, self._closed)
        if not lanes:
            return 0
        scopes = [Scope(each.connection, each.account_id) for each in lanes]
        own = self._windows.lanes(scopes, now, PER_LANE)
        by_lane = {lane.id: room for lane, room in zip(lanes, own, strict=True)}
        return self._released(_Look(lanes, rooms, by_lane), now)

    def _released(self, look: _Look, now: datetime) -> int:
        horizon = now + LOOK_AHEAD
        ready, heads = self._backlog.look(look.lanes, horizon, PER_LANE)
        quotas = Quotas(
            total=JOBS,
            per_lane=PER_LANE,
            connections={name: room.free or 0 for name, room in look.connections.items()},
            lanes={lane: free(room) for lane, room in look.own.items()},
        )
        chosen = choose(ready, quotas, self._chance)
        for number in chosen:
            self._queue(self._backlog.jobs[number], heads, now)
        self._explain(look, chosen)
        wake = wakes(look.lanes, look.connections, look.own)
        self._backlog.look_again(look.lanes, heads, set(chosen), wake, horizon)
        return len(chosen)

    def _queue(self, planned: PlannedJob, heads: Mapping[int, Head], now: datetime) -> None:
        self._backlog.remove(planned)
        head = heads.get(planned.stream.id)
        if head is not None and head.at is not None:
            planned.job = replace(planned.job, due_at=head.at)
        planned.waited(planned.stream.why or TICKS, max(now, planned.job.due_at))
        lane = planned.stream.lane
        lane.in_flight += 1
        planned.stream.in_flight += 1
        lane.busy[planned.likeness] += 1
        self.in_flight[lane.connection] = self.in_flight.get(lane.connection, 0) + 1
        self._release(planned)

    def landed(self, planned: PlannedJob) -> None:
        """Count a job as no longer queued or publishing."""
        lane = planned.stream.lane
        lane.in_flight -= 1
        planned.stream.in_flight -= 1
        lane.busy[planned.likeness] -= 1
        self.in_flight[lane.connection] -= 1

    def _connection_rooms(self, names: Sequence[str], now: datetime) -> dict[str, Headroom]:
        rooms = self._windows.rooms(names, now)
        return {
            name: replace(room, free=max(free(room) - self._unsent(name), 0))
            for name, room in zip(names, rooms, strict=True)
        }

    def _unsent(self, connection: str) -> int:
        """Return how many are on their way and have no place in the windows yet."""
        return self.in_flight.get(connection, 0) - self._windows.sending[connection]

    def _explain(self, look: _Look, chosen: Collection[int]) -> None:
        """Note on each stream what keeps what was not chosen."""
        gone = Counter(self._backlog.jobs[each].stream.lane.connection for each in chosen)
        for lane in look.lanes:
            own, whole = look.own[lane.id], look.connections[lane.connection]
            is_full = whole.free is not None and gone[lane.connection] >= whole.free
            why = own.limit if own.free == 0 else whole.limit if is_full else ""
            for stream in lane.streams:
                stream.why = why or stream.why

    def _explain_closed(self) -> None:
        """Note what keeps the streams of connections without room: nobody looks at these."""
        if self._closed:
            for stream in self._backlog.awake():
                closed = self._closed.get(stream.lane.connection)
                if closed is not None and closed.limit:
                    stream.why = closed.limit

    def _overdue(self, now: datetime) -> list[PlannedJob]:
        found = []
        while self._deadlines and self._deadlines[0][0] < now:
            _, number, always = heapq.heappop(self._deadlines)
            planned = self._backlog.jobs[number]
            untried = planned.job.first_sent_at is None and planned.job.deferrals == 0
            if planned.job.state in WAITING and (always or untried):
                self._backlog.remove(planned)
                found.append(planned)
        return found
