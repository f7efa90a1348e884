"""Whatever happens in whatever order, endings stay and the record tells how it came to them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from shared.domain.job import Job
from shared.domain.outcome import ErrorClass, Fault, Receipt
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import FINAL, MOVES, State
from shared.errors import LeaseLost, PublishClaimed
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from tests.contract.ledger.building import LEASE, NOW, folded, new_job, release, submit

FAULT = Fault(error_class=ErrorClass.TRANSIENT, message="broken")
OUTCOMES = {
    State.SUCCEEDED: "succeeded",
    State.IN_PROGRESS: "accepted",
    State.SCHEDULED: "deferred",
    State.RETRYING: "failed",
    State.FAILED: "failed",
    State.UNCERTAIN: "uncertain",
    State.HELD: "uncertain",
}
INDEX = st.integers(min_value=0, max_value=99)


def _target(states: frozenset[State]) -> st.SearchStrategy[State]:
    """Endings come seldom, as nothing can happen to a job after them."""
    return st.sampled_from(sorted(states - FINAL) * 4 + sorted(states & FINAL))


class LedgerMachine(RuleBasedStateMachine):
    """Two workers, rescuers, people and late answers, on a few jobs of two lanes."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger.open("sqlite://")
        self.ledger.schema.upgrade()
        self.now = NOW
        self.ids: list[int] = []
        #: Every claim ever made, as its worker still knows it.
        self.claims: list[Job] = []
        #: Every job as somebody saw it once.
        self.seen: list[Job] = []
        self.endings: dict[int, Job] = {}
        self.fences: dict[int, int] = {}
        self.attempts: dict[int, int] = {}
        self.publishes = 0

    @override
    def teardown(self) -> None:
        self.ledger.close()

    @initialize()
    def submit(self) -> None:
        jobs = [new_job(f"r{number}", account="a0") for number in range(2)]
        self.ids = submit(
            self.ledger, *jobs, new_job("twin", caption="caption of r0", account="a0")
        )
        self.attempts = dict.fromkeys(self.ids, 0)
        self.fences = dict.fromkeys(self.ids, 0)

    @rule(seconds=st.sampled_from([1, 31]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def dispatch(self) -> None:
        self.now += timedelta(seconds=6)
        release(self.ledger, now=self.now)

    @rule(owner=st.sampled_from(["w1", "w2"]))
    def claim(self, owner: str) -> None:
        self.dispatch()
        claimed = self.ledger.claims.claim(
            self.ids, owner=owner, lease=LEASE, now=self.now, by=owner
        )
        self.claims += claimed
        for job in claimed:
            assert job.fence == self.fences[job.id] + 1
            self.fences[job.id] = job.fence

    @precondition(lambda self: self.claims)
    @rule(which=INDEX)
    def open_attempt(self, which: int) -> None:
        claim = self.claims[-1 - which % len(self.claims)]
        before = self.ledger.jobs.get(claim.id)
        try:
            self.ledger.claims.open_attempt(claim, {"n": which}, now=self.now)
        except LeaseLost:
            assert self.ledger.jobs.get(claim.id) == before
            return
        assert before.state is State.PUBLISHING
        assert before.fence == claim.fence
        assert before.lease_until
        assert before.lease_until > self.now
        self.attempts[claim.id] += 1

    @precondition(lambda self: self.claims)
    @rule(which=INDEX, data=st.data())
    def settle(self, which: int, data: st.DataObject) -> None:
        claim = self.claims[-1 - which % len(self.claims)]
        to = data.draw(_target(MOVES[State.PUBLISHING]))
        settlement = self._settlement(claim, to)
        before = self.ledger.jobs.get(claim.id)
        try:
            settled = self.ledger.claims.settle(claim, settlement, now=self.now, by="w")
        except PublishClaimed:
            return
        if settled in {Settled.MOVED, Settled.RESOLVED}:
            doubt = {State.UNCERTAIN, State.HELD}
            assert before.fence == claim.fence
            assert before.state in (doubt if settled is Settled.RESOLVED else {State.PUBLISHING})
            self._count(claim.id, settlement)
        else:
            assert self.ledger.jobs.get(claim.id) == before

    @rule(which=INDEX)
    def renew(self, which: int) -> None:
        if self.claims:
            claim = self.claims[which % len(self.claims)]
            for owner in ("w1", "w2"):
                self.ledger.claims.renew(
                    [(claim.id, claim.fence)], owner=owner, lease=LEASE, now=self.now
                )

    @rule()
    def rescue(self) -> None:
        for job, attempt in self.ledger.rescues.expired(now=self.now, limit=10):
            to = State.RETRYING if attempt is None else State.UNCERTAIN
            settlement = self._settlement(job, to)
            if attempt is None:
                settlement = replace(settlement, outcome=None)
            assert self.ledger.moves.apply(job, settlement, now=self.now, by="rescue")

    @rule(which=INDEX)
    def look_at(self, which: int) -> None:
        self.seen.append(self.ledger.jobs.get(self.ids[which % len(self.ids)]))

    @precondition(lambda self: self.seen)
    @rule(which=INDEX, data=st.data())
    def apply(self, which: int, data: st.DataObject) -> None:
        seen = self.seen[-1 - which % len(self.seen)]
        # Only a claim or its end leads into and out of publishing.
        targets = MOVES[seen.state] - {State.PUBLISHING}
        if not targets or seen.state is State.PUBLISHING:
            return
        settlement = self._settlement(seen, data.draw(_target(targets)))
        before = self.ledger.jobs.get(seen.id)
        if self.ledger.moves.apply(seen, settlement, now=self.now, by="somebody"):
            assert before.state is seen.state
            self._count(seen.id, settlement)
        else:
            assert self.ledger.jobs.get(seen.id) == before

    def _settlement(self, job: Job, to: State) -> Settlement:
        more: dict[str, Any] = {}
        if to in {State.SUCCEEDED, State.IN_PROGRESS}:
            self.publishes += 1
            more["receipt"] = Receipt(publish_id=f"p{self.publishes}", provider_status="ok")
        elif to is State.SCHEDULED:
            more = {"attempts": job.attempts, "due_at": self.now}
        elif to is State.RETRYING:
            more = {"due_at": self.now + timedelta(seconds=5), "forget_publish": True}
        elif to is State.UNCERTAIN:
            more = {"next_look_at": self.now, "lost_at": self.now}
        elif to is State.HELD:
            more = {"hold": Hold.LOST_ANSWER}
        elif to is State.QUEUED:
            more = {"replay": True}
        return Settlement(to=to, why=str(to), outcome=OUTCOMES.get(to), fault=FAULT, **more)

    def _count(self, job_id: int, settlement: Settlement) -> None:
        if settlement.attempts is not None:
            self.attempts[job_id] = settlement.attempts

    @invariant()
    def every_promise_is_kept(self) -> None:
        jobs = [self.ledger.jobs.get(job_id) for job_id in self.ids]
        for job in jobs:
            self._check_record(job)
            self._check_attempts(job)
            self._check_ending(job)
            assert (job.lease_until is not None) == (job.state is State.PUBLISHING)
            assert (job.hold is not None) == (job.state is State.HELD)

    def _check_record(self, job: Job) -> None:
        assert folded(self.ledger, job.id) is job.state
        for event in self.ledger.jobs.events(job.id)[1:]:
            assert event.from_state is not None
            assert event.to_state in MOVES[event.from_state]

    def _check_attempts(self, job: Job) -> None:
        assert job.attempts == self.attempts[job.id]
        assert job.fence == self.fences[job.id]
        attempts = self.ledger.jobs.attempts(job.id)
        assert [each.number for each in attempts] == list(range(1, len(attempts) + 1))
        open_ones = [each for each in attempts if each.closed_at is None]
        assert len(open_ones) <= 1
        assert not open_ones or job.state is State.PUBLISHING
        assert all(each.fence == job.fence for each in open_ones)

    def _check_ending(self, job: Job) -> None:
        assert (job.settled_at is not None) == (job.state in FINAL)
        if job.id in self.endings:
            assert job == self.endings[job.id]
        elif job.state in FINAL:
            self.endings[job.id] = job

    @rule()
    def twins_go_one_at_a_time(self) -> None:
        busy = {State.QUEUED, State.PUBLISHING, State.UNCERTAIN}
        on_its_way = {self.ledger.jobs.get(each).state in busy for each in self._twins()}
        released = {each.job_id for each in release(self.ledger, now=self.now)}
        assert len(released & self._twins()) <= 1 - (True in on_its_way)

    def _twins(self) -> set[int]:
        return {self.ids[0], self.ids[-1]}


TestLedgerMoves = LedgerMachine.TestCase
TestLedgerMoves.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
