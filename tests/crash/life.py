"""The life of one job: the scheduler's ticks and the worker's steps, as it needs them, in turn."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from scheduler.fanout import FanOut
from scheduler.reconciling import Reconciling
from scheduler.rescue import LONGEST_PAUSE, Rescue
from scheduler.settle import Settling
from shared.bootstrap import Parts
from shared.domain.job import Job
from shared.domain.states import AT_REST, State
from tests.crash.mailbox import Mailbox
from tests.crash.moment import SharedClock
from worker.crew import Crew
from worker.leases import Leases
from worker.pipeline import Pipeline
from worker.records import Records

ROUNDS = 60
MOMENT = timedelta(seconds=1)


class InTurn(FanOut):
    """Runs each read at once instead of beside others, so that every run is the same."""

    @override
    def run(self, lane: str, call: Callable[[], object]) -> bool:
        self._run(lane, call)
        return True


class Errands:
    """Stands for the crew's threads: carries a claimed job out at once, or after the ack."""

    def __init__(self, *, after_ack: bool) -> None:
        self._after_ack = after_ack
        self._waiting: list[Callable[[], Any]] = []

    def submit(self, work: Callable[[Any], Any], claim: Any) -> None:
        self._waiting.append(lambda: work(claim))
        if not self._after_ack:
            self.run()

    def run(self) -> None:
        while self._waiting:
            self._waiting.pop()()


@dataclass(frozen=True)
class Step:
    """What brings a job in some state on, and when."""

    act: Callable[[], object]
    at: Callable[[Job], datetime | None]


class Life:
    """A worker and a scheduler in one process, with the real parts between them."""

    def __init__(self, parts: Parts, clock: SharedClock, name: str, *, ack_first: bool) -> None:
        self.parts = parts
        self.clock = clock
        self.mailbox = Mailbox(parts.redis_url)
        owner, fanout = f"worker {name}", InTurn()
        leases = Leases(parts.ledger, clock, owner)
        chance = random.Random(0)
        self._crew = Crew(
            Pipeline(
                parts.ledger,
                parts.road,
                parts.connections,
                leases,
                Records(parts.ledger, clock, owner),
                chance,
                owner,
            ),
            1,
        )
        self._errands = self._crew._pool = Errands(after_ack=ack_first)  # type: ignore[assignment]
        self._name = f"scheduler {name}"
        rescue = Rescue(parts, self._name)
        dispatch = Step(self._dispatch, lambda job: job.due_at)
        self._steps = {
            State.SCHEDULED: dispatch,
            State.RETRYING: dispatch,
            State.QUEUED: Step(self.deliver, lambda _: None),
            State.PUBLISHING: Step(rescue.tick, lambda job: job.lease_until),
            State.UNCERTAIN: Step(
                Reconciling(parts, fanout, self._name).tick, lambda job: job.next_look_at
            ),
            State.IN_PROGRESS: Step(
                Settling(parts, fanout, self._name).tick, lambda job: job.next_poll_at
            ),
        }
        self._rescue = rescue

    def live(self, job_id: int, until: Collection[State] = AT_REST) -> Job:
        """Bring the job on until it rests; one that never does is an error."""
        for _ in range(ROUNDS):
            job = self.parts.ledger.jobs.get(job_id)
            if job.state in until:
                return job
            self._bring_on(job)
        raise AssertionError(f"the job is stranded: {job.state} {job.reason}")

    def deliver(self) -> int:
        """Take every message there is, claim, acknowledge and carry out."""
        taken = 0
        while message := self.mailbox.take():
            (_, job_ids), *_ = message.payload
            self._crew.take(job_ids)
            message.ack()
            self._errands.run()
            taken += 1
        return taken

    def close(self) -> None:
        self.mailbox.close()
        self.parts.close()

    def _bring_on(self, job: Job) -> None:
        step = self._steps[job.state]
        at = step.at(job)
        if at is not None and at >= self.clock.now():
            self.clock.move(at - self.clock.now() + MOMENT)
        moved = step.act()
        if job.state is State.QUEUED and not moved:
            self.clock.move(LONGEST_PAUSE + MOMENT)
            self._rescue.tick()

    def _dispatch(self) -> int:
        return self.parts.dispatcher.tick(self._name)
