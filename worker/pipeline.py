"""One job from claim to settlement, as a pipeline of steps.

claim ─→ too late? ─→ wire ─→ upload, admit, attempt, send (the adapter) ─→ settle, until stored
"""

import random
from collections.abc import Mapping
from contextlib import nullcontext
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
from shared.domain.settling import Ended, after_attempt, handed_back, held_for_person
from shared.domain.states import State
from shared.errors import (
    IllegalMove,
    KeyMissing,
    LeaseLost,
    LimiterUnavailable,
    PartUnreachable,
    PublishClaimed,
)
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from shared.logs import logger
from shared.provider import Order
from shared.wire.wire import Road, Wire
from worker.gate import AttemptGate, Resting
from worker.leases import Claim, Leases

log = logger(__name__)

#: How soon a job returns that our own parts (Redis, SQL, a missing key) kept from being sent.
OWN_TROUBLE = timedelta(seconds=2)
KEY_MISSING = timedelta(minutes=1)
UNKNOWN_HERE = timedelta(seconds=30)

FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Carries claimed jobs out; shared by all threads of a worker."""

    ledger: Ledger
    road: Road
    connections: Mapping[str, Connected]
    leases: Leases
    chance: random.Random
    owner: str

    @property
    def clock(self) -> Clock:
        return self.road.clock

    def carry_out(self, claim: Claim, resting: Resting = nullcontext) -> None:
        """Publish one claimed job and store what came of it; `resting` is entered to wait."""
        job = claim.job
        with (
            structlog.contextvars.bound_contextvars(job=job.id, connection=job.connection),
            self.leases.held(claim),
        ):
            gate = AttemptGate(self.ledger, self.clock, claim, resting)
            attempted = self._attempt(job, gate)
            if attempted is not None:
                self._settle(job, gate, attempted)

    def _attempt(self, job: Job, gate: AttemptGate) -> "_Attempted | None":
        """Return what the attempt came to; None when the claim was lost before it was opened."""
        if job.not_after is not None and self.clock.now() > job.not_after and not job.replay:
            self._end_too_late(job)
            return None
        connected = self.connections.get(job.connection)
        if connected is None:
            self._hand_back(job, f"this worker knows no connection {job.connection!r}")
            return None
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
            self._store(
                job, handed_back(job, "its key is too old to be replayed", self.clock.now())
            )
            return None
        return self._publish(job, connected, wire, gate)

    def _publish(
        self, job: Job, connected: Connected, wire: Wire, gate: AttemptGate
    ) -> "_Attempted | None":
        try:
            outcome = connected.provider.publish(self._order(job), wire)
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

    def _end_too_late(self, job: Job) -> None:
        why = "its not_after has passed"
        fault = Fault(error_class=ErrorClass.TOO_LATE, message=why)
        self._store(job, Settlement(to=State.FAILED, why=why, fault=fault))

    def _outlived(self, job: Job, connected: Connected) -> bool:
        """Whether the key of a replay may be forgotten by now, however long it was on its way."""
        attempts = self.ledger.jobs.attempts(job.id)
        window = connected.provider.capabilities.replay_window
        return bool(attempts) and self.clock.now() >= request_sent_at(attempts) + window

    def _hand_back(self, job: Job, why: str) -> None:
        self._store(job, handed_back(job, why, self.clock.now() + UNKNOWN_HERE))

    def _settle(self, job: Job, gate: AttemptGate, attempted: "_Attempted") -> None:
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
        self._store(job, settlement)

    def _store(self, job: Job, settlement: Settlement) -> None:
        """Write the settlement, however long SQL is away: an answer is never thrown away."""
        pause = FIRST_PAUSE
        while True:
            try:
                settled = self.ledger.claims.settle(
                    job, settlement, now=self.clock.now(), by=self.owner
                )
            except PublishClaimed:
                why = "the provider answered with the id of another job's publish"
                settlement = held_for_person(why, settlement.fault, stray=settlement.receipt)
            except PartUnreachable as away:
                log.warning("an answer waits", why=str(away), outcome=settlement.outcome)
                self.clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self._say(settled, settlement)
                return

    @staticmethod
    def _say(settled: Settled, settlement: Settlement) -> None:
        if settled is Settled.MOVED:
            log.info("settled", to=str(settlement.to), why=settlement.why)
        else:
            log.warning("the claim was lost", answer=str(settled), outcome=settlement.outcome)


@dataclass(frozen=True, slots=True)
class _Attempted:
    outcome: Outcome
    prepared: Mapping[str, object]


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
