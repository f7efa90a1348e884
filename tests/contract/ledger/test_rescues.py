from dataclasses import replace
from datetime import timedelta

from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.releases import Released
from tests.contract.ledger.building import (
    LEASE,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    at_once,
    claim,
    claimed,
    new_job,
    queued,
    release,
    sent,
    settled,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

FIRST, CAP = 30 * SECOND, timedelta(minutes=2)


def ring_again(ledger: Ledger, after_s: float, *, everything: bool = False) -> list[Released]:
    return ledger.rescues.ring_again(
        now=NOW + after_s * SECOND,
        everything=everything,
        first_pause=FIRST,
        cap=CAP,
        limit=100,
    )


def test_a_live_claim_is_left_alone(ledger: Ledger) -> None:
    claimed(ledger)

    assert ledger.rescues.expired(now=NOW + LEASE, limit=10) == []


def test_an_expired_claim_comes_with_the_attempt_that_may_be_on_the_wire(ledger: Ledger) -> None:
    job, attempt = sent(ledger)

    [(found, open_one)] = ledger.rescues.expired(now=NOW + LEASE + SECOND, limit=10)

    assert (found, open_one) == (ledger.jobs.get(job.id), attempt)
    assert ledger.moves.apply(found, UNCERTAIN, now=NOW + LEASE + SECOND, by="rescue")
    assert ledger.rescues.expired(now=NOW + LEASE + SECOND, limit=10) == []


def test_an_expired_claim_that_never_sent_comes_without_an_attempt(ledger: Ledger) -> None:
    job = settled(ledger, RETRYING)
    later = NOW + timedelta(minutes=1)
    release(ledger, now=later)
    claim(ledger, job.id, now=later)

    [(found, attempt)] = ledger.rescues.expired(now=later + LEASE + SECOND, limit=10)

    assert (found.id, attempt) == (job.id, None)


def test_expired_claims_come_longest_ago_first_up_to_the_limit(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{number}") for number in range(3)))
    release(ledger)
    for delay, job_id in enumerate([ids[1], ids[2], ids[0]]):
        claim(ledger, job_id, now=NOW + delay * SECOND)

    found = ledger.rescues.expired(now=NOW + timedelta(hours=1), limit=2)

    assert [job.id for job, _ in found] == [ids[1], ids[2]]


def test_two_rescuers_at_once_rescue_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    claimed(one)
    later = NOW + LEASE + SECOND
    [(seen, _)] = one.rescues.expired(now=later, limit=10)
    back = Settlement(to=State.RETRYING, why="the worker died", due_at=later, rescues=1)

    def rescue(ledger: Ledger) -> bool:
        return ledger.moves.apply(seen, back, now=later, by="rescue")

    assert sorted(at_once(lambda: rescue(one), lambda: rescue(other))) == [False, True]


def test_the_pause_between_rings_doubles_up_to_the_cap(ledger: Ledger) -> None:
    job = queued(ledger)
    rung = []
    for after_s in range(0, 601, 10):
        rung += [after_s for each in ring_again(ledger, after_s) if each.job_id == job.id]

    # Pauses of 30, 60, 120 and then 120 s again, each seen by the next look 10 s later.
    assert rung == [40, 110, 240, 370, 500]


def test_a_ring_names_the_job_as_a_release_does(ledger: Ledger) -> None:
    job = queued(ledger)

    assert ring_again(ledger, 31) == [Released(job.id, job.due_at, "wonda")]
    rung = ledger.jobs.get(job.id)
    assert replace(rung, rings=job.rings, rung_at=job.rung_at) == job


def test_everything_is_rung_when_the_brokers_memory_is_gone(ledger: Ledger) -> None:
    job = queued(ledger)

    assert ring_again(ledger, 0, everything=True) == []
    assert [each.job_id for each in ring_again(ledger, 1, everything=True)] == [job.id]


def test_only_queued_jobs_are_rung(ledger: Ledger) -> None:
    submit(ledger, new_job("waiting", run_at=NOW + SECOND))
    claimed(ledger, "at-work")
    settled(ledger, SUCCEEDED, "done")

    assert ring_again(ledger, 3600, everything=True) == []


def test_a_job_queued_anew_starts_with_the_first_pause(ledger: Ledger) -> None:
    job = queued(ledger)
    ring_again(ledger, 31)
    back = Settlement(to=State.SCHEDULED, why="its worker stops", due_at=NOW)
    ledger.moves.apply(job, back, now=NOW, by="w1")
    release(ledger, now=NOW + 40 * SECOND)

    assert ring_again(ledger, 70) == []
    assert len(ring_again(ledger, 71)) == 1


def test_two_rescuers_at_once_ring_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = submit(one, *(new_job(f"r{number}") for number in range(30)))
    release(one)

    first, second = at_once(lambda: ring_again(one, 31), lambda: ring_again(other, 31))

    assert sorted(each.job_id for each in [*first, *second]) == ids
