"""One job at a time through the worker's pipeline: what is sent, stored and settled."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from shared.domain.account import Account
from shared.domain.outcome import Outcome, Receipt, Succeeded
from shared.domain.post import Kind, Media
from shared.domain.settlement import Hold
from shared.domain.settling import Ended, after_attempt
from shared.domain.states import State
from shared.domain.status import Status
from shared.ledger.claims import Settled
from shared.provider import Order, Provider, Publish
from shared.providers import provider_named
from shared.wire.wire import Content, Wire
from tests.support.workshop import OWNER, Workshop, workshop

SECOND = timedelta(seconds=1)


@pytest.fixture
def shop() -> Iterator[Workshop]:
    with workshop() as opened:
        yield opened


@pytest.mark.parametrize("provider", ["wonda", "posteverywhere", "genviral"])
def test_an_accepted_publish_is_in_progress_with_its_id(shop: Workshop, provider: str) -> None:
    job = shop.work(shop.queued(provider))
    assert job.state is State.IN_PROGRESS
    assert job.provider_publish_id
    assert job.attempts == 1
    assert job.next_poll_at is not None
    assert len(shop.sandbox.stored()) == 1
    (attempt,) = shop.ledger.jobs.attempts(job.id)
    assert attempt.outcome == "accepted"
    assert attempt.publish_id == job.provider_publish_id


def test_a_synchronous_publish_succeeds_at_once(shop: Workshop) -> None:
    job = shop.work(shop.queued("wahdx"))
    assert job.state is State.SUCCEEDED
    assert job.permalink is not None
    assert shop.states(job.id) == [
        State.SCHEDULED,
        State.QUEUED,
        State.PUBLISHING,
        State.SUCCEEDED,
    ]


def test_a_lease_that_ran_out_sends_nothing(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    shop.clock.move(timedelta(seconds=31))
    shop.pipeline.carry_out(claim)
    assert shop.sandbox.stored() == []
    assert shop.ledger.jobs.attempts(claim.job.id) == []


def test_a_lease_about_to_run_out_sends_nothing_and_costs_nothing(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    shop.clock.move(timedelta(seconds=29))
    shop.pipeline.carry_out(claim)
    job = shop.ledger.jobs.get(claim.job.id)
    assert shop.sandbox.stored() == []
    assert job.state is State.SCHEDULED
    assert job.attempts == 0


def test_a_second_worker_s_claim_shuts_the_first_one_out(shop: Workshop) -> None:
    job_id = shop.queued("genviral")
    stalled = shop.claim(job_id)
    shop.clock.move(timedelta(seconds=31))
    shop.rescue()
    shop.clock.move(timedelta(seconds=10))
    shop.release()
    shop.work(job_id)
    shop.pipeline.carry_out(stalled)
    assert len(shop.sandbox.stored()) == 1


def test_a_429_defers_at_no_cost_until_the_moment_named(shop: Workshop) -> None:
    shop.sandbox.add_fault("rate_limit", provider="genviral", call="publish", retry_after_s=42)
    job = shop.work(shop.queued("genviral"))
    assert job.state is State.SCHEDULED
    assert job.attempts == 0
    assert job.deferrals == 1
    assert job.due_at >= shop.clock.now() + timedelta(seconds=42)


def test_what_our_limits_refuse_is_deferred_and_leaves_no_attempt(shop: Workshop) -> None:
    until = shop.clock.now() + timedelta(minutes=3)
    shop.limiter.refuse_until = until
    job = shop.work(shop.queued("genviral"))
    assert (job.state, job.due_at, job.attempts) == (State.SCHEDULED, until, 0)
    assert shop.ledger.jobs.attempts(job.id) == []


def test_a_post_that_no_window_ever_holds_fails_and_is_not_sent(shop: Workshop) -> None:
    shop.limiter.refuse_for_good = True
    job = shop.work(shop.queued("genviral"))
    assert job.state is State.FAILED
    assert shop.sandbox.stored() == []
    assert job.fault is not None
    assert job.fault.error_class == "validation"
    assert job.fault.message.startswith("the post makes 1 containers, and the limit is 1")


def test_the_limiter_is_told_of_the_containers_that_a_post_makes(shop: Workshop) -> None:
    media = tuple(Media(url=shop.sandbox.media_url(f"{each}.jpg")) for each in range(3))
    shop.work(shop.queued("genviral", kind=Kind.CAROUSEL, media=media))
    assert shop.limiter.containers == 4


def test_a_refused_connection_is_retried_plainly(shop: Workshop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        shop.at("genviral", f"http://127.0.0.1:{taken.getsockname()[1]}")
        job = shop.work(shop.queued("genviral"))
    assert job.state is State.RETRYING
    assert job.attempts == 1
    assert job.due_at > shop.clock.now()


def test_a_refusal_ends_the_job_with_its_class_and_code(shop: Workshop) -> None:
    shop.sandbox.add_fault("error_before", provider="genviral", call="publish", status=402)
    job = shop.work(shop.queued("genviral"))
    assert job.state is State.FAILED
    assert job.fault is not None
    assert job.fault.error_class == "billing"


def test_too_late_is_failed_and_not_sent(shop: Workshop) -> None:
    job_id = shop.queued("genviral", not_after=shop.clock.now() + SECOND)
    shop.clock.move(2 * SECOND)
    job = shop.work(job_id)
    assert job.state is State.FAILED
    assert job.fault is not None
    assert job.fault.error_class == "too_late"
    assert job.attempts == 0
    assert shop.sandbox.stored() == []


def test_a_missing_key_defers_and_says_which_variable_to_set(shop: Workshop) -> None:
    shop.without_key("genviral")
    job = shop.work(shop.queued("genviral"))
    assert job.state is State.SCHEDULED
    assert "NOT_READ" in job.reason
    assert job.attempts == 0


def test_an_unknown_connection_hands_the_job_back(shop: Workshop) -> None:
    job_id = shop.queued("genviral")
    del shop.connections["genviral"]
    job = shop.work(job_id)
    assert job.state is State.SCHEDULED
    assert "genviral" in job.reason


def test_a_lost_answer_is_uncertain_or_held_and_never_resent(shop: Workshop) -> None:
    shop.sandbox.add_fault("lost_answer", call="publish", count=None)
    assert shop.work(shop.queued("genviral")).state is State.UNCERTAIN
    held = shop.work(shop.queued("wahdx", caption="another"))
    assert held.state is State.HELD
    assert held.hold is Hold.LOST_ANSWER
    assert len(shop.sandbox.stored()) == 2
    shop.clock.move(timedelta(hours=1))
    assert shop.release() == []


def test_a_stored_post_is_found_and_adopted(shop: Workshop) -> None:
    shop.sandbox.add_fault("lost_answer", call="publish")
    job_id = shop.queued("posteverywhere")
    shop.work(job_id)
    (looked,) = shop.look(timedelta(seconds=3))
    assert looked.state is State.IN_PROGRESS
    assert shop.ledger.jobs.get(job_id).provider_publish_id
    assert len(shop.sandbox.stored()) == 1


def test_absence_is_believed_only_at_the_second_look_after_its_time(shop: Workshop) -> None:
    shop.sandbox.add_fault("drop_before", call="publish")
    job_id = shop.queued("wonda")
    assert shop.work(job_id).state is State.UNCERTAIN
    (first,) = shop.look(timedelta(seconds=3))
    assert first.state is State.UNCERTAIN
    assert shop.look(timedelta(seconds=20)) == []
    (second,) = shop.look(timedelta(seconds=8))
    assert second.state is State.RETRYING
    shop.clock.move(timedelta(seconds=30))
    shop.release()
    assert shop.work(job_id).state is State.IN_PROGRESS
    assert len(shop.sandbox.stored()) == 1


def test_a_replay_sends_the_same_bytes_under_the_same_key(shop: Workshop) -> None:
    shop.sandbox.add_fault("drop_before", call="publish")
    job_id = shop.queued("genviral")
    shop.work(job_id)
    (looked,) = shop.look(timedelta(seconds=3))
    assert looked.state is State.QUEUED
    assert shop.bell.rung == [job_id]
    job = shop.work(job_id)
    assert job.state is State.IN_PROGRESS
    first, second = shop.ledger.jobs.attempts(job_id)
    assert first.memo == second.memo
    assert len(shop.sandbox.stored()) == 1


def test_an_answer_that_comes_after_the_rescue_is_kept_and_ends_the_doubt(shop: Workshop) -> None:
    claim = shop.claim(shop.queued("genviral"))
    opened = shop.ledger.claims.open_attempt(claim.job, {}, now=shop.clock.now())
    shop.clock.move(timedelta(seconds=31))
    shop.rescue()
    assert shop.ledger.jobs.get(claim.job.id).state is State.UNCERTAIN

    outcome = Succeeded(Receipt(publish_id="p1", provider_status="posted"))
    settlement = after_attempt(
        replace(claim.job, attempts=1),
        Ended(outcome, opened=True),
        shop.connections["genviral"].terms,
        shop.pipeline.chance,
        shop.clock.now(),
    )
    settled = shop.ledger.claims.settle(claim.job, settlement, now=shop.clock.now(), by=OWNER)
    assert settled is Settled.RESOLVED
    assert shop.ledger.jobs.get(claim.job.id).state is State.SUCCEEDED
    (attempt,) = shop.ledger.jobs.attempts(claim.job.id)
    assert (attempt.id, attempt.outcome) == (opened.id, "succeeded")


@pytest.mark.parametrize(("sends", "state"), [(False, State.RETRYING), (True, State.UNCERTAIN)])
def test_an_adapter_that_raises_is_never_taken_for_absence(
    shop: Workshop, sends: bool, state: State
) -> None:
    shop.played_by("genviral", Clumsy(sends=sends))
    job = shop.work(shop.queued("genviral"))
    assert job.state is state


class Clumsy(Provider):
    """An adapter with a bug, before or after its publish call."""

    name = "genviral"
    base_url = ""
    capabilities = provider_named("genviral").capabilities

    def __init__(self, *, sends: bool) -> None:
        self._sends = sends

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        return []

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        return iter(())

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        if self._sends:
            wire.publish("/posts", Content(json={}), account="a", memo={}, timeout=SECOND)
        raise ZeroDivisionError
