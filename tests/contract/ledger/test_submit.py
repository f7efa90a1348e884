from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from shared.domain.job import NewJob
from shared.domain.post import Kind, Media, Post
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.submission import Submitted
from tests.contract.ledger.building import (
    FAILED,
    NOW,
    SECOND,
    at_once,
    folded,
    new_job,
    settled,
    statements,
    submit,
)
from tests.contract.ledger.conftest import OpenLedger

FULL = NewJob(
    ref="réf-1",
    provider="genviral",
    connection="agency",
    post=Post(
        platform="tiktok",
        account_id="acc:1",
        kind=Kind.CAROUSEL,
        caption="Ω\u0000 caption with 👩🏽‍🚀",
        title="title",
        media=(Media(url="https://m.test/a.jpg?x=1"), Media(id="m-2"), Media(path="b/c.png")),
        alt_texts=("one", "", "three"),
        options={"privacy": "public", "z": 1, "a": [True, None, 1.5]},
    ),
    run_at=NOW + timedelta(hours=1),
    not_after=NOW + timedelta(hours=2),
)


def test_a_new_job_comes_back_as_it_was_submitted(ledger: Ledger) -> None:
    [job_id] = submit(ledger, FULL)

    job = ledger.jobs.get(job_id)

    assert job.post == FULL.post
    assert list(job.post.options) == list(FULL.post.options)
    assert (job.ref, job.campaign) == (FULL.ref, "spring")
    assert (job.provider, job.connection) == ("genviral", "agency")
    assert job.run_at == job.due_at == FULL.run_at
    assert job.not_after == FULL.not_after
    assert job.created_at == NOW
    assert job.run_at.tzname() == "UTC"
    assert job.state is State.SCHEDULED
    assert (job.attempts, job.fence, job.replay, job.prepared) == (0, 0, False, {})


def test_many_jobs_at_once_come_back_as_they_were_submitted(ledger: Ledger) -> None:
    asked = [
        replace(FULL, ref=f"réf\t{number}\\N\n", not_after=FULL.not_after if number % 2 else None)
        for number in range(120)
    ]

    jobs = [ledger.jobs.get(each) for each in submit(ledger, *asked)]

    assert [(job.ref, job.post, job.not_after) for job in jobs] == [
        (each.ref, each.post, each.not_after) for each in asked
    ]
    assert all(job.run_at == FULL.run_at and job.prepared == {} for job in jobs)
    assert {len(ledger.jobs.events(job.id)) for job in jobs} == {1}


def test_a_job_without_a_time_is_due_now(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))

    assert ledger.jobs.get(job_id).run_at == NOW


def test_every_new_job_has_one_event(ledger: Ledger) -> None:
    [job_id] = submit(ledger, new_job("one"))

    [event] = ledger.jobs.events(job_id)

    assert (event.from_state, event.to_state) == (None, State.SCHEDULED)
    assert (event.at, event.by, event.attempt) == (NOW, "test", None)


def test_the_same_rows_twice_add_nothing(ledger: Ledger) -> None:
    jobs = [new_job(f"r{number}") for number in range(5)]
    ids = submit(ledger, *jobs)

    again = ledger.campaigns.submit("spring", jobs, now=NOW + SECOND, by="test")

    assert (again.added, again.unchanged, again.changed) == ([], 5, [])
    assert sorted(again.existing) == ids
    assert again.lanes == set()
    assert sum(ledger.campaigns.counts("spring").values()) == 5


def test_ids_are_added_in_the_order_of_the_rows(ledger: Ledger) -> None:
    ids = submit(ledger, *(new_job(f"r{number}") for number in range(2500)))

    assert ids == sorted(ids)
    assert [ledger.jobs.get(ids[each]).ref for each in (0, 999, 2499)] == ["r0", "r999", "r2499"]


def test_the_same_ref_in_another_campaign_is_another_job(ledger: Ledger) -> None:
    assert submit(ledger, new_job("one"))
    assert submit(ledger, new_job("one"), campaign="autumn")


@pytest.mark.parametrize(
    "change",
    [
        {"post": replace(FULL.post, caption="another")},
        {"run_at": NOW + timedelta(hours=3)},
        {"not_after": None},
        {"not_after": NOW + timedelta(hours=9)},
    ],
)
def test_a_changed_row_is_named_and_left_alone(ledger: Ledger, change: dict[str, object]) -> None:
    [job_id] = submit(ledger, FULL)
    before = ledger.jobs.get(job_id)

    changed = replace(FULL, **change)  # type: ignore[arg-type]
    again = ledger.campaigns.submit("spring", [changed], now=NOW, by="test")

    assert (again.added, again.unchanged, again.changed) == ([], 0, [FULL.ref])
    assert ledger.jobs.get(job_id) == before


def test_a_row_that_names_no_time_matches_any(ledger: Ledger) -> None:
    submit(ledger, FULL)

    again = ledger.campaigns.submit("spring", [replace(FULL, run_at=None)], now=NOW, by="test")

    assert (again.unchanged, again.changed) == (1, [])


def test_a_ref_twice_in_one_submission_is_one_job(ledger: Ledger) -> None:
    rows = [new_job("one"), new_job("one"), new_job("one", caption="another")]

    submitted = ledger.campaigns.submit("spring", rows, now=NOW, by="test")

    assert len(submitted.added) == 1
    assert (submitted.unchanged, submitted.changed) == (1, ["one"])


def test_old_rows_and_new_ones_may_come_mixed(ledger: Ledger) -> None:
    submit(ledger, new_job("one"))

    mixed = [new_job("zero"), new_job("one"), new_job("two", account="a2")]
    submitted = ledger.campaigns.submit("spring", mixed, now=NOW, by="test")

    assert [ledger.jobs.get(each).ref for each in submitted.added] == ["zero", "two"]
    assert submitted.unchanged == 1
    assert len(submitted.lanes) == 2


def test_two_submissions_of_the_same_rows_at_once_add_each_row_once(
    open_ledger: OpenLedger,
) -> None:
    one, other = open_ledger(), open_ledger()
    jobs = [new_job(f"r{number}", account=f"a{number % 7}") for number in range(300)]

    first, second = at_once(
        lambda: one.campaigns.submit("spring", jobs, now=NOW, by="one"),
        lambda: other.campaigns.submit("spring", list(reversed(jobs)), now=NOW, by="other"),
    )

    assert len(first.added) + len(second.added) == 300
    assert len(first.added) + first.unchanged == len(second.added) + second.unchanged == 300
    assert one.campaigns.counts("spring") == {State.SCHEDULED: 300}
    assert all(len(one.jobs.events(each)) == 1 for each in [*first.added, *second.added])


def test_nothing_is_half_written(ledger: Ledger) -> None:
    jobs = [new_job("good"), replace(new_job("bad"), retry_of=987_654)]

    with pytest.raises(IntegrityError):
        ledger.campaigns.submit("spring", jobs, now=NOW, by="test")

    assert ledger.campaigns.list() == []


def test_a_job_is_retried_once(ledger: Ledger) -> None:
    failed = settled(ledger, FAILED)
    retry = replace(new_job("one"), retry_of=failed.id)

    first = ledger.campaigns.submit("spring", [retry], now=NOW, by="test")
    second = ledger.campaigns.submit("spring", [retry], now=NOW, by="test")

    assert len(first.added) == 1
    assert ledger.jobs.get(first.added[0]).retry_of == failed.id
    assert ledger.jobs.retries_of(failed.id) == first.added[0]
    assert (second.added, second.existing, second.unchanged) == ([], first.added, 1)


def test_a_failed_job_retried_by_two_at_once_is_retried_once(open_ledger: OpenLedger) -> None:
    one, other = open_ledger(), open_ledger()
    failed = settled(one, FAILED)
    retry = replace(new_job("one"), retry_of=failed.id)

    first, second = at_once(
        lambda: one.campaigns.submit("spring", [retry], now=NOW, by="one"),
        lambda: other.campaigns.submit("autumn", [retry], now=NOW, by="other"),
    )

    [retried] = [*first.added, *second.added]
    assert [*first.existing, *second.existing] == [retried]
    assert folded(one, retried) is State.SCHEDULED


def test_ten_thousand_rows_take_a_few_statements(ledger: Ledger) -> None:
    jobs = [new_job(f"r{number}", account=f"a{number % 100}") for number in range(10_000)]

    with statements(ledger) as said:
        submitted = ledger.campaigns.submit("spring", jobs, now=NOW, by="test")

    assert len(submitted.added) == 10_000
    assert len(submitted.lanes) == 100
    assert len(said) < 60


def test_an_edited_row_of_a_table_is_followed_to_its_job(ledger: Ledger) -> None:
    at = NOW + timedelta(days=1)
    first = new_job("buffer-aaaaaaaaaaaa/x/a1", caption="Rye", run_at=at)
    other = new_job("buffer-cccccccccccc/x/a1", caption="Oats", run_at=at + SECOND)
    edited = replace(
        first, ref="buffer-bbbbbbbbbbbb/x/a1", post=replace(first.post, caption="Rye!")
    )

    def load(*jobs: NewJob, update: bool = False) -> Submitted:
        return ledger.campaigns.submit(
            "spring", jobs, update=update, edited=True, now=NOW, by="test"
        )

    added = load(first, other).added
    assert load(edited, other).changed == [first.ref]
    assert [each.job_id for each in load(edited, other, update=True).changes] == added[:1]
    again = load(edited, other)

    assert (again.added, again.unchanged) == ([], 2)
    assert ledger.jobs.get(added[0]).post.caption == "Rye!"
