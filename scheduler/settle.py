"""Settle: asks providers about what they accepted and have not finished, by the cheapest calls.

Each connection is asked in rounds on a thread of its own: the longest due jobs, and along with
them, where a call has room for more, some that are due in a moment.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from scheduler.fanout import FanOut
from shared.bootstrap import READING, Parts
from shared.connected import Connected
from shared.domain.habit import Habit
from shared.domain.job import Job
from shared.domain.post import Kind
from shared.domain.settlement import Settlement
from shared.domain.settling import after_poll
from shared.domain.states import State
from shared.domain.status import Status
from shared.errors import DroplineError, PublishClaimed
from shared.logs import logger
from shared.provider import Publish, Statuses
from shared.wire.answer import CallFailed, NotAdmitted

log = logger(__name__)

#: Jobs of one round, so that memory and the transaction that ends it are bounded.
ROUND = 500

#: Calls of one round, so that it is over in the time that its wire has.
CALLS = 50

#: Two schedulers keep out of each other's way for this long; a round takes no longer.
CLAIM = READING + timedelta(seconds=10)

#: What is due so soon may be asked about along with what is due. It is less than what is left of
#: a claim when its round is over, so that nothing is asked about twice.
SOON = timedelta(seconds=5)

#: When a provider could not be asked at all, it is asked again after this.
BROKEN = timedelta(seconds=5)

Settled = tuple[Job, Settlement]


@dataclass(frozen=True, slots=True)
class Pace:
    """When the jobs of one connection are worth a poll, as its habits are known by now."""

    connected: Connected
    habits: dict[tuple[str, Kind], Habit]

    def habit(self, job: Job) -> Habit | None:
        return self.habits.get((job.post.platform, job.post.kind))

    def first_poll(self, job: Job) -> datetime | None:
        """Return when a job is to be asked about first; None once it was, or is held."""
        if job.polls or job.state is not State.IN_PROGRESS or job.accepted_at is None:
            return None
        terms = self.connected.terms
        first = terms.capabilities.poll_first
        return terms.poll.first_poll(first, job.accepted_at, self.habit(job))

    def rides(self, job: Job, now: datetime) -> bool:
        """Say whether a job that is due soon may be asked about now."""
        if job.accepted_at is None or job.next_poll_at is None:
            return False
        terms = self.connected.terms
        age, wait = now - job.accepted_at, job.next_poll_at - now
        return terms.poll.rides(terms.capabilities.poll_first, age, wait, self.habit(job))


class Settling:
    """Polls what is in flight and moves what has settled."""

    def __init__(self, parts: Parts, fanout: FanOut, name: str) -> None:
        self._parts = parts
        self._fanout = fanout
        self._name = name
        started_at = parts.clock.now()
        #: Publishes accepted before that were asked about too late to show how long they took.
        self._undisturbed: defaultdict[str, datetime] = defaultdict(lambda: started_at)

    def tick(self) -> None:
        """Ask each connection at which something is due, on a thread of its own."""
        now = self._parts.clock.now()
        for connection in self._parts.ledger.polls.due(list(self._parts.connections), now):
            self._fanout.run(f"settle {connection}", partial(self.settle, connection))

    def settle(self, connection: str) -> None:
        """Ask in rounds until nothing more is due, or the provider takes no more questions."""
        while self._round(connection) and not self._fanout.draining.is_set():
            pass

    def poll(self, connection: str, jobs: Sequence[Job], pace: Pace | None = None) -> bool:
        """Ask one provider about these jobs and carry out what its answers mean.

        Return whether it answered to the end.
        """
        pace = pace or self._pace(connection)
        try:
            wire = pace.connected.wire(self._parts.road, READING)
            statuses = pace.connected.provider.statuses([_publish(job) for job in jobs], wire)
        except NotAdmitted as later:
            self._unasked(connection, jobs, later)
            return False
        except DroplineError as broken:
            log.warning("could not be asked", connection=connection, why=str(broken))
            self._unasked(connection, jobs, broken)
            return False
        return self._answered(connection, jobs, statuses, pace)

    def _round(self, connection: str) -> bool:
        """Ask about as many jobs as fit in one round; say whether more may be due."""
        pace = self._pace(connection)
        batch = pace.connected.terms.capabilities.status_batch
        limit = min(ROUND, CALLS * batch)
        now = self._parts.clock.now()
        due = self._parts.ledger.polls.claim(connection, now=now, limit=limit, lease=CLAIM)
        ripe = self._without_early(due, pace, now)
        if not ripe:
            return len(due) == limit
        riding = self._riding(connection, -len(ripe) % batch, pace, now)
        return self.poll(connection, [*ripe, *riding], pace) and len(due) == limit

    def _pace(self, connection: str) -> Pace:
        habits = self._parts.ledger.habits.of(connection)
        return Pace(self._parts.connected(connection), habits)

    def _without_early(self, due: Sequence[Job], pace: Pace, now: datetime) -> list[Job]:
        """Put off what as a rule cannot have settled yet, and return the others."""
        first_polls = [(job, pace.first_poll(job)) for job in due]
        early = [(job, at) for job, at in first_polls if at is not None and at > now]
        self._write([(job, Settlement(to=None, next_poll_at=at)) for job, at in early])
        return [job for job, at in first_polls if at is None or at <= now]

    def _riding(self, connection: str, room: int, pace: Pace, now: datetime) -> list[Job]:
        """Claim what is due soon as far as the calls that are made anyway have room for it."""
        if not room:
            return []
        return self._parts.ledger.polls.claim_more(
            connection,
            rides=lambda job: pace.rides(job, now),
            by=now + SOON,
            now=now,
            limit=room,
            lease=CLAIM,
        )

    def _answered(
        self, connection: str, jobs: Sequence[Job], statuses: Statuses, pace: Pace
    ) -> bool:
        """Settle what was answered; what was not even asked for is asked again later."""
        cut_short = statuses.cut_short
        unasked = [job for job in jobs if job.provider_publish_id not in statuses]
        if cut_short is None or isinstance(cut_short, CallFailed):
            unasked = []
        left_out = {job.id for job in unasked}
        now = self._parts.clock.now()
        settled = [
            (job, after_poll(job, _status(job, statuses), pace.connected.terms, now, habit))
            for job in jobs
            if job.id not in left_out
            for habit in [pace.habit(job)]
        ]
        written = self._write(settled)
        self._learn(connection, [each for each in settled if each[0].id in written], now)
        if unasked and cut_short is not None:
            self._unasked(connection, unasked, cut_short)
        return cut_short is None

    def _unasked(self, connection: str, jobs: Sequence[Job], why: DroplineError) -> None:
        """Ask again later; a provider that was not asked has said nothing about a job."""
        now = self._parts.clock.now()
        self._undisturbed[connection] = now
        wait = max(why.until - now, BROKEN / 5) if isinstance(why, NotAdmitted) else BROKEN
        self._write([(job, Settlement(to=None, next_poll_at=now + wait)) for job in jobs])

    def _write(self, settled: Sequence[Settled]) -> set[int]:
        """Write what became of jobs; return the ids of those in flight that were as seen."""
        for job, settlement in settled:
            if job.state is State.HELD:
                self._apply(job, settlement)
        flying = [each for each in settled if each[0].state is State.IN_PROGRESS]
        if not flying:
            return set()
        now = self._parts.clock.now()
        return self._parts.ledger.polls.settle(flying, now=now, by=self._name)

    def _apply(self, job: Job, settlement: Settlement) -> None:
        now = self._parts.clock.now()
        try:
            self._parts.ledger.moves.apply(job, settlement, now=now, by=self._name)
        except PublishClaimed:
            log.exception("a status names a publish of another job", job=job.id)

    def _learn(self, connection: str, settled: Iterable[Settled], now: datetime) -> None:
        """Remember how long those took that have ended and were asked about all the time."""
        took: defaultdict[tuple[str, Kind], list[timedelta]] = defaultdict(list)
        for job, settlement in settled:
            ended = settlement.to in {State.SUCCEEDED, State.FAILED}
            if ended and job.accepted_at and job.accepted_at >= self._undisturbed[connection]:
                took[job.post.platform, job.post.kind].append(now - job.accepted_at)
        if took:
            self._parts.ledger.habits.learn(connection, took, now=now)


def _publish(job: Job) -> Publish:
    return Publish(
        publish_id=job.provider_publish_id or "",
        post=job.post,
        sent_at=job.first_sent_at or job.created_at,
        accepted_at=job.accepted_at,
    )


def _status(job: Job, statuses: Statuses) -> Status | None:
    """Return what was said of the job's own publish."""
    status = statuses.get(job.provider_publish_id or "")
    if status is not None and status.publish_id != job.provider_publish_id:
        log.warning("answered for another publish", job=job.id, named=status.publish_id)
        return None
    return status
