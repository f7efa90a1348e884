"""Cancelling: what was not sent is cancelled here, what is under way at its provider."""

from datetime import timedelta

import pytest

from shared.domain.pause import Pausable, Target
from shared.domain.states import FINAL, State
from tests.support.scene import Scene
from worker.cancelling import cancel_at_provider


def cancel(stage: Scene, job_id: int) -> tuple[bool, str]:
    answer = stage.parts.producer.cancel(job_id, by="mia")
    return answer.done, answer.message


@pytest.mark.parametrize("state", [State.SCHEDULED, State.QUEUED])
def test_what_was_not_sent_is_cancelled_at_once(stage: Scene, state: State) -> None:
    job_id = stage.in_state(state)
    done, said = cancel(stage, job_id)
    assert done
    assert "nothing was sent" in said
    assert stage.job(job_id).state is State.CANCELLED
    assert stage.ledger.jobs.events(job_id)[-1].by == "mia"
    assert stage.sandbox.stored() == []


def test_a_cancelled_job_is_not_claimed_though_its_message_is_on_the_way(stage: Scene) -> None:
    job_id = stage.in_state(State.QUEUED)
    cancel(stage, job_id)
    now = stage.clock.now()
    lease = timedelta(seconds=30)
    assert stage.ledger.claims.claim([job_id], owner="w", lease=lease, now=now, by="w") == []


def test_a_job_that_waits_for_another_try_is_cancelled(stage: Scene) -> None:
    stage.sandbox.add_fault("drop_before", provider="posteverywhere", call="upload")
    job_id = stage.submitted("posteverywhere")
    assert stage.work(job_id).state is State.RETRYING
    assert cancel(stage, job_id)[0]
    assert stage.job(job_id).state is State.CANCELLED


@pytest.mark.parametrize("state", [State.PUBLISHING, State.UNCERTAIN])
def test_what_may_be_live_is_not_called_cancelled(stage: Scene, state: State) -> None:
    job_id = stage.in_state(state)
    done, said = cancel(stage, job_id)
    assert not done
    assert "may be live" in said
    assert stage.job(job_id).state is state


def test_what_was_being_sent_is_cancelled_where_it_has_to_wait_again(stage: Scene) -> None:
    stage.sandbox.add_fault("drop_before", provider="posteverywhere", call="publish")
    job_id = stage.submitted("posteverywhere")
    assert stage.work(job_id).state is State.UNCERTAIN
    done, said = cancel(stage, job_id)
    assert (done, "cancelled should it have to wait again" in said) == (False, True)

    for _ in range(3):
        stage.move(timedelta(minutes=1))
        stage.scheduler.reconcile()

    assert stage.job(job_id).state is State.CANCELLED
    assert stage.sandbox.stored() == []


def test_a_held_lost_answer_is_not_cancelled_but_resolved(stage: Scene) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    done, said = cancel(stage, job_id)
    assert not done
    assert f"dropline jobs resolve {job_id}" in said


def test_a_job_held_for_its_account_is_cancelled(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED, "posteverywhere")
    stage.sandbox.set_account_status("posteverywhere", "4101", "expired")
    stage.move(timedelta(minutes=6))
    stage.scheduler.sync()
    assert stage.job(job_id).state is State.HELD
    assert cancel(stage, job_id)[0]
    assert stage.job(job_id).state is State.CANCELLED


def test_a_replay_that_waits_for_its_worker_may_be_live(stage: Scene) -> None:
    stage.sandbox.add_fault("drop_before", provider="genviral", call="publish")
    job_id = stage.submitted("genviral")
    stage.work(job_id)
    stage.move(timedelta(seconds=3))
    stage.scheduler.reconcile()
    assert (stage.job(job_id).state, stage.job(job_id).replay) == (State.QUEUED, True)
    done, said = cancel(stage, job_id)
    assert not done
    assert "resolve" not in said


def test_a_provider_that_offers_it_is_asked_to_cancel(stage: Scene) -> None:
    job_id = stage.in_state(State.IN_PROGRESS, "posteverywhere")
    done, said = cancel(stage, job_id)
    assert done
    assert "asked to cancel" in said
    assert stage.bell.cancels == [job_id]
    assert stage.job(job_id).state is State.IN_PROGRESS
    assert stage.job(job_id).cancel_requested_at == stage.clock.now()


def test_a_provider_that_cannot_cancel_is_not_asked(stage: Scene) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    stage.parts.producer.resolve(job_id, published="p_inbox_url~v2.1", by="mia")
    done, said = cancel(stage, job_id)
    assert not done
    assert "wahdx, which cannot cancel" in said
    assert stage.bell.cancels == []


@pytest.mark.parametrize("state", sorted(FINAL))
def test_an_ended_job_stays_as_it_ended(stage: Scene, state: State) -> None:
    provider = "wahdx" if state is State.SUCCEEDED else "genviral"
    job_id = stage.in_state(state, provider)
    done, said = cancel(stage, job_id)
    assert not done
    assert str(state) in said
    assert stage.job(job_id).state is state


def test_a_campaign_is_cancelled_whole_and_its_providers_are_asked(stage: Scene) -> None:
    waits = stage.in_state(State.SCHEDULED, "genviral")
    there = stage.in_state(State.IN_PROGRESS, "posteverywhere")

    done = stage.parts.producer.cancel_all(Target(Pausable.CAMPAIGN, "test"), by="mia")
    for job_id in stage.bell.cancels:
        cancel_at_provider(stage.parts, job_id, by="worker")

    assert (done.in_time, done.asked, done.at_provider) == (1, [there], 0)
    assert [stage.job(each).state for each in (waits, there)] == [State.CANCELLED] * 2
