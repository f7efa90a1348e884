"""What the threads of a worker write at once comes to the same as one after the other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.campaign import CampaignRules
from shared.domain.job import Attempt, Job
from shared.domain.outcome import ErrorClass
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import LeaseLost, PublishClaimed
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from shared.ledger.ending import Ending
from shared.ledger.events import Stamp
from shared.ledger.openings import Opening
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
    at_once,
    claim,
    folded,
    new_job,
    publishing_as,
    release,
    statements,
    submit,
)

ENDS = (
    SUCCEEDED,
    ACCEPTED,
    UNCERTAIN,
    HELD_LOST,
    DEFERRED,
    RETRYING,
    FAILED,
    replace(SUCCEEDED, prepared={"media": ["m1"]}),
    replace(FAILED, why="another reason"),
)


def claims(ledger: Ledger, count: int, campaign: str = "spring", **rules: Any) -> list[Job]:
    """Claim jobs of as many accounts."""
    jobs = [new_job(f"r{each}", account=f"{campaign}-{each}") for each in range(count)]
    asked = CampaignRules(**rules) if rules else None
    ids = ledger.campaigns.submit(campaign, jobs, rules=asked, now=NOW, by="test").added
    release(ledger)
    return claim(ledger, *ids)


def opening(job: Job) -> Opening:
    return Opening(job, {"key": job.ref}, NOW)


def opened(ledger: Ledger, jobs: Sequence[Job]) -> list[Job]:
    attempts = ledger.claims._open([opening(job) for job in jobs])
    assert all(isinstance(each, Attempt) for each in attempts), attempts
    return list(jobs)


def ending(job: Job, settlement: Settlement) -> Ending:
    if settlement.receipt is not None:
        settlement = publishing_as(settlement, f"pub-{job.id}")
    return Ending(job, settlement, Stamp(NOW + SECOND, "w1"))


def what_is_there(ledger: Ledger, jobs: Sequence[Job]) -> list[object]:
    """Return all that is stored of jobs, less their names."""
    return [_nameless(ledger, ledger.jobs.get(job.id)) for job in jobs]


def _nameless(ledger: Ledger, job: Job) -> object:
    plain = replace(job, id=0, campaign="", post=replace(job.post, account_id=""))
    if job.provider_publish_id is not None:
        plain = replace(plain, provider_publish_id="")
    attempts = [
        replace(each, id=0, job_id=0, publish_id=each.publish_id and "")
        for each in ledger.jobs.attempts(job.id)
    ]
    events = [replace(each, job_id=0) for each in ledger.jobs.events(job.id)]
    return plain, attempts, events


def test_endings_written_together_leave_what_single_ones_leave(ledger: Ledger) -> None:
    alone = opened(ledger, claims(ledger, 2 * len(ENDS), "alone"))
    together = opened(ledger, claims(ledger, 2 * len(ENDS), "together"))

    for job, end in zip(alone, 2 * ENDS, strict=True):
        assert ledger.claims.settle_all([ending(job, end)]) == [Settled.MOVED]
    said = ledger.claims.settle_all(list(map(ending, together, 2 * ENDS)))

    assert said == [Settled.MOVED] * len(together)
    assert what_is_there(ledger, together) == what_is_there(ledger, alone)
    assert all(folded(ledger, job.id) is ledger.jobs.get(job.id).state for job in together)


def test_alike_endings_take_few_statements_however_many_they_are(ledger: Ledger) -> None:
    few, many = (opened(ledger, claims(ledger, count, f"c{count}")) for count in (2, 40))

    counts = []
    for jobs in (few, many):
        with statements(ledger) as said:
            ledger.claims.settle_all([ending(job, SUCCEEDED) for job in jobs])
        counts.append(len([sql for sql, _ in said if not sql.startswith("BEGIN")]))

    assert counts[1] <= counts[0] <= 4


def test_openings_written_together_take_two_statements_or_one(ledger: Ledger) -> None:
    jobs = claims(ledger, 30)

    with statements(ledger) as said:
        attempts = ledger.claims._open([opening(job) for job in jobs])

    assert len([sql for sql, _ in said if not sql.startswith("BEGIN")]) <= 2
    assert [each.job_id for each in attempts if isinstance(each, Attempt)] == [j.id for j in jobs]
    assert [ledger.jobs.get(job.id).attempts for job in jobs] == [1] * 30
    assert [ledger.jobs.attempts(job.id)[0].memo for job in jobs] == [{"key": j.ref} for j in jobs]


def test_a_lost_claim_among_others_sends_nothing_and_they_do(ledger: Ledger) -> None:
    jobs = claims(ledger, 3)
    stale = replace(jobs[1], fence=jobs[1].fence - 1)

    first, lost, third = ledger.claims._open([opening(each) for each in (jobs[0], stale, jobs[2])])

    assert isinstance(first, Attempt)
    assert isinstance(lost, LeaseLost)
    assert isinstance(third, Attempt)
    assert ledger.jobs.open_attempt(stale.id) is None


def test_of_two_openings_of_one_claim_in_a_group_one_sends(ledger: Ledger) -> None:
    job, other = claims(ledger, 2)

    answers = ledger.claims._open([opening(job), opening(other), opening(job)])

    assert sorted(type(each).__name__ for each in answers) == ["Attempt", "Attempt", "LeaseLost"]
    assert len(ledger.jobs.attempts(job.id)) == 1
    assert len(ledger.jobs.attempts(other.id)) == 1


def test_an_expired_lease_among_others_sends_nothing(ledger: Ledger) -> None:
    jobs = claims(ledger, 2)
    late = [replace(opening(job), now=NOW + LEASE) for job in jobs]

    assert all(isinstance(each, LeaseLost) for each in ledger.claims._open(late))


def test_a_lost_claim_among_others_moves_nothing_and_they_do(ledger: Ledger) -> None:
    jobs = opened(ledger, claims(ledger, 3))
    endings = [ending(job, SUCCEEDED) for job in jobs]
    endings[1] = replace(endings[1], job=replace(jobs[1], fence=jobs[1].fence + 1))

    assert ledger.claims.settle_all(endings) == [Settled.MOVED, Settled.IGNORED, Settled.MOVED]
    assert [ledger.jobs.get(job.id).state for job in jobs] == [
        State.SUCCEEDED,
        State.PUBLISHING,
        State.SUCCEEDED,
    ]


def test_a_publish_of_another_job_is_refused_to_one_of_a_group_only(ledger: Ledger) -> None:
    jobs = opened(ledger, claims(ledger, 3))
    endings = [ending(job, SUCCEEDED) for job in jobs]
    taken = publishing_as(SUCCEEDED, f"pub-{jobs[0].id}")
    endings[2] = replace(endings[2], settlement=taken)

    first, second, third = ledger.claims.settle_all(endings)

    assert (first, second) == (Settled.MOVED, Settled.MOVED)
    assert isinstance(third, PublishClaimed)
    assert ledger.jobs.open_attempt(jobs[2].id)


def test_a_job_of_which_nothing_was_sent_settles_among_others(ledger: Ledger) -> None:
    jobs = claims(ledger, 3)
    opened(ledger, jobs[:2])
    unsent = Ending(jobs[2], replace(DEFERRED, outcome=None), Stamp(NOW, "w1"))

    said = ledger.claims.settle_all([ending(jobs[0], FAILED), unsent, ending(jobs[1], FAILED)])

    assert said == [Settled.MOVED] * 3
    assert ledger.jobs.get(jobs[2].id).state is State.SCHEDULED
    assert ledger.jobs.attempts(jobs[2].id) == []


def test_the_turn_of_an_ordered_lane_goes_on_after_a_group(ledger: Ledger) -> None:
    first = claims(ledger, 2, "first", ordered=True)
    for number in range(2):
        job = new_job(f"next{number}", account=f"first-{number}")
        submit(ledger, replace(job, run_at=NOW + SECOND), campaign="first")
    opened(ledger, first)
    release(ledger, now=NOW + SECOND)

    ledger.claims.settle_all([ending(job, SUCCEEDED) for job in first])

    assert len(release(ledger, now=NOW + 2 * SECOND)) == 2


@pytest.mark.parametrize("end", [SUCCEEDED, ACCEPTED, FAILED])
def test_many_threads_at_once_open_and_settle_once_each(ledger: Ledger, end: Settlement) -> None:
    jobs = claims(ledger, 16)

    def live(job: Job) -> Settled:
        ledger.claims.open_attempt(job, {}, now=NOW)
        each = ending(job, end)
        return ledger.claims.settle(job, each.settlement, now=NOW, by="w1")

    said = at_once(*((lambda job=job: live(job)) for job in jobs))

    assert said == [Settled.MOVED] * 16
    assert {ledger.jobs.get(job.id).state for job in jobs} == {end.to}
    assert all(len(ledger.jobs.attempts(job.id)) == 1 for job in jobs)
    assert end.fault is None or end.fault.error_class is ErrorClass.VALIDATION
