"""A pause that comes after the claim: who has not begun yet is handed back, who has finishes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.pause import Pausable, Target
from shared.domain.states import State
from tests.support.workshop import Workshop, workshop
from worker.pipeline import FRESH

GENVIRAL = Target(Pausable.PROVIDER, "genviral")
MOMENT = timedelta(milliseconds=10)


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with workshop() as opened:
        yield opened


def pause(shop: Workshop) -> None:
    shop.ledger.pauses.pause(
        GENVIRAL, why="", now=shop.clock.now(), by="mia", connections=["genviral"]
    )


def test_a_job_that_waited_for_its_place_is_handed_back(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    shop.clock.move(FRESH + MOMENT)
    pause(shop)

    shop.pipeline.carry_out(claim)

    job = shop.ledger.jobs.get(claim.job.id)
    assert (job.state, job.attempts) == (State.SCHEDULED, 0)
    assert (job.due_at, job.reason) == (claim.job.due_at, "it was paused before it began")
    assert shop.sandbox.stored() == []
    assert shop.ledger.audits.asleep() == []


def test_a_job_that_waited_and_is_not_paused_is_sent(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    other = shop.claim(shop.queued("wonda"))
    shop.clock.move(FRESH + MOMENT)
    pause(shop)

    shop.pipeline.carry_out(other)
    shop.ledger.pauses.resume(GENVIRAL, now=shop.clock.now())
    shop.pipeline.carry_out(claim)

    states = [shop.ledger.jobs.get(each.job.id).state for each in (claim, other)]
    assert states == [State.IN_PROGRESS] * 2


def test_a_job_that_begins_at_once_asks_nobody_again(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    pause(shop)

    shop.pipeline.carry_out(claim)

    assert shop.ledger.jobs.get(claim.job.id).state is State.IN_PROGRESS
