"""Retrying: a new job for one that has ended badly, once, linked to it."""

from datetime import datetime, timedelta

import pytest

from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger.jobs import JobFilter
from shared.producer.retrying import Wanted
from tests.support.scene import Scene, scene

ONE_A_MINUTE = """
[connections.genviral]
provider = "genviral"
limits = [{requests = 1, per = "60s", window = "fixed", scope = "connection", calls = ["publish"]}]
"""


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


def test_many_are_paced_into_the_limits_as_the_plan_foretold(redis_url: str) -> None:
    with scene(redis_url, config=ONE_A_MINUTE) as stage:
        old = [stage.submitted(ref=f"r{at}", caption=f"Loaf {at}") for at in range(3)]
        stage.sandbox.add_fault(
            "error_before", provider="genviral", call="publish", status=402, count=3
        )
        for job_id in old:
            stage.scheduler.dispatch()
            stage.work(job_id)
            stage.move(timedelta(seconds=61))

        plan = stage.parts.producer.plan_retry(Wanted(which=JobFilter(campaign="test")))
        [paced] = plan.paced
        new = stage.parts.producer.carry_out(plan, by="mia")

        assert plan.ids == {"test": old}
        assert (paced.campaign, paced.connection, paced.jobs) == ("test", "genviral", 3)
        assert paced.binding is not None
        assert "1 publish" in paced.binding or "1 request" in paced.binding
        assert paced.last_at is not None
        waits = paced.last_at - stage.clock.now()
        assert timedelta(seconds=110) <= waits <= timedelta(seconds=125)
        sent = _drain(stage, new)
        assert abs(sent[-1] - paced.last_at) <= timedelta(seconds=5), sent
        assert stage.parts.producer.carry_out(plan, by="ann") == []


def _drain(stage: Scene, jobs: list[int]) -> list[datetime]:
    """Let everything run, a second at a time, and return when each of these was sent."""
    for _ in range(200):
        stage.scheduler.dispatch()
        for job_id in jobs:
            if stage.job(job_id).state is State.QUEUED:
                stage.work(job_id)
        stage.move(timedelta(seconds=1))
    times = [stage.job(each).first_sent_at for each in jobs]
    return sorted(each for each in times if each is not None)
