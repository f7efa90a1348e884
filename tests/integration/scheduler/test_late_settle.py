"""Providers that settle late, never, or not twice alike: never a wrong ending, never a resend."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Post
from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.support.model_parts import ModelParts, ModelScheduler, ModelWorker
from tests.support.model_service import Plan, ReadFate

DEADLINE = timedelta(hours=24)
HOUR = timedelta(hours=1)


class Desk:
    """One job at a provider, and a scheduler that asks about it."""

    def __init__(self, parts: ModelParts) -> None:
        self.parts = parts
        self.service = parts.service
        self.scheduler = ModelScheduler(parts, "scheduler")
        self.worker = ModelWorker(parts, "worker")

    def accepted(self, ref: str = "one") -> int:
        """Bring a job to where the provider has taken it and not finished."""
        post = Post(platform="model", account_id="a1", kind=Kind.TEXT, caption=ref)
        new = NewJob(ref=ref, provider="searching", connection="searching", post=post)
        clock = self.parts.model_clock
        stored = self.parts.ledger.campaigns.submit("test", [new], now=clock.now(), by="test")
        self.parts.dispatcher.submit(stored.lanes, "test")
        (job_id,) = stored.added
        for claim in self.worker.claim([job_id]):
            self.worker.carry_out(claim)
        assert self.job(job_id).state is State.IN_PROGRESS
        return job_id

    def job(self, job_id: int) -> Job:
        return self.parts.ledger.jobs.get(job_id)

    def says(self, word: str, reads: ReadFate = ReadFate.ANSWERED) -> None:
        """Let the provider say this of its first post from now on."""
        self.service.posts[0].status = word
        self.service.plan = Plan(reads=reads)

    def ask(self, job_id: int, after: timedelta | None = None) -> Job:
        """Ask when the next poll is due, or after this long, and return the job."""
        due = self.job(job_id).next_poll_at
        if after is None and due is not None:
            after = due - self.parts.model_clock.now()
        self.parts.model_clock.move(after or timedelta(0))
        self.scheduler.rescue()
        self.scheduler.dispatch()
        self.scheduler.settle()
        return self.job(job_id)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ModelParts() as parts:
        yield Desk(parts)


def assert_published_once(desk: Desk, job_id: int) -> None:
    assert len(desk.service.of_job(job_id)) == 1
    assert len(desk.parts.ledger.jobs.attempts(job_id)) == 1
    assert list(desk.parts.auditor.ledger_alone()) == []


def test_what_never_settles_is_held_at_the_deadline_and_asked_hourly(desk: Desk) -> None:
    job_id = desk.accepted()
    accepted_at = desk.parts.model_clock.now()
    while desk.job(job_id).state is State.IN_PROGRESS:
        job = desk.ask(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.SETTLE)
    assert "did not settle it in time" in job.reason
    late = desk.parts.model_clock.now() - accepted_at
    assert DEADLINE <= late <= DEADLINE + timedelta(minutes=6)
    for _ in range(48):
        job = desk.ask(job_id)
        assert job.state is State.HELD
        assert job.next_poll_at == desk.parts.model_clock.now() + HOUR
    assert_published_once(desk, job_id)


@pytest.mark.parametrize(("word", "state"), [("posted", "succeeded"), ("failed", "failed")])
def test_what_settles_after_the_deadline_ends_as_it_should(
    desk: Desk, word: str, state: str
) -> None:
    job_id = desk.accepted()
    assert desk.ask(job_id, DEADLINE).state is State.HELD
    desk.says(word)
    job = desk.ask(job_id)
    assert job.state == state
    assert job.hold is None
    assert job.next_poll_at is None
    assert_published_once(desk, job_id)


@pytest.mark.parametrize(("first", "then"), [("posted", "failed"), ("failed", "posted")])
def test_a_provider_that_flips_changes_no_ending(desk: Desk, first: str, then: str) -> None:
    job_id = desk.accepted()
    desk.says(first)
    ended = desk.ask(job_id)
    desk.says(then)
    for _ in range(3):
        assert desk.ask(job_id, HOUR) == ended
    assert_published_once(desk, job_id)


def test_a_404_for_an_accepted_publish_is_no_ending(desk: Desk) -> None:
    job_id = desk.accepted()
    desk.says("pending", ReadFate.UNKNOWN_ID)
    for _ in range(5):
        assert desk.ask(job_id).state is State.IN_PROGRESS
    job = desk.ask(job_id, DEADLINE)
    assert (job.state, job.hold) == (State.HELD, Hold.SETTLE)
    assert job.provider_publish_id == "p1"
    desk.says("posted")
    assert desk.ask(job_id).state is State.SUCCEEDED
    assert_published_once(desk, job_id)


def test_a_word_that_nobody_knows_is_kept_beside_the_state(desk: Desk) -> None:
    job_id = desk.accepted()
    desk.says("teleported")
    job = desk.ask(job_id)
    assert (job.state, job.provider_status) == (State.IN_PROGRESS, "teleported")
    job = desk.ask(job_id, DEADLINE)
    assert (job.state, job.hold) == (State.HELD, Hold.SETTLE)
    assert_published_once(desk, job_id)


@pytest.mark.parametrize("word", ["posted", "failed", "cancelled"])
def test_an_answer_for_another_publish_ends_nothing(desk: Desk, word: str) -> None:
    mine, other = desk.accepted("mine"), desk.accepted("other")
    desk.says(word, ReadFate.NAMES_ANOTHER_S_POST)
    desk.service.posts[1].status = word
    for job_id, publish_id in ((mine, "p1"), (other, "p2")):
        job = desk.ask(job_id)
        assert (job.state, job.provider_publish_id) == (State.IN_PROGRESS, publish_id)
        assert job.polls > 0
    for job_id in (mine, other):
        job = desk.ask(job_id, DEADLINE)
        assert (job.state, job.hold) == (State.HELD, Hold.SETTLE)
        assert_published_once(desk, job_id)


def test_an_answer_for_a_publish_of_nobody_changes_no_id(desk: Desk) -> None:
    job_id = desk.accepted()
    stranger = desk.accepted("stranger")
    desk.service.posts[1].publish_id = "elsewhere"
    desk.says("posted", ReadFate.NAMES_ANOTHER_S_POST)
    job = desk.ask(job_id)
    assert (job.state, job.provider_publish_id) == (State.IN_PROGRESS, "p1")
    assert desk.job(stranger).provider_publish_id == "p2"


def test_an_answer_that_comes_after_the_end_moves_nothing(desk: Desk) -> None:
    job_id = desk.accepted()
    desk.says("failed")
    other = ModelScheduler(desk.parts, "other")

    def meanwhile() -> None:
        desk.service.posts[0].status = "posted"
        desk.parts.model_clock.move(timedelta(minutes=2))
        other.settle()
        desk.service.posts[0].status = "failed"

    desk.service.plan.meanwhile = meanwhile
    assert desk.ask(job_id).state is State.SUCCEEDED
    assert_published_once(desk, job_id)
