"""Resolving: a person's word ends the doubt of a held lost answer, and of nothing else."""

import pytest

from shared.domain.states import State
from shared.errors import InputError, UnknownName
from tests.support.scene import Scene

URL = "https://www.tiktok.com/@harbor/photo/7"


def test_a_published_url_ends_it_as_succeeded(stage: Scene) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    job = stage.parts.producer.resolve(job_id, published=URL, by="mia")
    assert (job.state, job.permalink) == (State.SUCCEEDED, URL)
    assert job.settled_at == stage.clock.now()
    assert job.fault is None
    assert "mia" in stage.ledger.jobs.events(job_id)[-1].why


def test_two_jobs_resolved_by_a_url_do_not_claim_one_another_s_publish(stage: Scene) -> None:
    for caption in ("one", "two"):
        stage.sandbox.add_fault("lost_answer", provider="wahdx", call="publish")
        job_id = stage.submitted("wahdx", ref=caption, caption=caption)
        stage.work(job_id)
        resolved = stage.parts.producer.resolve(job_id, published=URL, by="mia")
        assert resolved.state is State.SUCCEEDED


def test_a_published_id_is_asked_about_at_the_provider(stage: Scene) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    (stored,) = stage.sandbox.stored()
    job = stage.parts.producer.resolve(job_id, published=stored["publish_id"], by="mia")
    assert (job.state, job.provider_publish_id) == (State.IN_PROGRESS, stored["publish_id"])
    assert job.next_poll_at is not None
    stage.move(job.next_poll_at - stage.clock.now())
    stage.scheduler.settle()
    assert stage.job(job_id).state is State.SUCCEEDED
    assert len(stage.sandbox.stored()) == 1


def test_not_published_sends_it_again(stage: Scene) -> None:
    stage.sandbox.add_fault("drop_before", provider="wahdx", call="publish")
    job_id = stage.submitted("wahdx")
    assert stage.work(job_id).state is State.HELD
    job = stage.parts.producer.resolve(job_id, published=None, by="mia")
    assert (job.state, job.due_at) == (State.RETRYING, stage.clock.now())
    assert stage.scheduler.dispatch() == 1
    assert stage.work(job_id).state is State.SUCCEEDED
    assert len(stage.sandbox.stored()) == 1


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_word_is_not_taken_for_not_published(stage: Scene, nothing: str) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    with pytest.raises(InputError):
        stage.parts.producer.resolve(job_id, published=nothing, by="mia")
    assert stage.job(job_id).state is State.HELD


def test_the_publish_of_another_job_is_refused(stage: Scene) -> None:
    other = stage.in_state(State.SUCCEEDED, "wahdx")
    stage.sandbox.add_fault("lost_answer", provider="wahdx", call="publish")
    job_id = stage.submitted("wahdx", ref="second", caption="second")
    stage.work(job_id)
    taken = stage.job(other).provider_publish_id
    with pytest.raises(InputError, match="another job"):
        stage.parts.producer.resolve(job_id, published=taken, by="mia")
    assert stage.job(job_id).state is State.HELD


@pytest.mark.parametrize(
    "state",
    [
        State.SCHEDULED,
        State.QUEUED,
        State.PUBLISHING,
        State.IN_PROGRESS,
        State.UNCERTAIN,
        State.FAILED,
        State.CANCELLED,
    ],
)
def test_what_does_not_wait_for_a_person_is_refused(stage: Scene, state: State) -> None:
    job_id = stage.in_state(state)
    with pytest.raises(InputError, match=str(state)):
        stage.parts.producer.resolve(job_id, published=URL, by="mia")
    assert stage.job(job_id).state is state


def test_a_connection_that_left_the_settings_is_named(stage: Scene) -> None:
    job_id = stage.in_state(State.HELD, "wahdx")
    del stage.parts.connections["wahdx"]  # type: ignore[attr-defined]
    with pytest.raises(UnknownName, match="wahdx"):
        stage.parts.producer.resolve(job_id, published="p1", by="mia")
