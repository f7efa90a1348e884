"""The settle ticks of a plan: asks after what is in flight, inside the same windows."""

import math
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.habit import Habit, Tally
from shared.domain.limit import Call, Scope
from shared.domain.settlement import Settlement
from shared.domain.settling import after_poll
from shared.domain.status import Status, Verdict
from shared.plan.backlog import PlannedJob
from shared.plan.loop import Loop, Process
from shared.plan.model import ModelConnection, Sort, Trouble
from shared.plan.windows import Windows

#: As beat's schedule has it.
TICK = timedelta(seconds=1)

#: As the settle tick has it: what is due so soon may be asked about along with what is due.
SOON = timedelta(seconds=5)

#: As the settle tick has it: a provider that could not be asked is asked again after this.
BROKEN = timedelta(seconds=5)


class Polling:
    """What is in flight at one connection, and when it is asked about."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a plan
        self,
        model: ModelConnection,
        windows: Windows,
        loop: Loop,
        trouble: Trouble,
        chance: random.Random,
        settle: Callable[[PlannedJob, Settlement], None],
        start: datetime,
    ) -> None:
        self._model = model
        self._windows = windows
        self._loop = loop
        self._trouble = trouble
        self._chance = chance
        self._settle = settle
        self._start = start
        self._flying: dict[int, tuple[PlannedJob, datetime]] = {}
        self._tallies: defaultdict[Sort, Tally] = defaultdict(Tally)
        self._next: datetime | None = None
        self._asking = False

    def accepted(self, planned: PlannedJob) -> None:
        """Ask about a publish from now on, until it is out."""
        job, now = planned.job, self._windows.clock.now()
        habit = self._model.habits.get((job.post.platform, job.post.kind))
        out_at = now + self._model.traits.settle_of(job.post.kind, habit, self._chance)
        self._flying[job.id] = planned, out_at
        first = self._model.terms.capabilities.poll_first
        self._wake(max(now + first, self._first_poll(planned)))

    def _first_poll(self, planned: PlannedJob) -> datetime:
        accepted_at = planned.job.accepted_at or self._windows.clock.now()
        terms = self._model.terms
        return terms.poll.first_poll(
            terms.capabilities.poll_first, accepted_at, self._habit(planned)
        )

    def _habit(self, planned: PlannedJob) -> Habit | None:
        sort = planned.job.post.platform, planned.job.post.kind
        return self._model.habits.get(sort) or self._tallies[sort].habit()

    def _wake(self, moment: datetime) -> None:
        """Tick at the first whole second, from the start on, that is not before this moment."""
        at = self._start + math.ceil((moment - self._start) / TICK) * TICK
        if self._next is None or at < self._next:
            self._next = at
            self._loop.at(at, self._tick)

    def _tick(self) -> None:
        if self._windows.clock.now() == self._next and not self._asking:
            self._loop.start(self._ask())

    def _ask(self) -> Process:
        """Ask in one round, a call for each batch; what is not admitted is asked later."""
        self._asking, self._next = True, None
        now = self._windows.clock.now()
        asked = self._due(now)
        batch = self._model.terms.capabilities.status_batch
        line = self._windows.line()
        for begin in range(0, len(asked), batch):
            some = asked[begin : begin + batch]
            scope = Scope(self._model.name)
            admission = line.admit(scope, Call.STATUS)
            if not admission.granted:
                until = admission.until or now + BROKEN
                self._put_off(asked[begin:], max(until, now + BROKEN / 5))
                break
            if self._trouble.is_away(self._model.name, now):
                line.not_sent()
                self._put_off(asked[begin:], now + BROKEN)
                break
            yield self._windows.clock.now() + self._model.traits.status
            line.answered(scope, Call.STATUS)
            for planned in some:
                self._answered(planned)
        self._windows.hang_up(line)
        self._asking, self._next = False, None
        moments = [_poll_at(each) for each, _ in self._flying.values()]
        if moments:
            self._wake(max(min(moments), self._windows.clock.now() + timedelta(milliseconds=1)))

    def _due(self, now: datetime) -> list[PlannedJob]:
        """Return what is due for a poll, and as much of what soon is as its calls have room for."""
        found = [each for each, _ in self._flying.values() if _poll_at(each) <= now]
        ripe = []
        for planned in found:
            first = self._first_poll(planned) if not planned.job.polls else now
            if first > now:
                self._put_off([planned], first)
            else:
                ripe.append(planned)
        room = -len(ripe) % self._model.terms.capabilities.status_batch if ripe else 0
        due = {each.job.id for each in found}
        riding = [
            each
            for each, _ in self._flying.values()
            if each.job.id not in due and self._rides(each, now)
        ]
        return [*ripe, *riding[:room]]

    def _rides(self, planned: PlannedJob, now: datetime) -> bool:
        job, terms = planned.job, self._model.terms
        at = _poll_at(planned)
        if job.accepted_at is None or at > now + SOON:
            return False
        first = terms.capabilities.poll_first
        return terms.poll.rides(first, now - job.accepted_at, at - now, self._habit(planned))

    def _put_off(self, some: list[PlannedJob], until: datetime) -> None:
        for planned in some:
            self._settle(planned, Settlement(to=None, next_poll_at=until))

    def _answered(self, planned: PlannedJob) -> None:
        now = self._windows.clock.now()
        is_out = self._flying[planned.job.id][1] <= now
        verdict = Verdict.SUCCEEDED if is_out else Verdict.PENDING
        status = Status(publish_id=str(planned.job.id), verdict=verdict, raw="modelled")
        after = after_poll(planned.job, status, self._model.terms, now, self._habit(planned))
        if after.to is not None:
            del self._flying[planned.job.id]
            self._learn(planned, now)
        self._settle(planned, after)

    def _learn(self, planned: PlannedJob, now: datetime) -> None:
        job = planned.job
        if job.accepted_at is not None:
            sort = job.post.platform, job.post.kind
            self._tallies[sort] = self._tallies[sort].learn([now - job.accepted_at])


def _poll_at(planned: PlannedJob) -> datetime:
    at = planned.job.next_poll_at
    if at is None:
        raise AssertionError(f"job {planned.job.id} is in flight and has no poll")
    return at
