from datetime import timedelta

import pytest

from shared.domain.outcome import ErrorClass
from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger import Ledger
from shared.ledger.campaigns import CampaignSummary, Share
from shared.ledger.jobs import JobFilter
from tests.contract.ledger.building import (
    ACCEPTED,
    FAILED,
    HELD_LOST,
    NOW,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    claim,
    new_job,
    publishing_as,
    release,
    settled,
    submit,
)


@pytest.fixture
def spring(ledger: Ledger) -> Ledger:
    """A campaign with jobs in several states, and another one with a single job."""
    settled(ledger, SUCCEEDED, "r0")
    settled(ledger, FAILED, "r1")
    settled(ledger, FAILED, "r2", account="a2")
    settled(ledger, HELD_LOST, "r3", provider="wahdx")
    settled(ledger, publishing_as(ACCEPTED, "pub-4"), "r4", connection="agency")
    settled(ledger, UNCERTAIN, "r5")
    submit(ledger, new_job("r6", run_at=NOW + SECOND))
    submit(ledger, new_job("other"), campaign="autumn")
    return ledger


def refs(ledger: Ledger, which: JobFilter, limit: int = 100) -> list[str]:
    return [job.ref for job in ledger.jobs.page(which, limit)]


def test_campaigns_are_listed_newest_first_with_their_counts(spring: Ledger) -> None:
    newest, oldest = spring.campaigns.list()

    assert newest == CampaignSummary("autumn", NOW, {State.SCHEDULED: 1})
    assert oldest.counts == spring.campaigns.counts("spring")


def test_a_campaign_counts_its_jobs_by_state(spring: Ledger) -> None:
    assert spring.campaigns.counts("spring") == {
        State.SUCCEEDED: 1,
        State.FAILED: 2,
        State.HELD: 1,
        State.IN_PROGRESS: 1,
        State.UNCERTAIN: 1,
        State.SCHEDULED: 1,
    }


def test_a_campaign_tells_what_is_held_and_what_failed(spring: Ledger) -> None:
    assert spring.campaigns.held("spring") == [("nobody can be asked", 1)]
    assert spring.campaigns.faults("spring") == [("validation", "bad_caption", 2)]
    assert spring.campaigns.faults("autumn") == []


def test_a_campaign_counts_what_still_moves(spring: Ledger) -> None:
    assert spring.campaigns.moving("spring") == 3
    assert spring.campaigns.moving("autumn") == 1


def test_a_campaign_is_shared_out_over_providers_and_accounts(spring: Ledger) -> None:
    shares = spring.campaigns.by_provider("spring")

    assert Share("wahdx", "wahdx", "a1", State.HELD, 1) in shares
    assert Share("wonda", "agency", "a1", State.IN_PROGRESS, 1) in shares
    assert Share("wonda", "wonda", "a2", State.FAILED, 1) in shares
    assert sum(share.count for share in shares) == 7
    assert [share.provider for share in shares] == sorted(share.provider for share in shares)


def test_lateness_is_from_run_at_to_the_first_send(ledger: Ledger) -> None:
    [job_id, _] = submit(ledger, new_job("one"), new_job("never"))
    release(ledger)
    [job] = claim(ledger, job_id)
    ledger.claims.open_attempt(job, {}, now=NOW + timedelta(milliseconds=1500))

    assert ledger.campaigns.lateness("spring") == [1.5]


@pytest.mark.parametrize("read", ["counts", "held", "faults", "lateness", "by_provider", "moving"])
def test_an_unknown_campaign_is_named(ledger: Ledger, read: str) -> None:
    with pytest.raises(UnknownName, match="winter"):
        getattr(ledger.campaigns, read)("winter")


def test_an_unknown_job_is_named(ledger: Ledger) -> None:
    with pytest.raises(UnknownName, match="987654"):
        ledger.jobs.get(987_654)


def test_what_an_unknown_job_has_is_nothing(ledger: Ledger) -> None:
    assert ledger.jobs.attempts(987_654) == []
    assert ledger.jobs.events(987_654) == []
    assert ledger.jobs.open_attempt(987_654) is None
    assert ledger.jobs.last_attempt(987_654) is None
    assert ledger.jobs.retries_of(987_654) is None


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (JobFilter(), ["other", "r6", "r5", "r4", "r3", "r2", "r1", "r0"]),
        (JobFilter(campaign="autumn"), ["other"]),
        (JobFilter(campaign="winter"), []),
        (JobFilter(states=[State.FAILED, State.HELD]), ["r3", "r2", "r1"]),
        (JobFilter(states=[]), []),
        (JobFilter(provider="wahdx"), ["r3"]),
        (JobFilter(connection="agency"), ["r4"]),
        (JobFilter(account_id="a2"), ["r2"]),
        (JobFilter(error_class=ErrorClass.VALIDATION), ["r2", "r1"]),
        (JobFilter(error_class="validation", account_id="a1", campaign="spring"), ["r1"]),
        (JobFilter(ids=[]), []),
    ],
)
def test_a_page_shows_the_jobs_meant(spring: Ledger, which: JobFilter, expected: list[str]) -> None:
    assert refs(spring, which) == expected


def test_jobs_may_be_meant_by_id(spring: Ledger) -> None:
    newest, *_, oldest = spring.jobs.page(JobFilter(), 100)

    assert refs(spring, JobFilter(ids={oldest.id, newest.id, 987_654})) == ["other", "r0"]


def test_pages_follow_each_other_without_gap_or_overlap(ledger: Ledger) -> None:
    submit(ledger, *(new_job(f"r{number}") for number in range(25)))
    seen: list[int] = []
    before = None
    while page := ledger.jobs.page(JobFilter(campaign="spring"), 10, before):
        seen += [job.id for job in page]
        before = page[-1].id

    assert len(seen) == len(set(seen)) == 25
    assert seen == sorted(seen, reverse=True)
