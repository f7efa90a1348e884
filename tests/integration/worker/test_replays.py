"""A replay is the same request once more, never a new one: whatever happened on its way."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.settlement import Hold
from shared.domain.states import State
from tests.support.workshop import Workshop, workshop

WINDOW = timedelta(hours=1)


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with workshop() as opened:
        yield opened


def to_be_replayed(shop: Workshop) -> int:
    """Queue a replay of a request that the provider never saw."""
    shop.sandbox.add_fault("drop_before", call="publish")
    job_id = shop.queued("genviral")
    shop.work(job_id)
    shop.look(timedelta(seconds=3))
    assert shop.ledger.jobs.get(job_id).replay
    return job_id


def test_a_replay_that_was_too_long_on_its_way_is_not_sent(shop: Workshop) -> None:
    job_id = to_be_replayed(shop)
    shop.clock.move(WINDOW)
    assert shop.work(job_id).state is State.UNCERTAIN
    assert shop.sandbox.stored() == []
    shop.look(timedelta(seconds=3))
    job = shop.ledger.jobs.get(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.LOST_ANSWER)


def test_a_429_to_a_replay_costs_no_attempt(shop: Workshop) -> None:
    job_id = to_be_replayed(shop)
    before = shop.ledger.jobs.get(job_id)
    shop.sandbox.add_fault("rate_limit", provider="genviral", call="publish", retry_after_s=42)
    job = shop.work(job_id)
    assert job.state is State.UNCERTAIN
    assert (job.attempts, job.deferrals) == (before.attempts, before.deferrals + 1)
    assert job.next_look_at is not None
    assert job.next_look_at >= shop.clock.now() + timedelta(seconds=42)


def test_the_age_of_a_key_counts_from_its_own_first_request(shop: Workshop) -> None:
    shop.sandbox.add_fault("rate_limit", provider="genviral", call="publish", retry_after_s=0)
    job_id = shop.queued("genviral")
    assert shop.work(job_id).state is State.SCHEDULED
    shop.clock.move(2 * WINDOW)
    shop.sandbox.add_fault("drop_before", call="publish")
    shop.release()
    assert shop.work(job_id).state is State.UNCERTAIN
    (looked,) = shop.look(timedelta(seconds=3))
    assert looked.state is State.QUEUED
    assert shop.work(job_id).state is State.IN_PROGRESS
    assert len(shop.sandbox.stored()) == 1
