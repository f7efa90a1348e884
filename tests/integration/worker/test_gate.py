"""The gate before the first byte: what a slow database does to a publish call."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from shared.domain.limit import Admission
from shared.domain.outcome import ErrorClass
from shared.domain.states import State
from tests.support.workshop import workshop


def test_an_attempt_that_took_long_to_write_is_not_sent() -> None:
    with workshop() as shop:
        claim = shop.claim(shop.queued("genviral"))
        engine = shop.ledger._database._engine
        event.listen(engine, "commit", lambda _: shop.clock.move(timedelta(seconds=2)))
        shop.pipeline.carry_out(claim)
        job = shop.ledger.jobs.get(claim.job.id)
        assert (job.state, job.attempts) == (State.SCHEDULED, 0)
        assert [each.outcome for each in shop.ledger.jobs.attempts(job.id)] == ["deferred"]
        assert shop.sandbox.stored() == []


def test_what_became_too_late_on_its_way_to_the_first_byte_is_failed_and_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with workshop() as shop:
        not_after = shop.clock.now() + timedelta(seconds=1)
        claim = shop.claim(shop.queued("genviral", not_after=not_after))
        admit = shop.limiter.admit

        def admit_slowly(*asked: Any) -> Admission:
            shop.clock.move(timedelta(seconds=1.2))
            return admit(*asked)

        monkeypatch.setattr(shop.limiter, "admit", admit_slowly)
        shop.pipeline.carry_out(claim)
        job = shop.ledger.jobs.get(claim.job.id)
        assert job.fault is not None
        assert (job.state, job.fault.error_class) == (State.FAILED, ErrorClass.TOO_LATE)
        assert shop.ledger.jobs.attempts(job.id) == []
        assert shop.sandbox.stored() == []


def test_a_machine_that_slept_before_the_first_byte_sends_nothing() -> None:
    with workshop() as shop:
        claim = shop.claim(shop.queued("genviral"))
        engine = shop.ledger._database._engine
        event.listen(engine, "commit", lambda _: shop.clock.step(timedelta(minutes=10)))
        shop.pipeline.carry_out(claim)
        job = shop.ledger.jobs.get(claim.job.id)
        assert [each.outcome for each in shop.ledger.jobs.attempts(job.id)] == ["deferred"]
        assert shop.sandbox.stored() == []


@pytest.mark.parametrize(("told", "attempts"), [(0, []), (1, ["deferred"])])
def test_a_refusal_that_another_call_met_meanwhile_stops_an_admitted_one(
    told: int, attempts: list[str]
) -> None:
    with workshop() as shop:
        claim = shop.claim(shop.queued("genviral"))
        until = shop.clock.now() + timedelta(seconds=20)
        shop.limiter.stops = [*[None] * told, until]
        shop.pipeline.carry_out(claim)
        job = shop.ledger.jobs.get(claim.job.id)
        assert (job.state, job.attempts, job.due_at) == (State.SCHEDULED, 0, until)
        assert [each.outcome for each in shop.ledger.jobs.attempts(job.id)] == attempts
        assert shop.sandbox.stored() == []
        assert shop.limiter.released == [str(len(shop.limiter.admitted))]
