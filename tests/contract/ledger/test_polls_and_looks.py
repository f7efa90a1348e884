from dataclasses import replace
from datetime import timedelta

from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    ACCEPTED,
    HELD_LOST,
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    at_once,
    claim,
    publishing_as,
    release,
    settled,
)
from tests.contract.ledger.conftest import OpenLedger

MINUTE = timedelta(minutes=1)
DUE = NOW + MINUTE


def accepted(ledger: Ledger, number: int, poll_at_s: int = 5) -> int:
    settlement = replace(
        publishing_as(ACCEPTED, f"pub-{number}"), next_poll_at=NOW + poll_at_s * SECOND
    )
    return settled(ledger, settlement, f"r{number}").id


def test_polls_come_oldest_first_and_only_once_due(ledger: Ledger) -> None:
    third, first, second = accepted(ledger, 1, 9), accepted(ledger, 2, 1), accepted(ledger, 3, 4)
    accepted(ledger, 4, 99)

    jobs = ledger.polls.claim("wonda", now=DUE, limit=10, lease=MINUTE)

    assert [job.id for job in jobs] == [first, second, third]
    assert [job.provider_publish_id for job in jobs] == ["pub-2", "pub-3", "pub-1"]


def test_a_poll_is_another_ones_once_its_lease_is_over(ledger: Ledger) -> None:
    accepted(ledger, 1)

    [job] = ledger.polls.claim("wonda", now=DUE, limit=10, lease=MINUTE)

    assert job == ledger.jobs.get(job.id)
    assert job.next_poll_at == DUE + MINUTE
    assert ledger.polls.claim("wonda", now=DUE, limit=10, lease=MINUTE) == []
    assert len(ledger.polls.claim("wonda", now=DUE + MINUTE, limit=10, lease=MINUTE)) == 1


def test_polls_are_taken_up_to_the_limit(ledger: Ledger) -> None:
    for number in range(5):
        accepted(ledger, number)

    assert len(ledger.polls.claim("wonda", now=DUE, limit=3, lease=MINUTE)) == 3
    assert len(ledger.polls.claim("wonda", now=DUE, limit=3, lease=MINUTE)) == 2


def test_two_schedulers_polling_at_once_share_no_job(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = [accepted(one, number) for number in range(20)]

    taken = at_once(
        lambda: [job.id for job in one.polls.claim("wonda", now=DUE, limit=20, lease=MINUTE)],
        lambda: [job.id for job in other.polls.claim("wonda", now=DUE, limit=20, lease=MINUTE)],
    )

    assert sorted([*taken[0], *taken[1]]) == ids


def test_held_jobs_are_polled_where_they_have_a_publish(ledger: Ledger) -> None:
    held = Settlement(to=State.HELD, hold=Hold.SETTLE, next_poll_at=NOW)
    known = accepted(ledger, 1)
    ledger.moves.apply(ledger.jobs.get(known), held, now=NOW, by="settle")
    settled(ledger, replace(HELD_LOST, next_poll_at=NOW), "unknown")

    assert [job.id for job in ledger.polls.claim("wonda", now=DUE, limit=9, lease=MINUTE)] == [
        known
    ]


def test_a_finished_job_is_not_polled(ledger: Ledger) -> None:
    job_id = accepted(ledger, 1)
    done = Settlement(to=State.SUCCEEDED, why="settled")
    ledger.moves.apply(ledger.jobs.get(job_id), done, now=NOW, by="settle")

    assert ledger.polls.claim("wonda", now=DUE, limit=9, lease=MINUTE) == []


def test_a_cancel_is_asked_for_until_it_is_answered(ledger: Ledger) -> None:
    job_id = accepted(ledger, 1)
    accepted(ledger, 2)
    assert ledger.polls.cancels(DUE, 9, MINUTE) == []

    assert ledger.jobs.request_cancel(job_id, ask=True, now=NOW, by="ann")
    assert ledger.jobs.get(job_id).cancel_requested_at == NOW
    assert [job.id for job in ledger.polls.cancels(DUE, 9, MINUTE)] == [job_id]
    assert ledger.polls.cancels(DUE, 9, MINUTE) == []
    assert [job.id for job in ledger.polls.cancels(DUE + MINUTE, 9, MINUTE)] == [job_id]

    ledger.jobs.cancel_answered(job_id, now=DUE)
    assert ledger.polls.cancels(DUE + timedelta(days=1), 9, MINUTE) == []


def test_a_job_claimed_for_cancelling_may_be_moved(ledger: Ledger) -> None:
    job_id = accepted(ledger, 1)
    ledger.jobs.request_cancel(job_id, ask=True, now=NOW, by="ann")
    [job] = ledger.polls.cancels(DUE, 9, MINUTE)

    cancelled = Settlement(to=State.CANCELLED, why="cancelled at wonda")
    assert ledger.moves.apply(job, cancelled, now=DUE, by="w1")


def test_looks_come_oldest_first_with_the_last_attempt(ledger: Ledger) -> None:
    later = settled(ledger, replace(UNCERTAIN, next_look_at=NOW + 9 * SECOND), "later")
    sooner = settled(ledger, UNCERTAIN, "sooner")
    settled(ledger, replace(UNCERTAIN, next_look_at=NOW + 2 * MINUTE), "not-yet")

    pairs = ledger.looks.claim(now=DUE, limit=9, lease=MINUTE)

    assert [job.id for job, _ in pairs] == [sooner.id, later.id]
    assert [attempt.job_id for _, attempt in pairs] == [sooner.id, later.id]
    assert pairs[0][1].memo == {"key": "k1"}
    assert pairs[0][0].next_look_at == DUE + MINUTE
    assert ledger.looks.claim(now=DUE, limit=9, lease=MINUTE) == []


def test_a_look_is_given_the_newest_of_several_attempts(ledger: Ledger) -> None:
    job = settled(ledger, RETRYING)
    release(ledger, now=DUE)
    [again] = claim(ledger, job.id, now=DUE)
    attempt = ledger.claims.open_attempt(again, {"key": "k2"}, now=DUE)
    ledger.claims.settle(again, UNCERTAIN, now=DUE, by="w1")

    [(_, last)] = ledger.looks.claim(now=DUE, limit=9, lease=MINUTE)

    assert (last.id, last.memo, last.outcome) == (attempt.id, {"key": "k2"}, "uncertain")


def test_two_schedulers_looking_at_once_share_no_job(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    ids = [settled(one, UNCERTAIN, f"r{number}").id for number in range(20)]

    taken = at_once(
        lambda: [job.id for job, _ in one.looks.claim(now=DUE, limit=20, lease=MINUTE)],
        lambda: [job.id for job, _ in other.looks.claim(now=DUE, limit=20, lease=MINUTE)],
    )

    assert sorted([*taken[0], *taken[1]]) == ids


def test_publishes_of_other_jobs_of_the_account_are_claimed(ledger: Ledger) -> None:
    one = settled(ledger, publishing_as(SUCCEEDED, "p1"), "one")
    two = settled(ledger, publishing_as(ACCEPTED, "p2"), "two")
    settled(ledger, publishing_as(SUCCEEDED, "p3"), "elsewhere", account="a2")
    settled(ledger, publishing_as(SUCCEEDED, "p4"), "other-connection", connection="agency")
    mine = settled(ledger, UNCERTAIN, "mine")

    claimed = ledger.looks.claims_of_others("wonda", "a1", except_job=mine.id)

    assert claimed == {"p1": one.post.likeness, "p2": two.post.likeness}


def test_a_publish_that_failed_and_was_forgotten_is_still_its_jobs_own(ledger: Ledger) -> None:
    job = settled(ledger, publishing_as(ACCEPTED, "p1"), "one")
    ledger.moves.apply(job, replace(RETRYING, forget_publish=True), now=NOW, by="settle")
    mine = settled(ledger, UNCERTAIN, "mine")

    assert list(ledger.looks.claims_of_others("wonda", "a1", except_job=mine.id)) == ["p1"]
    assert ledger.looks.claims_of_others("wonda", "a1", except_job=job.id) == {}


def test_a_publish_named_by_a_person_or_a_look_is_claimed(ledger: Ledger) -> None:
    found = settled(ledger, UNCERTAIN, "found")
    ledger.moves.apply(found, publishing_as(SUCCEEDED, "p1"), now=NOW, by="look")
    mine = settled(ledger, UNCERTAIN, "mine")

    assert list(ledger.looks.claims_of_others("wonda", "a1", except_job=mine.id)) == ["p1"]


def test_publishes_of_long_ago_are_left_out(ledger: Ledger) -> None:
    settled(ledger, publishing_as(SUCCEEDED, "p1"), "old")
    later = NOW + timedelta(days=3)
    job = settled(ledger, RETRYING, "mine")
    release(ledger, now=later)
    [again] = claim(ledger, job.id, now=later)
    ledger.claims.open_attempt(again, {}, now=later)

    # What counts is the job's own first call, three days before this one.
    assert list(ledger.looks.claims_of_others("wonda", "a1", except_job=job.id)) == ["p1"]

    ledger.campaigns.submit("autumn", [], now=later, by="test")
    assert list(ledger.looks.claims_of_others("wonda", "a1", except_job=987_654)) == ["p1"]
