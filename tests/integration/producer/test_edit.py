"""Editing a job before it is sent: checked like a new one, and sent as it became."""

from datetime import timedelta

import pytest

from shared.domain.post import Kind, Media
from shared.domain.states import State
from shared.errors import InputError
from shared.producer import Changes
from tests.support.scene import Scene

HOUR = timedelta(hours=1)


def test_what_was_edited_is_what_goes_out(stage: Scene) -> None:
    job_id = stage.submitted(run_at=(stage.clock.now() + HOUR).isoformat())
    change = stage.parts.producer.edit(job_id, Changes(caption="Oats at last"), by="mia")
    stage.move(HOUR)
    stage.scheduler.dispatch()
    stage.work(job_id)

    assert change.done
    (stored,) = stage.sandbox.stored()
    assert "Oats at last" in str(stored)


def test_a_time_put_forward_rings_at_once(stage: Scene) -> None:
    job_id = stage.submitted(run_at=(stage.clock.now() + HOUR).isoformat())
    assert stage.job(job_id).state is State.SCHEDULED
    stage.parts.producer.edit(job_id, Changes(run_at=stage.clock.now()), by="mia")

    assert stage.job(job_id).state is State.QUEUED


def test_what_it_becomes_is_checked_like_a_new_one(stage: Scene) -> None:
    job_id = stage.submitted(run_at=(stage.clock.now() + HOUR).isoformat())
    wrong = Changes(caption="x" * 100_000, media=(Media(url="ftp://media.example/1.jpg"),))
    with pytest.raises(InputError) as refused:
        stage.parts.producer.edit(job_id, wrong, by="mia")

    assert len(refused.value.problems) == 2
    assert len(stage.ledger.jobs.events(job_id)) == 1


def test_the_kind_follows_the_media_unless_it_is_said(stage: Scene) -> None:
    job_id = stage.submitted(run_at=(stage.clock.now() + HOUR).isoformat())
    two = tuple(Media(url=stage.sandbox.media_url(f"{at}.jpg")) for at in (1, 2))
    assert stage.parts.producer.edit(job_id, Changes(media=two), by="mia").done

    assert stage.job(job_id).post.kind is Kind.CAROUSEL


def test_a_deadline_may_be_taken_away(stage: Scene) -> None:
    now = stage.clock.now()
    times = {"run_at": (now + HOUR).isoformat(), "not_after": (now + 2 * HOUR).isoformat()}
    job_id = stage.submitted(**times)
    change = stage.parts.producer.edit(job_id, Changes(no_deadline=True), by="mia")

    assert (change.words, stage.job(job_id).not_after) == ("not_after", None)


def test_what_is_on_its_way_stays(stage: Scene) -> None:
    job_id = stage.submitted()
    change = stage.parts.producer.edit(job_id, Changes(caption="Oats"), by="mia")

    assert (change.done, change.why) == (False, "it is on its way: it is queued")


def test_a_job_may_be_changed_while_it_waits_for_its_account(stage: Scene) -> None:
    job_id = stage.submitted("posteverywhere", run_at=(stage.clock.now() + HOUR).isoformat())
    stage.sandbox.set_account_status("posteverywhere", "4101", "expired")
    stage.move(timedelta(minutes=6))
    stage.scheduler.sync()
    assert stage.job(job_id).state is State.HELD

    assert stage.parts.producer.edit(job_id, Changes(caption="Oats"), by="mia").done
    assert stage.job(job_id).state is State.HELD
    with pytest.raises(InputError) as refused:
        stage.parts.producer.edit(job_id, Changes(caption="x" * 100_000), by="mia")
    assert ["caption" in each for each in refused.value.problems] == [True]
