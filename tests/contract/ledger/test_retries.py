"""Retries of many jobs: what speaks for and against each, and one new job whoever asks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.account import Account
from shared.domain.fingerprint import fingerprint
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter
from shared.ledger.retries import Candidate, Ended
from tests.contract.ledger.building import (
    ACCEPTED,
    FAILED,
    NOW,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    at_once,
    new_job,
    publishing_as,
    release,
    sent,
    settled,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger


def candidates(ledger: Ledger, ended: Ended | None = None, **which: object) -> list[Candidate]:
    return ledger.retries.candidates(JobFilter(**which), ended)  # type: ignore[arg-type]


def only(ledger: Ledger, job_id: int) -> Candidate:
    [found] = candidates(ledger, ids=[job_id])
    return found


def add(ledger: Ledger, *ids: int, campaign: str = "spring") -> list[int]:
    return ledger.retries.add({campaign: ids}, now=NOW + SECOND, by="mia").added


def test_a_candidate_says_what_its_job_failed_of(ledger: Ledger) -> None:
    failed = settled(ledger, FAILED)

    found = only(ledger, failed.id)

    assert (found.campaign, found.connection, found.account_id) == ("spring", "wonda", "a1")
    assert (found.state, found.hold, found.retried_as) == (State.FAILED, None, None)
    assert (found.unfit, found.answered_late) == (None, False)
    assert found.fingerprint == fingerprint("validation", "bad_caption", "too long")


def test_filters_and_times_narrow_the_candidates(ledger: Ledger) -> None:
    one = settled(ledger, FAILED, "one")
    other = settled(ledger, FAILED, "other", account="a2")
    settled(ledger, SUCCEEDED, "gone", account="a3")
    transient = replace(FAILED, fault=Fault(error_class=ErrorClass.TRANSIENT))
    third = settled(ledger, transient, "third", account="a4")
    failed: dict[str, Any] = {"states": [State.FAILED]}

    assert [each.id for each in candidates(ledger, **failed)] == [one.id, other.id, third.id]
    assert [each.id for each in candidates(ledger, account_id="a2", **failed)] == [other.id]
    named = candidates(ledger, error_class="transient", campaign="spring")
    assert [each.id for each in named] == [third.id]
    assert len(candidates(ledger, Ended(since=NOW, until=NOW), **failed)) == 3
    assert candidates(ledger, Ended(since=NOW + SECOND), **failed) == []
    assert candidates(ledger, Ended(until=NOW - SECOND), **failed) == []


def test_a_candidate_says_that_its_account_cannot_post(ledger: Ledger) -> None:
    failed = settled(ledger, FAILED)
    account = Account(
        account_id="a1", platform="instagram", username="bread", can_post=False, reason="expired"
    )
    ledger.accounts.sync("wonda", "wonda", [account], now=NOW, by="test")
    assert only(ledger, failed.id).unfit == "expired"

    ledger.accounts.sync("wonda", "wonda", [replace(account, can_post=True)], now=NOW, by="test")
    assert only(ledger, failed.id).unfit is None


def test_an_answer_that_came_after_the_end_is_told(ledger: Ledger) -> None:
    claim, _ = sent(ledger)
    lost = ledger.claims.settle(claim, UNCERTAIN, now=NOW, by="w1")
    job = ledger.jobs.get(claim.id)
    gone = replace(FAILED, outcome=None)
    assert ledger.moves.apply(job, gone, now=NOW + SECOND, by="reconcile"), lost
    assert not only(ledger, claim.id).answered_late

    late = NOW + timedelta(minutes=1)
    ledger.claims.settle(claim, publishing_as(SUCCEEDED, "pub-9"), now=late, by="w1")

    assert ledger.jobs.get(claim.id).state is State.FAILED
    assert only(ledger, claim.id).answered_late
    assert add(ledger, claim.id) == [], "somebody looked before the answer came"


def test_what_was_accepted_and_refused_afterwards_was_not_answered_late(ledger: Ledger) -> None:
    job = settled(ledger, ACCEPTED)
    refused = replace(FAILED, outcome=None)
    assert ledger.moves.apply(job, refused, now=NOW + SECOND, by="settle")

    assert not only(ledger, job.id).answered_late


def test_many_are_retried_in_one_go_due_now_and_linked(ledger: Ledger) -> None:
    old = [settled(ledger, FAILED, f"r{at}", account=f"a{at}").id for at in range(3)]

    new = add(ledger, *old)

    jobs = [ledger.jobs.get(each) for each in new]
    assert [each.retry_of for each in jobs] == old
    assert {each.state for each in jobs} == {State.SCHEDULED}
    assert {each.run_at for each in jobs} == {NOW + SECOND}
    assert [each.post for each in jobs] == [ledger.jobs.get(each).post for each in old]
    assert [only(ledger, each).retried_as for each in old] == new
    assert {each.job_id for each in release(ledger, now=NOW + SECOND)} == set(new)


def test_what_has_not_failed_or_has_its_retry_gets_no_new_job(ledger: Ledger) -> None:
    failed = settled(ledger, FAILED, "failed")
    [waiting] = submit(ledger, new_job("waiting", account="a2"))

    assert len(add(ledger, failed.id, waiting)) == 1
    assert add(ledger, failed.id, waiting) == []


def test_jobs_of_several_campaigns_are_retried_together(ledger: Ledger) -> None:
    one = settled(ledger, FAILED, "one")
    [other] = submit(ledger, new_job("other", account="a2"), campaign="autumn")
    assert ledger.moves.apply(
        ledger.jobs.get(other), replace(FAILED, outcome=None), now=NOW, by="test"
    )

    ids = {"spring": [one.id], "autumn": [other]}
    added = ledger.retries.add(ids, now=NOW, by="mia")

    assert {ledger.jobs.get(each).campaign for each in added.added} == {"spring", "autumn"}
    assert len(added.lanes) == 2


def test_two_people_who_retry_at_once_make_one(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(4)]
    old = [settled(ledgers[0], FAILED, f"r{at}", account=f"a{at}").id for at in range(5)]

    done = at_once(*(lambda each=each: add(each, *old) for each in ledgers))

    made = [each for added in done for each in added]
    assert len(made) == len(set(made)) == len(old)
    assert sorted(ledgers[0].jobs.get(each).retry_of or 0 for each in made) == old
