"""Runs a question through: dispatch, workers and polls over one backlog and one virtual clock."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.job import Job
from shared.domain.release import Lateness, LatePolicy
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import WAITING, State, advance
from shared.plan.backlog import Backlog, PlannedJob
from shared.plan.dispatching import Dispatching
from shared.plan.loop import Loop, Places, Turns, VirtualClock
from shared.plan.model import Question, Spent
from shared.plan.polling import Polling
from shared.plan.publishing import HELD_BACK, Publishing, too_late
from shared.plan.recurring import Recurring
from shared.plan.rows import Rows, platforms
from shared.plan.windows import Windows

#: What has not ended by then never will, as things stand.
HORIZON = timedelta(days=400)

RETRY = "the pause after a failed call"
LATE = "its time went by before it could go out"


class Simulation:
    """One run of a question."""

    def __init__(self, question: Question, spent: Sequence[Spent] = ()) -> None:
        self._question = question
        self._start = question.start
        self.clock = VirtualClock(question.start)
        self._loop = Loop(self.clock)
        chance = random.Random(question.seed)
        rows = Rows(question)
        self.jobs = rows.jobs
        self.windows = Windows(
            question.connections, self.clock, platforms(question), spent, question.blocks
        )
        moving = rows.moving()
        self._backlog = Backlog(moving)
        self._dispatching = Dispatching(
            self._backlog, self.windows, self._release, self._late, chance
        )
        self._publishing = Publishing(
            windows=self.windows,
            places=Places(question.places),
            trouble=question.trouble,
            turns=Turns(self._loop),
            chance=chance,
            settle=self._landed,
        )
        self._polling = {
            name: Polling(
                model,
                self.windows,
                self._loop,
                question.trouble,
                chance,
                self._settle,
                question.start,
            )
            for name, model in question.connections.items()
        }
        self._next_tick: datetime | None = None
        #: The jobs of what the plan is about that have not ended.
        self._open = {each.job.id for each in moving if question.concerns(each.job.campaign)}
        self.recurring = Recurring(question, rows, self._loop, self._goes_on, self._join)

    def run(self) -> None:
        """Let everything happen until what the plan is about has ended."""
        self._tick_at(self._start)
        self._loop.run(self._goes_on)

    def _goes_on(self) -> bool:
        return bool(self._open)

    def _tick_at(self, moment: datetime | None) -> None:
        """Tick then, unless a tick comes sooner anyway."""
        if moment is None or moment > self._start + HORIZON:
            return
        if self._next_tick is None or moment < self._next_tick:
            self._next_tick = moment
            self._loop.at(moment, self._tick)

    def _tick(self) -> None:
        now = self.clock.now()
        if now != self._next_tick:
            return
        self._next_tick = None
        for planned in self._dispatching.tick(now):
            self._settle(planned, self._overdue(planned, now))
        self._look_ahead()

    def _look_ahead(self) -> None:
        self._tick_at(self._dispatching.next_tick(self.clock.now(), self._start))

    def _join(self, planned: PlannedJob) -> None:
        """Take in the job of a series."""
        self._backlog.join(planned)
        self._dispatching.expect(planned)
        self._look_ahead()

    def _release(self, planned: PlannedJob) -> None:
        planned.job = replace(planned.job, state=State.QUEUED)
        model = self._question.connections[planned.job.connection]
        self._loop.at(
            self.clock.now(), lambda: self._loop.start(self._publishing.carry_out(planned, model))
        )

    def _late(self, planned: PlannedJob) -> LatePolicy:
        model = self._question.connections[planned.job.connection]
        return planned.late or planned.stream.rules.late or model.terms.late

    def _overdue(self, planned: PlannedJob, now: datetime) -> Settlement:
        not_after = planned.job.not_after
        if not_after is not None and not_after < now:
            return too_late("its not_after has passed")
        if self._late(planned).lateness is Lateness.HOLD:
            return Settlement(to=State.HELD, why=LATE, hold=Hold.LATE)
        return too_late(LATE)

    def _landed(self, planned: PlannedJob, after: Settlement) -> None:
        """Take in what came of an attempt."""
        planned.job = replace(planned.job, state=State.PUBLISHING)
        self._dispatching.landed(planned)
        self._settle(planned, after)
        if planned.job.state is State.IN_PROGRESS:
            self._polling[planned.job.connection].accepted(planned)

    def _settle(self, planned: PlannedJob, after: Settlement) -> None:
        """Write a settlement to a job, as the ledger does."""
        now, job = self.clock.now(), planned.job
        planned.job = job = _settled(job, after, now)
        if after.to in WAITING:
            if after.to is State.SCHEDULED:
                planned.waited(job.reason.removeprefix(HELD_BACK), job.due_at)
            else:
                planned.waited(RETRY, job.due_at)
            self._backlog.add(planned)
        elif after.to is not None and planned.is_over:
            self._backlog.ended(planned)
            self._open.discard(job.id)
        if after.to is not None:
            self._look_ahead()


def _settled(job: Job, after: Settlement, now: datetime) -> Job:
    """Return the job with a settlement's values; None leaves a value as it is."""
    given = {
        name: value
        for name in ("due_at", "next_poll_at", "attempts", "deferrals", "polls", "hold", "fault")
        if (value := getattr(after, name)) is not None
    }
    if after.to is None:
        return replace(job, **given)
    state = advance(job.state, after.to)
    if state is State.IN_PROGRESS:
        given["accepted_at"] = now
    ended = now if state in {State.SUCCEEDED, State.FAILED, State.CANCELLED} else job.settled_at
    return replace(job, state=state, reason=after.why, settled_at=ended, **given)
