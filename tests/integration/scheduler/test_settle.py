"""Settling: what a provider accepted is asked about until it has ended, whoever asks."""

from datetime import timedelta

import pytest

from shared.domain.job import Job
from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.contract.ledger.building import at_once
from tests.support.scene import Scene, Scheduler

ASYNCHRONOUS = ["wonda", "posteverywhere", "genviral"]
SECOND = timedelta(seconds=1)


def wait_for_poll(stage: Scene, job_id: int, *, frozen: bool = False) -> Job:
    """Let time pass until the next poll is due, ask, and return the job."""
    due = stage.job(job_id).next_poll_at
    assert due is not None
    wait = due - stage.clock.now()
    (stage.clock.move if frozen else stage.move)(wait)
    stage.scheduler.settle()
    return stage.job(job_id)


@pytest.mark.parametrize("provider", ASYNCHRONOUS)
def test_a_publish_that_succeeds_is_settled_with_its_address(stage: Scene, provider: str) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, provider)
    for _ in range(12):
        job = wait_for_poll(stage, job_id)
        if job.state is not State.IN_PROGRESS:
            break
    assert job.state is State.SUCCEEDED, job
    assert job.permalink
    assert job.settled_at == stage.clock.now()
    assert job.next_poll_at is None
    assert job.fault is None


@pytest.mark.parametrize("provider", ASYNCHRONOUS)
def test_a_publish_that_fails_there_fails_here_with_its_class(stage: Scene, provider: str) -> None:
    stage.sandbox.add_fault("refuse_publish", provider=provider)
    job_id = stage.in_state(State.IN_PROGRESS, provider)
    for _ in range(12):
        job = wait_for_poll(stage, job_id)
        if job.state is not State.IN_PROGRESS:
            break
    assert job.state is State.FAILED, job
    assert job.fault is not None
    assert job.fault.message
    assert len(stage.sandbox.stored()) == 1


@pytest.mark.parametrize("provider", ASYNCHRONOUS)
def test_while_it_is_pending_it_is_asked_about_less_and_less(stage: Scene, provider: str) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, provider)
    pauses = []
    for polls in range(1, 9):
        job = wait_for_poll(stage, job_id, frozen=True)
        assert (job.state, job.polls) == (State.IN_PROGRESS, polls)
        assert job.next_poll_at is not None
        pauses.append(job.next_poll_at - stage.clock.now())
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
    assert pauses[-1] <= timedelta(minutes=5)
    assert job.provider_status


def test_wahdx_is_asked_by_one_call_for_many(stage: Scene) -> None:
    ids = []
    for number in (1, 2, 3):
        stage.sandbox.add_fault("lost_answer", provider="wahdx", call="publish")
        account = f"1f0a0f52-6a2e-4c55-9d1e-aa{14 + number:010d}"
        job_id = stage.submitted("wahdx", ref=f"r{number}", account=account)
        stage.work(job_id)
        stored = stage.sandbox.stored()[-1]
        stage.parts.producer.resolve(job_id, published=stored["publish_id"], by="mia")
        ids.append(job_id)
    before = stage.asked("status")
    stage.move(timedelta(minutes=1))
    stage.scheduler.settle()
    assert {stage.job(each).state for each in ids} == {State.SUCCEEDED}
    assert stage.asked("status") == before + 1


def test_nothing_is_asked_before_the_poll_is_due(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    before = len(stage.sandbox.requests())
    stage.scheduler.settle()
    assert len(stage.sandbox.requests()) == before
    assert stage.job(job_id).polls == 0


@pytest.mark.parametrize("provider", ASYNCHRONOUS)
def test_past_its_deadline_it_is_held_and_still_asked_about(stage: Scene, provider: str) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, provider)
    stage.clock.move(timedelta(hours=24))
    stage.scheduler.settle()
    job = stage.job(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.SETTLE)
    assert job.next_poll_at == stage.clock.now() + timedelta(hours=1)
    assert wait_for_poll(stage, job_id, frozen=True).state is State.HELD
    assert wait_for_poll(stage, job_id).state is State.SUCCEEDED


@pytest.mark.parametrize("provider", ASYNCHRONOUS)
@pytest.mark.parametrize("fault", ["error_before", "drop_before", "lost_answer"])
def test_a_provider_that_is_away_says_nothing_about_a_job(
    stage: Scene, provider: str, fault: str
) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, provider)
    for call in ("status", "history"):
        stage.sandbox.add_fault(fault, provider=provider, call=call, count=None)
    stage.clock.move(timedelta(hours=30))
    stage.scheduler.settle()
    job = stage.job(job_id)
    assert (job.state, job.polls) == (State.IN_PROGRESS, 0)
    assert job.next_poll_at is not None
    assert stage.clock.now() < job.next_poll_at <= stage.clock.now() + timedelta(seconds=10)
    stage.sandbox.clear_faults()
    assert wait_for_poll(stage, job_id).state is State.SUCCEEDED


def test_a_429_to_a_poll_is_waited_out_by_all_polls_and_publishes(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    stage.sandbox.add_fault("rate_limit", provider="genviral", call="status", retry_after_s=120)
    stage.sandbox.add_fault("rate_limit", provider="genviral", call="history", retry_after_s=120)
    asked_at = stage.clock.now() + timedelta(minutes=1)
    stage.move(timedelta(minutes=1))
    stage.scheduler.settle()
    job = stage.job(job_id)
    assert job.state is State.IN_PROGRESS
    assert job.next_poll_at is not None
    assert job.next_poll_at >= asked_at + timedelta(seconds=120)
    other = stage.submitted(ref="other", caption="other")
    assert stage.job(other).state is State.SCHEDULED
    stage.move(timedelta(seconds=125))
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.SUCCEEDED
    assert stage.sandbox.violations() == []


def test_a_connection_without_a_key_is_asked_again_later(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    stage.sandbox.add_fault("error_before", call="status", status=401, count=None)
    stage.sandbox.add_fault("error_before", call="history", status=401, count=None)
    stage.move(timedelta(minutes=1))
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.IN_PROGRESS


def test_two_schedulers_share_the_asking(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, "posteverywhere")
    other = Scheduler(stage.parts, "other@test")
    stage.move(timedelta(minutes=1))
    before = stage.asked("status") + stage.asked("history")
    at_once(stage.scheduler.settle, other.settle)
    other.fanout.drain()
    assert stage.job(job_id).state is State.SUCCEEDED
    assert stage.asked("status") + stage.asked("history") == before + 1
    assert stage.states(job_id).count(State.SUCCEEDED) == 1


def test_what_a_dead_scheduler_had_claimed_is_asked_about_by_the_next(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    stage.move(timedelta(minutes=1))
    lease = timedelta(seconds=65)
    stage.ledger.polls.claim("genviral", now=stage.clock.now(), limit=10, lease=lease)
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.IN_PROGRESS
    stage.move(lease + SECOND)
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.SUCCEEDED


def test_a_job_that_ended_meanwhile_stays_ended(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    stale = stage.job(job_id)
    stage.move(timedelta(minutes=1))
    stage.scheduler.settle()
    ended = stage.job(job_id)
    stage.scheduler.settling.poll("genviral", [stale])
    assert stage.job(job_id) == ended
    assert stage.states(job_id).count(State.SUCCEEDED) == 1


def test_a_connection_that_left_the_settings_keeps_its_jobs(stage: Scene) -> None:
    gone = stage.in_state(State.IN_PROGRESS, "genviral")
    there = stage.in_state(State.IN_PROGRESS, "wonda")
    del stage.parts.connections["genviral"]  # type: ignore[attr-defined]
    stage.move(timedelta(minutes=1))
    stage.scheduler.settling.tick()
    stage.scheduler.wait()
    assert stage.job(there).state is State.SUCCEEDED
    assert stage.job(gone).state is State.IN_PROGRESS
