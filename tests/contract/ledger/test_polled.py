"""What a round of polls shows is written by few statements, and only where nobody was faster."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.job import Job
from shared.domain.outcome import ErrorClass, Fault, Receipt
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    ACCEPTED,
    NOW,
    SECOND,
    at_once,
    folded,
    publishing_as,
    settled,
    statements,
)
from tests.contract.ledger.conftest import OpenLedger

LATER = NOW + timedelta(minutes=1)


def in_flight(ledger: Ledger, count: int = 1) -> list[Job]:
    return [
        settled(ledger, publishing_as(ACCEPTED, f"p{number}"), f"r{number}")
        for number in range(count)
    ]


def pending(job: Job, polls: int = 1, at_s: int = 9) -> Settlement:
    receipt = Receipt(publish_id=job.provider_publish_id or "", provider_status="working")
    at = LATER + at_s * SECOND
    return Settlement(to=None, receipt=receipt, polls=polls, next_poll_at=at)


def ended(job: Job, to: State = State.SUCCEEDED) -> Settlement:
    page = f"https://x.test/{job.ref}" if to is State.SUCCEEDED else None
    receipt = Receipt(
        publish_id=job.provider_publish_id or "", provider_status=str(to), permalink=page
    )
    fault = Fault(error_class=ErrorClass.REJECTED, message=job.ref) if to is State.FAILED else None
    return Settlement(to=to, why=f"{job.ref} {to}", receipt=receipt, fault=fault)


def write(ledger: Ledger, *polled: tuple[Job, Settlement]) -> set[int]:
    return ledger.polls.settle(polled, now=LATER, by="s1")


def test_a_hundred_are_written_by_a_few_statements(ledger: Ledger) -> None:
    jobs = in_flight(ledger, 100)
    polled = [
        *((job, ended(job)) for job in jobs[:40]),
        *((job, ended(job, State.FAILED)) for job in jobs[40:50]),
        *((job, pending(job, at_s=number)) for number, job in enumerate(jobs[50:])),
    ]

    with statements(ledger) as said:
        assert write(ledger, *polled) == {job.id for job in jobs}

    assert len(said) <= 6
    for job, settlement in polled:
        now = ledger.jobs.get(job.id)
        assert now.state is (settlement.to or State.IN_PROGRESS)
        assert now.state is folded(ledger, job.id)
        assert settlement.receipt is not None
        assert now.provider_status == settlement.receipt.provider_status
        assert now.permalink == settlement.receipt.permalink
        assert now.provider_publish_id == job.provider_publish_id
        assert now.next_poll_at == settlement.next_poll_at
        assert now.settled_at == (LATER if settlement.to else None)
        assert (now.fault and now.fault.message) == (settlement.fault and job.ref)


def test_it_is_the_same_as_one_by_one(ledger: Ledger) -> None:
    jobs = in_flight(ledger, 10)
    held = Settlement(to=State.HELD, why="late", hold=Hold.SETTLE, polls=1, next_poll_at=LATER)
    ends: list[Callable[[Job], Settlement]] = [
        ended,
        pending,
        lambda job: ended(job, State.FAILED),
        lambda _: held,
    ]
    ends.append(lambda job: ended(job, State.CANCELLED))
    for together, alone, make in zip(jobs[:5], jobs[5:], ends, strict=True):
        write(ledger, (together, make(together)))
        ledger.moves.apply(alone, make(alone), now=LATER, by="s1")
        one, other = ledger.jobs.get(together.id), ledger.jobs.get(alone.id)
        differing = {"id", "ref", "post", "provider_publish_id", "reason", "permalink", "fault"}
        for name in set(Job.__dataclass_fields__) - differing:
            assert getattr(one, name) == getattr(other, name), name
        events = [ledger.jobs.events(each.id)[-1] for each in (together, alone)]
        assert replace(events[0], job_id=0, why="") == replace(events[1], job_id=0, why="")


def test_a_job_that_a_person_resolved_meanwhile_keeps_that_end(ledger: Ledger) -> None:
    resolved, other = in_flight(ledger, 2)
    ledger.moves.apply(resolved, ended(resolved, State.CANCELLED), now=NOW, by="mia")

    assert write(ledger, (resolved, ended(resolved)), (other, ended(other))) == {other.id}

    assert ledger.jobs.get(resolved.id).state is State.CANCELLED
    assert ledger.jobs.get(other.id).state is State.SUCCEEDED
    assert folded(ledger, resolved.id) is State.CANCELLED


def test_a_job_that_another_scheduler_polled_meanwhile_stays_as_that_one_wrote(
    ledger: Ledger,
) -> None:
    [job] = in_flight(ledger)
    write(ledger, (job, pending(job, at_s=30)))

    assert write(ledger, (job, pending(job, at_s=5))) == set()

    assert ledger.jobs.get(job.id).next_poll_at == LATER + 30 * SECOND


def test_what_is_put_off_costs_no_poll(ledger: Ledger) -> None:
    [job] = in_flight(ledger)

    write(ledger, (job, Settlement(to=None, next_poll_at=LATER)))

    now = ledger.jobs.get(job.id)
    assert (now.polls, now.next_poll_at, now.provider_status) == (0, LATER, "queued")


def test_a_round_that_changes_nothing_is_nothing(ledger: Ledger) -> None:
    [job] = in_flight(ledger)
    assert write(ledger) == set()
    assert write(ledger, (job, Settlement(to=None))) == set()


def test_two_that_settle_the_same_jobs_at_once_settle_each_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    jobs = in_flight(one, 30)
    there = [(job, ended(job)) for job in jobs]

    written = at_once(
        lambda: write(one, *there),
        lambda: write(other, *reversed(there)),
    )

    assert sorted([*written[0], *written[1]]) == [job.id for job in jobs]
    for job in jobs:
        ends = [each for each in one.jobs.events(job.id) if each.to_state is State.SUCCEEDED]
        assert len(ends) == 1


def test_what_is_due_soon_is_claimed_only_where_it_may_ride(ledger: Ledger) -> None:
    soon, barred, later = in_flight(ledger, 3)
    for job, at_s in ((soon, 2), (barred, 3), (later, 30)):
        write(ledger, (job, pending(job, at_s=at_s)))
    lease = timedelta(minutes=1)

    def claim() -> list[Job]:
        return ledger.polls.claim_more(
            "wonda",
            rides=lambda job: job.id != barred.id,
            by=LATER + 5 * SECOND,
            now=LATER,
            limit=9,
            lease=lease,
        )

    assert [job.id for job in claim()] == [soon.id]
    assert ledger.jobs.get(soon.id).next_poll_at == LATER + lease
    assert claim() == []


@pytest.mark.parametrize("names", [[], ["wahdx"], ["wonda"], ["wahdx", "wonda", "it's"]])
def test_only_connections_with_something_due_are_named(ledger: Ledger, names: list[str]) -> None:
    in_flight(ledger)
    assert ledger.polls.due(names, LATER) == [name for name in names if name == "wonda"]
    assert ledger.polls.due(names, NOW) == []
