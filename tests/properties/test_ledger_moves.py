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
        jobs = [new_job(f"r{number}", account=f"a{number % 2}") for number in range(4)]
        self.ids = submit(
            self.ledger, *jobs, new_job("twin", caption="caption of r0", account="a0")
        )
        self.attempts = dict.fromkeys(self.ids, 0)
        self.fences = dict.fromkeys(self.ids, 0)

    @rule(seconds=st.sampled_from([1, 10, 31, 600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def dispatch(self) -> None:
        release(self.ledger, now=self.now)

    @rule(owner=st.sampled_from(["w1", "w2"]))
    def claim(self, owner: str) -> None:
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
        to = data.draw(st.sampled_from(sorted(MOVES[State.PUBLISHING])))
        settlement = self._settlement(claim, to)
        before = self.ledger.jobs.get(claim.id)
        try:
            settled = self.ledger.claims.settle(claim, settlement, now=self.now, by="w")
        except PublishClaimed:
            return
        if settled in {Settled.MOVED, Settled.RESOLVED}:
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
        targets = sorted(MOVES[seen.state] - {State.PUBLISHING})
        if not targets or seen.state is State.PUBLISHING:
            return
        settlement = self._settlement(seen, data.draw(st.sampled_from(targets)))
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
    def the_record_leads_to_the_state(self) -> None:
        for job_id in self.ids:
            assert folded(self.ledger, job_id) is self.ledger.jobs.get(job_id).state
            for event in self.ledger.jobs.events(job_id)[1:]:
                assert event.from_state is not None
                assert event.to_state in MOVES[event.from_state]

    @invariant()
    def endings_are_final(self) -> None:
        for job_id in self.ids:
            job = self.ledger.jobs.get(job_id)
            if job_id in self.endings:
                assert job == self.endings[job_id]
            elif job.state in FINAL:
                assert job.settled_at == self.now
                self.endings[job_id] = job

    @invariant()
    def attempts_are_what_was_opened_and_settled(self) -> None:
        for job_id in self.ids:
            assert self.ledger.jobs.get(job_id).attempts == self.attempts[job_id]

    @invariant()
    def at_most_one_call_of_a_job_may_be_on_the_wire(self) -> None:
        for job_id in self.ids:
            attempts = self.ledger.jobs.attempts(job_id)
            assert [each.number for each in attempts] == list(range(1, len(attempts) + 1))
            open_ones = [each for each in attempts if each.closed_at is None]
            assert len(open_ones) <= 1
            job = self.ledger.jobs.get(job_id)
            assert not open_ones or job.state is State.PUBLISHING
            assert all(each.fence == job.fence for each in open_ones)

    @invariant()
    def leases_and_holds_belong_to_their_states(self) -> None:
        for job_id in self.ids:
            job = self.ledger.jobs.get(job_id)
            assert (job.lease_until is not None) == (job.state is State.PUBLISHING)
            assert (job.hold is not None) == (job.state is State.HELD)
            assert (job.settled_at is not None) == (job.state in FINAL)

    @invariant()
    def twins_go_one_at_a_time(self) -> None:
        if self.ids:
            busy = {State.QUEUED, State.PUBLISHING, State.UNCERTAIN}
            twins = [self.ledger.jobs.get(self.ids[0]), self.ledger.jobs.get(self.ids[-1])]
            on_their_way = [job for job in twins if job.state in busy and not job.replay]
            released = [job for job in on_their_way if job.state is State.QUEUED]
            assert len(on_their_way) < 2 or not released


TestLedgerMoves = LedgerMachine.TestCase
TestLedgerMoves.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
