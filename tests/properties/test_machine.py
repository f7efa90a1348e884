"""Never twice, never lost: the whole system against a model provider, in any order of events."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from shared.domain.job import Job, NewJob
from shared.domain.pause import Pausable
from shared.domain.post import Kind, Post
from shared.domain.settlement import Hold
from shared.domain.states import AT_REST, State
from tests.support.model_events import (
    CONNECTIONS,
    FATES,
    INDEX,
    KINDS,
    MEANWHILE,
    MOST_JOBS,
    READS,
    WHO,
)
from tests.support.model_parts import ModelParts, ModelScheduler, ModelWorker
from tests.support.model_pauses import check_taken, pause, resume_all
from tests.support.model_promises import Promises
from tests.support.model_service import Fate, Killed, Plan, ReadFate
from worker.cancelling import cancel_at_provider
from worker.leases import Claim

#: `make soak` sets it: how many sequences of events are tried.
SOAK = int(os.environ.get("DROPLINE_TEST_SOAK", "0"))


class Machine(Promises, RuleBasedStateMachine):
    """Two workers and two schedulers, people, and a provider with every fault it may have."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Promises.__init__(self, ModelParts())
        self.clock = self.parts.model_clock
        self.workers = [ModelWorker(self.parts, f"worker{number}") for number in (1, 2)]
        self.schedulers = [ModelScheduler(self.parts, f"scheduler{number}") for number in (1, 2)]
        self.stalled: list[tuple[ModelWorker, Claim]] = []

    @override
    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self._come_to_rest()
        finally:
            self.parts.close()

    # What people do.

    @initialize(connection=st.sampled_from(CONNECTIONS), kind=KINDS)
    def begin(self, connection: str, kind: Kind) -> None:
        self._submit("first", connection, "the same", kind)

    @precondition(lambda self: len(self.records()) < MOST_JOBS)
    @rule(
        number=INDEX,
        connection=st.sampled_from(CONNECTIONS),
        caption=st.sampled_from(["the same", "another"]),
        kind=KINDS,
        not_after_s=st.sampled_from([None] * 7 + [60]),
    )
    def submit(
        self, number: int, connection: str, caption: str, kind: Kind, not_after_s: int | None
    ) -> None:
        not_after = not_after_s and self.clock.now() + timedelta(seconds=not_after_s)
        self._submit(f"r{number}", connection, caption, kind, not_after=not_after or None)

    @rule(
        which=INDEX,
        what=st.sampled_from(
            ["resolve"] * 6 + ["resolve wrongly", "cancel", "retry", "retry", "pause", "resume"]
        ),
    )
    def a_person_acts(self, which: int, what: str) -> None:
        job = self.job(which)
        if what == "cancel":
            self.parts.producer.cancel(job.id, by="mia")
        elif what == "pause":
            pause(self.parts, list(Pausable)[which % len(Pausable)], job)
        elif what == "resume":
            resume_all(self.parts)
        elif what == "retry":
            self._retry(job)
        elif job.hold is Hold.LOST_ANSWER:
            self._resolve(job, truthful=what == "resolve")

    # What the world does.

    @rule(seconds=st.sampled_from([1, 3, 31, 31, 151, 3_700, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule(which=INDEX, end=st.sampled_from(["posted", "failed"]))
    def a_post_ends_or_flips(self, which: int, end: str) -> None:
        self.service.end(which, end)

    # What schedulers do; twice at once is as good as once.

    @rule(who=WHO, seconds=st.sampled_from([0, 1, 7, 31]))
    def dispatch_and_rescue(self, who: int, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))
        self._twice_is_once(ModelScheduler.rescue, who)
        self._twice_is_once(ModelScheduler.dispatch, who)

    @rule(
        who=WHO,
        what=st.sampled_from(["reconcile", "reconcile", "settle", "cancel"]),
        seconds=st.sampled_from([3, 31, 31, 151]),
        reads=READS,
        meanwhile=MEANWHILE,
    )
    def ask(self, who: int, what: str, seconds: int, reads: ReadFate, meanwhile: list[str]) -> None:
        self.clock.move(timedelta(seconds=seconds))
        with self._planned(reads=reads, meanwhile=meanwhile):
            if what != "cancel":
                getattr(self.schedulers[who], what)()
            elif self.parts.broker.cancels:
                cancel_at_provider(self.parts, self.parts.broker.cancels.pop(), by="worker1")

    # What workers do.

    @rule(
        which=INDEX,
        who=WHO,
        how=st.sampled_from(["work"] * 5 + ["work, and again later", "stall", "lose"]),
        fate=FATES,
        shown_after=st.sampled_from([0, 0, 1, 29, 149]),
        meanwhile=MEANWHILE,
    )
    def deliver(
        self, which: int, who: int, how: str, fate: Fate, shown_after: int, meanwhile: list[str]
    ) -> None:
        self._one_second_and_a_dispatch(who)
        message = self._message(which, again="again" in how)
        if how == "lose":
            return
        for claim in self.workers[who].claim(message):
            check_taken(self.parts, claim.job)
            if how == "stall":
                self.stalled.append((self.workers[who], claim))
                continue
            with self._planned(fate=fate, shown_after=shown_after, meanwhile=meanwhile):
                self._carry_out(self.workers[who], claim)
            if fate is Fate.LIMITED and not meanwhile:
                assert self.ledger.jobs.get(claim.job.id).attempts == claim.job.attempts

    @precondition(lambda self: len(self.records()) < MOST_JOBS)
    @rule(
        who=WHO,
        connection=st.sampled_from(["searching", "replaying"]),
        kind=KINDS,
        fate=st.sampled_from([Fate.LOST_AFTER_STORING, Fate.DIED_AFTER_SENDING]),
        shown_after=st.sampled_from([0, 29, 149, 149]),
        looks=st.lists(st.sampled_from([3, 7, 31]), min_size=1, max_size=4),
        pause=st.sampled_from([0, 31, 90_000]),
    )
    def an_answer_is_lost_and_looked_for(
        self,
        *,
        who: int,
        connection: str,
        kind: Kind,
        fate: Fate,
        shown_after: int,
        looks: list[int],
        pause: int,
    ) -> None:
        """The story that everything here is about, told so often that each part of it matters."""
        number = len(self.records())
        self._submit(f"story{number}", connection, f"story {number}", kind)
        with self._planned(fate=fate, shown_after=shown_after):
            self._deliver_all()
        for seconds in looks:
            self.clock.move(timedelta(seconds=seconds))
            self.schedulers[who].rescue()
            self.schedulers[who].reconcile()
        self.clock.move(timedelta(seconds=pause))
        self.schedulers[who].dispatch()
        self._deliver_all()

    @precondition(lambda self: self.stalled)
    @rule(
        which=INDEX,
        fate=FATES,
        shown_after=st.sampled_from([0, 1, 29, 149]),
        meanwhile=MEANWHILE,
    )
    def wake_up(self, which: int, fate: Fate, shown_after: int, meanwhile: list[str]) -> None:
        worker, claim = self.stalled.pop(which % len(self.stalled))
        with self._planned(fate=fate, shown_after=shown_after, meanwhile=meanwhile):
            self._carry_out(worker, claim)

    # What must hold after every step.

    @invariant()
    def every_promise_is_kept(self) -> None:
        assert self.violations == []
        assert self.service.too_soon == []
        assert self.ledger.audits.asleep() == []
        records = self.records()
        for record in records:
            self.check(record)
        self.check_answers(records)
        self.check_twins([record.job for record in records])

    # How it is done.

    def _submit(self, ref: str, connection: str, caption: str, kind: Kind, **more: Any) -> None:
        post = Post(platform="model", account_id="a1", kind=kind, caption=caption)
        new = NewJob(ref=ref, provider=connection, connection=connection, post=post, **more)
        now = self.clock.now()
        known = {record.job.ref for record in self.records() if record.job.retry_of is None}
        stored = self.ledger.campaigns.submit("test", [new], now=now, by="mia")
        assert len(stored.added) == (ref not in known)
        if stored.added:
            self.parts.dispatcher.submit(stored.lanes, "mia")

    def _retry(self, job: Job) -> None:
        if self.parts.producer.retry([job.id], by="mia").added:
            assert job.state in {State.FAILED, State.CANCELLED}
            assert self.parts.producer.retry([job.id], by="mia").added == []

    def _resolve(self, job: Job, *, truthful: bool) -> None:
        posts = self.service.of_job(job.id)
        named = posts[0].publish_id if posts else f"p{900 + job.id}"
        there = bool(posts) is truthful
        self.parts.producer.resolve(job.id, published=named if there else None, by="mia")
        if not truthful:
            self.misjudged.add(job.id)

    def _one_second_and_a_dispatch(self, who: int) -> None:
        self.clock.move(timedelta(seconds=1))
        self.schedulers[who].dispatch()

    def _message(self, which: int, *, again: bool = False) -> list[int]:
        messages = self.parts.broker.messages
        if not messages:
            return []
        message = messages[which % len(messages)]
        if not again:
            messages.remove(message)
        return message

    def _carry_out(self, worker: ModelWorker, claim: Claim) -> None:
        with suppress(Killed):
            worker.carry_out(claim)

    @contextmanager
    def _planned(
        self,
        *,
        fate: Fate = Fate.ACCEPTED,
        reads: ReadFate = ReadFate.ANSWERED,
        shown_after: int = 0,
        meanwhile: list[str] = [],  # noqa: B006 - it is only read
    ) -> Iterator[None]:
        """Let the calls inside meet this fate; what happens meanwhile meets nothing bad."""

        def elsewhere() -> None:
            planned, self.service.plan = self.service.plan, Plan()
            for what in meanwhile:
                self._do(what)
            self.service.plan = planned

        shown = timedelta(seconds=shown_after)
        self.service.plan = Plan(fate, reads, shown, elsewhere if meanwhile else None)
        yield
        self.service.plan = Plan()

    def _do(self, what: str) -> None:
        if what.isdigit():
            self.clock.move(timedelta(seconds=int(what)))
        elif what == "renew":
            for worker in self.workers:
                worker.leases.renew()
        elif what == "deliver":
            self._deliver_all()
        else:
            getattr(self.schedulers[1], what)()

    def _deliver_all(self) -> None:
        messages = self.parts.broker.messages
        while messages:
            for claim in self.workers[1].claim(messages.pop(0)):
                self._carry_out(self.workers[1], claim)

    def _twice_is_once(self, tick: Callable[[ModelScheduler], None], who: int) -> None:
        tick(self.schedulers[who])
        once, rung = self.records(), len(self.parts.broker.messages)
        tick(self.schedulers[1 - who])
        assert self.records() == once
        assert len(self.parts.broker.messages) == rung

    def _come_to_rest(self) -> None:
        """Let everything run without any fault, a day too, and count."""
        resume_all(self.parts)
        for worker, claim in self.stalled:
            self._carry_out(worker, claim)
        for number in range(200):
            self.clock.move(timedelta(days=number == 150))
            self._one_round()
            if all(job.state in AT_REST for job in self.jobs()):
                break
        for job in self.jobs():
            assert job.state in AT_REST, self.story(job.id)
            self.check_end(job)
        self.every_promise_is_kept()

    def _one_round(self) -> None:
        for post in self.service.posts:
            post.status = "posted" if post.status == "pending" else post.status
        for scheduler in self.schedulers:
            scheduler.rescue()
            scheduler.dispatch()
            self._deliver_all()
            scheduler.reconcile()
            scheduler.settle()
        self.clock.move(timedelta(seconds=31))


#: A sequence that breaks a promise is told as it was found, with the words that repeat it: to
#: make it small takes minutes, which only a soak has.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if SOAK else []))


@pytest.mark.timeout(0 if SOAK else 300)
class TestMachine(Machine.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(
        phases=PHASES,
        print_blob=True,
        max_examples=SOAK or 40,
        stateful_step_count=100 if SOAK else 50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
