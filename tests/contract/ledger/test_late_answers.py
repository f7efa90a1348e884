"""I4: an answer that arrives after its claim was lost is kept, and ends the doubt it caused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.job import Job
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from tests.contract.ledger.building import (
    ACCEPTED,
    DEFERRED,
    FAILED,
    HELD_LOST,
    LEASE,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    claim,
    claimed,
    folded,
    publishing_as,
    release,
    sent,
)

LATE = NOW + timedelta(minutes=2)

ANSWERS = {
    "succeeded": (SUCCEEDED, State.SUCCEEDED),
    "accepted": (ACCEPTED, State.IN_PROGRESS),
    "failed": (FAILED, State.FAILED),
    "retrying": (RETRYING, State.RETRYING),
    "deferred": (DEFERRED, State.RETRYING),
}
DOUBTS = {"uncertain": UNCERTAIN, "held": HELD_LOST}


def doubt(ledger: Ledger, settlement: Settlement) -> Job:
    """A job whose worker fell silent in mid-call; returned as that worker still knows it."""
    zombie, _ = sent(ledger)
    assert ledger.moves.apply(
        ledger.jobs.get(zombie.id), settlement, now=NOW + LEASE + SECOND, by="rescue"
    )
    return zombie


@pytest.mark.parametrize("doubted", DOUBTS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_late_answer_resolves_the_doubt_that_its_attempt_caused(
    ledger: Ledger, doubted: str, answer: str
) -> None:
    settlement, state = ANSWERS[answer]
    zombie = doubt(ledger, DOUBTS[doubted])

    assert ledger.claims.settle(zombie, settlement, now=LATE, by="w1") is Settled.RESOLVED

    job = ledger.jobs.get(zombie.id)
    assert job.state is state
    assert folded(ledger, zombie.id) is state
    assert (job.hold, job.next_look_at) == (None, None)
    [attempt] = ledger.jobs.attempts(zombie.id)
    assert (attempt.outcome, attempt.closed_at) == (settlement.outcome, LATE)
    assert attempt.fault == settlement.fault
    if settlement.receipt:
        assert attempt.publish_id == job.provider_publish_id == settlement.receipt.publish_id


@pytest.mark.parametrize("doubted", DOUBTS)
def test_an_answer_that_is_itself_lost_resolves_nothing(ledger: Ledger, doubted: str) -> None:
    zombie = doubt(ledger, DOUBTS[doubted])
    before = ledger.jobs.get(zombie.id)

    assert ledger.claims.settle(zombie, UNCERTAIN, now=LATE, by="w1") is Settled.IGNORED

    assert ledger.jobs.get(zombie.id) == before


def test_a_late_answer_wakes_the_lane_of_a_job_that_may_go_again(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)

    ledger.claims.settle(zombie, RETRYING, now=LATE, by="w1")

    assert ledger.releases.next_due() == RETRYING.due_at


def test_an_answer_is_kept_but_moves_nothing_once_there_is_a_later_claim(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)
    ledger.moves.apply(ledger.jobs.get(zombie.id), RETRYING, now=NOW, by="look")
    release(ledger, now=LATE)
    [heir] = claim(ledger, zombie.id, owner="w2", now=LATE)
    ledger.claims.open_attempt(heir, {}, now=LATE)

    assert ledger.claims.settle(zombie, SUCCEEDED, now=LATE, by="w1") is Settled.STORED

    assert ledger.jobs.get(zombie.id).state is State.PUBLISHING
    first, second = ledger.jobs.attempts(zombie.id)
    assert (first.outcome, first.publish_id) == ("succeeded", "pub-1")
    assert (second.outcome, second.closed_at) == (None, None)
    moved = ledger.claims.settle(heir, publishing_as(SUCCEEDED, "pub-2"), now=LATE, by="w2")
    assert moved is Settled.MOVED


def test_the_doubt_of_a_later_claim_is_not_an_earlier_answers_to_resolve(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)
    ledger.moves.apply(ledger.jobs.get(zombie.id), RETRYING, now=NOW, by="look")
    release(ledger, now=LATE)
    [heir] = claim(ledger, zombie.id, owner="w2", now=LATE)
    ledger.claims.open_attempt(heir, {}, now=LATE)
    ledger.claims.settle(heir, UNCERTAIN, now=LATE, by="w2")

    assert ledger.claims.settle(zombie, FAILED, now=LATE, by="w1") is Settled.STORED

    assert ledger.jobs.get(zombie.id).state is State.UNCERTAIN
    outcomes = [each.outcome for each in ledger.jobs.attempts(zombie.id)]
    assert outcomes == ["failed", "uncertain"]


def test_a_late_answer_never_changes_an_ending(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)
    found = publishing_as(SUCCEEDED, "found-1")
    ledger.moves.apply(ledger.jobs.get(zombie.id), found, now=NOW, by="look")
    before = ledger.jobs.get(zombie.id)

    assert ledger.claims.settle(zombie, FAILED, now=LATE, by="w1") is Settled.STORED

    assert ledger.jobs.get(zombie.id) == before
    assert ledger.jobs.attempts(zombie.id)[0].outcome == "failed"


def test_a_late_answer_leaves_a_hold_for_another_reason_alone(ledger: Ledger) -> None:
    zombie = doubt(ledger, Settlement(to=State.HELD, hold=Hold.RESCUE, outcome="uncertain"))

    assert ledger.claims.settle(zombie, SUCCEEDED, now=LATE, by="w1") is Settled.STORED

    assert ledger.jobs.get(zombie.id).hold is Hold.RESCUE


def test_the_same_late_answer_twice_counts_once(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)
    ledger.claims.settle(zombie, SUCCEEDED, now=LATE, by="w1")
    before = (ledger.jobs.get(zombie.id), ledger.jobs.attempts(zombie.id))

    again = ledger.claims.settle(zombie, SUCCEEDED, now=LATE + SECOND, by="w1")

    assert again is Settled.IGNORED
    assert before == (ledger.jobs.get(zombie.id), ledger.jobs.attempts(zombie.id))


def test_a_lost_claim_that_never_sent_has_nothing_to_keep(ledger: Ledger) -> None:
    zombie = claimed(ledger)
    taken_back = Settlement(to=State.RETRYING, why="the worker died", due_at=LATE)
    ledger.moves.apply(zombie, taken_back, now=LATE, by="rescue")

    assert ledger.claims.settle(zombie, SUCCEEDED, now=LATE, by="w1") is Settled.IGNORED

    assert ledger.jobs.get(zombie.id).state is State.RETRYING
    assert ledger.jobs.attempts(zombie.id) == []


def test_an_answer_that_wants_another_hold_changes_what_a_held_job_waits_for(
    ledger: Ledger,
) -> None:
    zombie = doubt(ledger, HELD_LOST)
    fault = Fault(error_class=ErrorClass.ACCOUNT, message="reconnect the account")
    held = Settlement(
        to=State.HELD, why="reconnect", outcome="failed", fault=fault, hold=Hold.ACCOUNT
    )

    assert ledger.claims.settle(zombie, held, now=LATE, by="w1") is Settled.RESOLVED

    job = ledger.jobs.get(zombie.id)
    assert (job.state, job.hold, job.fault) == (State.HELD, Hold.ACCOUNT, fault)
    assert folded(ledger, zombie.id) is State.HELD


def test_a_late_answer_to_an_unknown_job_is_ignored(ledger: Ledger) -> None:
    stranger = replace(claimed(ledger), id=987_654)

    assert ledger.claims.settle(stranger, SUCCEEDED, now=LATE, by="w1") is Settled.IGNORED


def test_a_worker_whose_lease_ran_out_unnoticed_still_settles(ledger: Ledger) -> None:
    job, _ = sent(ledger)

    late = NOW + timedelta(hours=1)
    assert ledger.claims.settle(job, SUCCEEDED, now=late, by="w1") is Settled.MOVED


@pytest.mark.parametrize("answer", ["succeeded", "accepted"])
@pytest.mark.parametrize("queued", [False, True])
def test_a_post_that_is_out_after_all_is_not_sent_again(
    ledger: Ledger, answer: str, queued: bool
) -> None:
    settlement, state = ANSWERS[answer]
    zombie = doubt(ledger, UNCERTAIN)
    again = replace(RETRYING, due_at=LATE)
    assert ledger.moves.apply(ledger.jobs.get(zombie.id), again, now=LATE, by="looks")
    if queued:
        release(ledger, now=LATE)
        assert ledger.jobs.get(zombie.id).state is State.QUEUED

    assert ledger.claims.settle(zombie, settlement, now=LATE, by="w1") is Settled.RESOLVED

    assert ledger.jobs.get(zombie.id).state is state
    assert folded(ledger, zombie.id) is state
    assert release(ledger, now=LATE + timedelta(days=1)) == []


def test_a_late_failure_leaves_the_next_try_alone(ledger: Ledger) -> None:
    zombie = doubt(ledger, UNCERTAIN)
    again = replace(RETRYING, due_at=LATE)
    assert ledger.moves.apply(ledger.jobs.get(zombie.id), again, now=LATE, by="looks")
    assert ledger.claims.settle(zombie, FAILED, now=LATE, by="w1") is Settled.STORED
    assert ledger.jobs.get(zombie.id).state is State.RETRYING
