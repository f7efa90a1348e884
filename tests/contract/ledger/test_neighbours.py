"""What the ledger has on some accounts around some time."""

from datetime import timedelta

from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import FAILED, NOW, claimed, new_job, submit

HOUR = timedelta(hours=1)


def test_live_jobs_of_the_accounts_in_that_time_come_by_time(ledger: Ledger) -> None:
    submit(
        ledger,
        new_job("late", run_at=NOW + 3 * HOUR),
        new_job("soon", run_at=NOW + HOUR),
        new_job("elsewhere", run_at=NOW + HOUR, account="a2"),
        new_job("other", run_at=NOW + HOUR, connection="agency"),
        new_job("too late", run_at=NOW + 5 * HOUR),
    )
    found = ledger.neighbours.on({("wonda", "a1"), ("wonda", "a9")}, NOW, NOW + 4 * HOUR)

    assert [each.ref for each in found] == ["soon", "late"]
    assert (found[0].campaign, found[0].connection, found[0].account_id) == (
        "spring",
        "wonda",
        "a1",
    )
    assert (found[0].run_at, found[0].post.caption) == (NOW + HOUR, "caption of soon")


def test_what_has_failed_is_no_neighbour(ledger: Ledger) -> None:
    job = claimed(ledger)
    lanes = {("wonda", "a1")}
    assert [each.id for each in ledger.neighbours.on(lanes, NOW - HOUR, NOW + HOUR)] == [job.id]
    assert ledger.moves.apply(job, FAILED, now=NOW, by="test")
    assert ledger.jobs.get(job.id).state is State.FAILED
    assert ledger.neighbours.on(lanes, NOW - HOUR, NOW + HOUR) == []


def test_more_accounts_than_one_statement_asks_about(ledger: Ledger) -> None:
    submit(ledger, *(new_job(f"r{n}", account=f"a{n}", run_at=NOW) for n in range(700)))
    lanes = {("wonda", f"a{n}") for n in range(700)}
    assert len(ledger.neighbours.on(lanes, NOW, NOW)) == 700
    assert ledger.neighbours.on(set(), NOW, NOW) == []


def test_what_a_campaign_repeats_of_others_is_counted(ledger: Ledger) -> None:
    near = [new_job("near", run_at=NOW), new_job("far", run_at=NOW), new_job("other", run_at=NOW)]
    submit(ledger, *near, campaign="spring")
    moved = [
        new_job("near", run_at=NOW + 23 * HOUR),
        new_job("far", run_at=NOW + 24 * HOUR),
        new_job("other", run_at=NOW, account="a2"),
    ]
    first = submit(ledger, *moved, campaign="autumn")[0]

    assert ledger.neighbours.repeated("autumn", first) == {"spring": 1}
    assert ledger.neighbours.repeated("autumn", first + 1) == {}
    [again] = submit(ledger, new_job("again", caption="caption of near", run_at=NOW))
    assert ledger.neighbours.repeated("spring", again) == {"autumn": 1, "spring": 1}
    assert {each.campaign for each in ledger.neighbours.named({"far"}, [State.SCHEDULED])} == {
        "spring",
        "autumn",
    }
    assert ledger.neighbours.named({"far"}, [State.SUCCEEDED]) == []
