"""Retrying: a new job for one that has ended badly, once, linked to it."""

import pytest

from shared.domain.states import State
from shared.errors import UnknownName
from tests.support.scene import Scene


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_an_ended_job_is_retried_as_a_new_one_that_names_it(stage: Scene, state: State) -> None:
    job_id = stage.in_state(state)
    retried = stage.parts.producer.retry([job_id], by="mia")
    (new_id,) = retried.added
    old, new = stage.job(job_id), stage.job(new_id)
    assert (new.retry_of, new.ref, new.campaign) == (old.id, old.ref, old.campaign)
    assert new.post == old.post
    assert old.state is state
    assert stage.bell.rung[-1] == new_id
    assert stage.work(new_id).state is State.IN_PROGRESS


def test_a_job_is_retried_once(stage: Scene) -> None:
    job_id = stage.in_state(State.FAILED)
    (new_id,) = stage.parts.producer.retry([job_id, job_id], by="mia").added
    again = stage.parts.producer.retry([job_id], by="mia")
    assert again.added == []
    ((refused, why),) = again.refused
    assert refused == job_id
    assert str(new_id) in why
    assert len(stage.jobs()) == 2


def test_a_retry_that_failed_is_retried_in_its_turn(stage: Scene) -> None:
    first = stage.in_state(State.FAILED)
    (second,) = stage.parts.producer.retry([first], by="mia").added
    stage.parts.producer.cancel(second, by="mia")
    (third,) = stage.parts.producer.retry([second], by="mia").added
    assert stage.job(third).retry_of == second


@pytest.mark.parametrize(
    "state",
    [State.SCHEDULED, State.QUEUED, State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN],
)
def test_what_has_not_ended_is_refused(stage: Scene, state: State) -> None:
    job_id = stage.in_state(state)
    retried = stage.parts.producer.retry([job_id], by="mia")
    assert retried.added == []
    assert retried.refused == [(job_id, f"it is {state}, not failed")]


def test_what_succeeded_is_refused(stage: Scene) -> None:
    job_id = stage.in_state(State.SUCCEEDED, "wahdx")
    assert stage.parts.producer.retry([job_id], by="mia").added == []


def test_the_file_loaded_again_does_not_see_the_retry_as_another_row(stage: Scene) -> None:
    job_id = stage.in_state(State.FAILED)
    stage.parts.producer.retry([job_id], by="mia")
    again = stage.submit(stage.row())
    assert (again.added, again.unchanged, again.existing) == ([], 1, [job_id])


def test_an_unknown_job_is_an_error_that_names_it(stage: Scene) -> None:
    with pytest.raises(UnknownName, match="4711"):
        stage.parts.producer.retry([4711], by="mia")
