"""On the minute: a job that was released early leaves at its instant, and waits for a near slot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from shared.domain.limit import Call
from shared.domain.release import LOOK_AHEAD
from shared.domain.states import State
from tests.support.workshop import workshop
from worker.gate import LEAD

SECOND = timedelta(seconds=1)


def test_a_job_released_early_leaves_at_its_instant() -> None:
    with workshop() as shop:
        run_at = shop.clock.now() + 1.5 * SECOND
        job = shop.work(shop.queued("genviral", run_at=run_at))
        assert job.state is State.IN_PROGRESS
        assert job.first_sent_at == run_at


@pytest.mark.parametrize(("wait", "rests"), [(timedelta(0), 0), (LEAD, 0), (SECOND, 1)])
def test_only_a_job_that_waits_gives_its_place_away(wait: timedelta, rests: int) -> None:
    given: list[datetime] = []
    with workshop() as shop:

        @contextmanager
        def resting() -> Iterator[None]:
            given.append(shop.clock.now())
            yield

        run_at = shop.clock.now() + wait
        shop.pipeline.carry_out(shop.claim(shop.queued("genviral", run_at=run_at)), resting)

    assert len(given) == rests


def test_nothing_is_reserved_before_it_is_needed() -> None:
    with workshop() as shop:
        run_at = shop.clock.now() + SECOND
        shop.work(shop.queued("genviral", run_at=run_at))
        assert [at for call, at in shop.limiter.asked if call is Call.PUBLISH] == [run_at - LEAD]


def test_the_attempt_is_on_record_when_the_instant_comes_and_names_it() -> None:
    with workshop() as shop:
        run_at = shop.clock.now() + SECOND
        claim = shop.claim(shop.queued("genviral", run_at=run_at))
        commits: list[datetime] = []
        engine = shop.ledger._database._engine
        event.listen(engine, "commit", lambda _: commits.append(shop.clock.now()))

        shop.pipeline.carry_out(claim)

        opened, settled = commits
        assert (opened, settled) == (run_at - LEAD, run_at)
        assert [each.opened_at for each in shop.ledger.jobs.attempts(claim.job.id)] == [run_at]


def test_a_slot_that_opens_soon_is_waited_for_without_a_deferral() -> None:
    with workshop() as shop:
        opens = shop.clock.now() + LOOK_AHEAD
        shop.limiter.refuse_until = opens
        job = shop.work(shop.queued("genviral"))
        assert (job.state, job.deferrals) == (State.IN_PROGRESS, 0)
        assert job.first_sent_at is not None
        assert opens <= job.first_sent_at < opens + SECOND


def test_a_slot_that_opens_later_defers_the_job_at_once() -> None:
    with workshop() as shop:
        started = shop.clock.now()
        shop.limiter.refuse_until = started + LOOK_AHEAD + SECOND
        job = shop.work(shop.queued("genviral"))
        assert (job.state, job.deferrals) == (State.SCHEDULED, 1)
        assert shop.clock.now() - started < SECOND
