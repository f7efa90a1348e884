"""One job from claim to settlement, as a pipeline of steps.

claim ─→ too late? ─→ wire ─→ upload, admit, attempt, send (the adapter) ─→ record
"""

import random
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from shared.clock import Clock
from shared.connected import Connected
from shared.domain.job import Job
from shared.domain.lost import request_sent_at
from shared.domain.outcome import (
    Deferred,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Uncertain,
)
from shared.domain.settlement import Settlement
from shared.domain.settling import Ended, after_attempt, handed_back
from shared.domain.states import State
from shared.errors import (
    IllegalMove,
    KeyMissing,
    LeaseLost,
    LimiterUnavailable,
    PartUnreachable,
    TooLate,
)
from shared.ledger import Ledger
from shared.logs import logger
from shared.provider import Order
from shared.wire.road import Road
from shared.wire.wire import Wire
from worker.gate import AttemptGate, Resting, is_too_late
from worker.leases import LEASE, Claim, Leases
from worker.records import Recorder

log = logger(__name__)

#: How soon a job returns that our own parts (Redis, SQL, a missing key) kept from being sent.
OWN_TROUBLE = timedelta(seconds=2)
KEY_MISSING = timedelta(minutes=1)
UNKNOWN_HERE = timedelta(seconds=30)

#: A claim says so long that its job is not paused; who begins later asks again.
FRESH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Carries claimed jobs out; shared by all threads of a worker."""

    ledger: Ledger
    road: Road
    connections: Mapping[str, Connected]
    leases: Leases
    records: Recorder
    chance: random.Random
    owner: str

    @property
    def clock(self) -> Clock:
        return self.road.clock

    def carry_out(self, claim: Claim, resting: Resting = nullcontext) -> None:
        """Publish one claimed job and record what came of it; `resting` is entered to wait."""
        job = claim.job
        self.leases.hold([claim])
        with structlog.contextvars.bound_contextvars(job=job.id, connection=job.connection):
            try:
                settlement = self._settlement(claim, resting)
            except BaseException:
                self.leases.drop(claim)
                raise
        self._end(claim, settlement)

    def give_up(self, claims: Sequence[Claim], why: str) -> None:
        """Hand claimed jobs back that were not begun, all at once where SQL allows it."""
        done: set[int] = set()
        with suppress(PartUnreachable):
            done = self.ledger.claims.give_back(
                [each.job for each in claims], why=why, now=self.clock.now(), by=self.owner
            )
        for claim in claims:
            if claim.job.id in done:
                self.leases.drop(claim)
            else:
                self._end(claim, handed_back(claim.job, why, self.clock.now()))

    def _end(self, claim: Claim, settlement: Settlement | None) -> None:
        """Record the settlement; the claim is kept alive until that is done."""
        if settlement is None:
            self.leases.drop(claim)
            return
        self.records.record(claim.job, settlement, lambda: self.leases.drop(claim))

    def _settlement(self, claim: Claim, resting: Resting) -> Settlement | None:
        """Return what is to be written; None when the claim was lost before anything was sent."""
        job = claim.job
        gate = AttemptGate(self.ledger, self.clock, claim, resting)
        came_to = self._attempt(job, gate)
        if isinstance(came_to, _Attempted):
            return self._settled(job, gate, came_to)
        return came_to

    def _attempt(self, job: Job, gate: AttemptGate) -> "_Attempted | Settlement | None":
        """Return what the attempt came to, or how the job goes on without one."""
        if is_too_late(job, self.clock.now()):
            return _too_late()
        if self._has_waited(job) and self.ledger.pauses.hold(job.id):
            return handed_back(job, "it was paused before it began", job.due_at)
        connected = self.connections.get(job.connection)
        if connected is None:
            why = f"this worker knows no connection {job.connection!r}"
            return handed_back(job, why, self.clock.now() + UNKNOWN_HERE)
        try:
            wire = connected.wire(
                self.road,
                connected.provider.capabilities.job_deadline,
                gate=gate,
                prepared=job.prepared,
                containers=job.post.containers,
            )
        except KeyMissing as missing:
            return _Attempted(_own_trouble(str(missing), KEY_MISSING), job.prepared)
        if job.replay and self._outlived(job, connected):
            return handed_back(job, "its key is too old to be replayed", self.clock.now())
        return self._publish(job, connected, wire, gate)

    def _has_waited(self, job: Job) -> bool:
        """Whether a job waited for a place after its claim, which asks about pauses itself."""
        if job.lease_until is None:
            return False
        return self.clock.now() - (job.lease_until - LEASE) > FRESH

    def _publish(
        self, job: Job, connected: Connected, wire: Wire, gate: AttemptGate
    ) -> "_Attempted | Settlement | None":
        try:
            outcome = connected.provider.publish(self._order(job), wire)
        except TooLate:
            return _too_late()
        except LeaseLost as lost:
            log.warning("not sent", why=str(lost))
            if gate.attempt is None:
                return None
            outcome = _own_trouble(str(lost))
        except (LimiterUnavailable, PartUnreachable) as away:
            outcome = _uncertain(str(away)) if wire.published else _own_trouble(str(away))
        except Exception as surprise:
            log.exception("an adapter raised")
            outcome = _surprise(surprise, published=wire.published)
        return _Attempted(outcome, wire.prepared)

    def _order(self, job: Job) -> Order:
        if not job.replay:
            return Order(job_id=job.id, post=job.post)
        last = self.ledger.jobs.last_attempt(job.id)
        if last is None:
            raise IllegalMove(f"job {job.id} is to be replayed and has no attempt to repeat")
        return Order(job_id=job.id, post=job.post, replay=last.memo)

    def _outlived(self, job: Job, connected: Connected) -> bool:
        """Whether the key of a replay may be forgotten by now, however long it was on its way."""
        attempts = self.ledger.jobs.attempts(job.id)
        window = connected.provider.capabilities.replay_window
        return bool(attempts) and self.clock.now() >= request_sent_at(attempts) + window

    def _settled(self, job: Job, gate: AttemptGate, attempted: "_Attempted") -> Settlement:
        opened = gate.attempt is not None
        counted = replace(job, attempts=job.attempts + opened)
        if gate.attempt is not None and job.first_sent_at is None:
            counted = replace(counted, first_sent_at=gate.attempt.opened_at)
        ended = Ended(attempted.outcome, opened)
        terms = self.connections[job.connection].terms
        settlement = after_attempt(counted, ended, terms, self.chance, self.clock.now())
        if attempted.prepared != job.prepared:
            settlement = replace(settlement, prepared=attempted.prepared)
        if gate.unsure and settlement.outcome is None and not job.replay:
            settlement = replace(settlement, outcome="deferred")
        return settlement


@dataclass(frozen=True, slots=True)
class _Attempted:
    outcome: Outcome
    prepared: Mapping[str, object]


def _too_late() -> Settlement:
    why = "its not_after has passed"
    fault = Fault(error_class=ErrorClass.TOO_LATE, message=why)
    return Settlement(to=State.FAILED, why=why, fault=fault)


def _own_trouble(why: str, wait: timedelta = OWN_TROUBLE) -> Deferred:
    return Deferred(wait, Fault(error_class=ErrorClass.INTERNAL, message=why))


def _uncertain(why: str) -> Uncertain:
    return Uncertain(Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, message=why))


def _surprise(surprise: Exception, *, published: bool) -> Outcome:
    """Return what an exception nobody expected means: if the request may have left, no resend."""
    why = f"{type(surprise).__name__} in the adapter"
    if published:
        return _uncertain(why)
    return Failed(Fault(error_class=ErrorClass.INTERNAL, message=why), again=True)
