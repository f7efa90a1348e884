"""Explaining: one sentence on why a job is where it is, and until when."""

from datetime import datetime, timedelta

import pytest

from shared.domain.limit import Scope
from shared.domain.states import State
from shared.producer.explanation import Reason
from tests.support.scene import Scene


def explained(stage: Scene, job_id: int) -> tuple[str, datetime | None]:
    said = stage.parts.producer.explain(job_id)
    return said.sentence, said.until


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.SCHEDULED, "waits for its time"),
        (State.QUEUED, "handed to the workers"),
        (State.PUBLISHING, "publishing it now"),
        (State.IN_PROGRESS, "provider is working on it"),
        (State.UNCERTAIN, "answer to its publish call was lost"),
        (State.FAILED, "ended: failed"),
        (State.CANCELLED, "ended: cancelled"),
    ],
)
def test_every_state_has_its_sentence(stage: Scene, state: State, words: str) -> None:
    sentence, _ = explained(stage, stage.in_state(state))
    assert words in sentence


def test_a_job_for_later_says_until_when(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    assert explained(stage, job_id)[1] == stage.job(job_id).run_at


def test_a_deferred_job_names_what_deferred_it(stage: Scene) -> None:
    stage.sandbox.add_fault("rate_limit", provider="genviral", call="publish", retry_after_s=90)
    job_id = stage.submitted("genviral")
    stage.work(job_id)
    sentence, until = explained(stage, job_id)
    assert "deferred" in sentence
    assert "wait 90 s" in sentence
    assert until == stage.job(job_id).due_at >= stage.clock.now() + timedelta(seconds=90)


def test_a_failed_attempt_says_which_and_when_the_next_one_is(stage: Scene) -> None:
    stage.sandbox.add_fault("drop_before", provider="posteverywhere", call="upload")
    job_id = stage.submitted("posteverywhere")
    stage.work(job_id)
    sentence, until = explained(stage, job_id)
    assert "Attempt 1 failed" in sentence
    assert until == stage.job(job_id).due_at


def test_a_due_job_that_nothing_holds_goes_with_the_next_tick(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    stage.move(timedelta(days=2))
    said = stage.parts.producer.explain(job_id)
    assert said.reason is Reason.NEXT
    assert (said.position, said.expected_at) == (1, stage.clock.now())


def test_a_due_job_behind_a_block_says_which_and_until_when(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    stage.move(timedelta(days=2))
    now = stage.clock.now()
    until = now + timedelta(minutes=5)
    stage.parts.limiter.block(Scope("genviral"), until, "the provider answered 429", now)
    said = stage.parts.producer.explain(job_id)
    assert (said.reason, said.limit) == (Reason.LIMIT, "the provider answered 429")
    assert said.until is not None
    assert said.until == said.expected_at
    assert until <= said.until < until + timedelta(milliseconds=1)


def test_a_queued_job_says_since_when_it_is(stage: Scene) -> None:
    job_id = stage.in_state(State.QUEUED)
    queued_at = stage.job(job_id).queued_at
    assert f"{queued_at:%Y-%m-%d %H:%M:%S}Z" in explained(stage, job_id)[0]


def test_a_held_lost_answer_offers_both_ways_out(stage: Scene) -> None:
    sentence, _ = explained(stage, stage.in_state(State.HELD, "wahdx"))
    assert "--published" in sentence
    assert "--not-published" in sentence


def test_a_job_held_for_its_account_goes_on_by_itself(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED, "posteverywhere")
    stage.sandbox.set_account_status("posteverywhere", "4101", "expired")
    stage.move(timedelta(minutes=6))
    stage.scheduler.sync()
    sentence, _ = explained(stage, job_id)
    assert "goes on by itself" in sentence


def test_a_job_past_its_settle_deadline_is_still_asked_about(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS)
    stage.clock.move(timedelta(hours=25))
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.HELD
    sentence, _ = explained(stage, job_id)
    assert "once an hour" in sentence
