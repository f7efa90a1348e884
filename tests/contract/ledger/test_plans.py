"""I6: a tick reads what may go now; a backlog behind a limit costs nothing while it waits."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.ledger import Ledger, waits
from shared.ledger.jobs import JobFilter
from shared.ledger.streams import awake
from tests.contract.ledger.building import NOW, SECOND, new_job, release, statements, submit

BACKLOG = 4_000
#: Far below the backlog, and above what a release of these lanes has to look at.
FEW = 120


@pytest.fixture
def backlog(ledger: Ledger) -> Ledger:
    """Four lanes with a thousand waiting jobs each, half of them due."""
    submit(
        ledger,
        *(
            new_job(
                f"r{number}",
                account=f"a{number % 4}",
                run_at=NOW + (number - BACKLOG // 2) * SECOND,
                not_after=NOW + timedelta(days=9),
            )
            for number in range(BACKLOG)
        ),
    )
    release(ledger, per_lane=5)
    _analyze(ledger)
    return ledger


def _analyze(ledger: Ledger) -> None:
    with ledger._database._engine.begin() as connection:
        connection.execute(text("ANALYZE"))


TICKS: dict[str, Callable[[Ledger], object]] = {
    "release": lambda ledger: release(ledger, now=NOW + 2 * SECOND, per_lane=5),
    "due_lanes": lambda ledger: ledger.releases.due_lanes(NOW + SECOND, 100),
    "in_flight": lambda ledger: ledger.releases.in_flight(),
    "next_due": lambda ledger: ledger.releases.next_due(),
    "too_late": lambda ledger: ledger.latecomers.too_late(now=NOW, by="test"),
    "polls": lambda ledger: ledger.polls.claim("wonda", now=NOW, limit=50, lease=SECOND),
    "due polls": lambda ledger: ledger.polls.due(["wonda", "wahdx"], NOW),
    "more polls": lambda ledger: ledger.polls.claim_more(
        "wonda", rides=lambda _: True, by=NOW + SECOND, now=NOW, limit=50, lease=SECOND
    ),
    "cancels": lambda ledger: ledger.polls.cancels(NOW, 50, SECOND),
    "looks": lambda ledger: ledger.looks.claim(now=NOW, limit=50, lease=SECOND),
    "expired": lambda ledger: ledger.rescues.expired(now=NOW, limit=50),
    "ring_again": lambda ledger: ledger.rescues.ring_again(
        now=NOW + timedelta(hours=1),
        everything=False,
        first_pause=30 * SECOND,
        cap=timedelta(minutes=10),
        limit=50,
    ),
}


def test_a_tick_does_not_read_the_waiting_backlog(backlog: Ledger) -> None:
    for name, tick in TICKS.items():
        with statements(backlog) as said:
            tick(backlog)
        reads = [(sql, values) for sql, values in said if sql.startswith("SELECT")]
        assert reads, name
        for sql, values in reads:
            if backlog.dialect == "sqlite":
                _assert_searches_by_index(backlog, sql, values)
            else:
                assert _rows_read(backlog, sql, values) < FEW, sql


def test_a_question_about_one_job_counts_no_further_than_it_says(
    backlog: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "MOST_BEFORE", 9)
    monkeypatch.setattr(waits, "MOST_DUE", 19)
    [newest] = backlog.jobs.page(JobFilter(), 1)
    with statements(backlog) as said:
        wait = backlog.waits.of(newest.id, NOW)
    assert wait.before == 10
    assert [each.jobs for each in wait.at_connection] == [20]
    for sql, values in said:
        if backlog.dialect == "sqlite":
            _assert_searches_by_index(backlog, sql, values)
        else:
            assert _rows_read(backlog, sql, values) < FEW, sql


def _assert_searches_by_index(ledger: Ledger, sql: str, values: Any) -> None:
    plan = _steps(ledger, sql, values)
    for step in plan:
        if "job" in step or "other" in step:
            assert "USING" in step, plan
            # A scan is right only where the whole of a small partial index is wanted.
            assert step.startswith("SEARCH") or "ix_job_busy" in step, plan
            assert "ix_job_campaign" not in step, plan


def _steps(ledger: Ledger, sql: str, values: Any) -> list[str]:
    with ledger._database._engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    return [row[-1] for row in plan]


def _rows_read(ledger: Ledger, sql: str, values: Any, table: str = "job") -> int:
    """How many rows of a table the statement reads, whether it then wants them or not."""
    with ledger._database._engine.connect() as connection:
        said = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        plan = said.scalar_one()
        connection.rollback()
    [root] = plan if isinstance(plan, list) else json.loads(plan)
    return sum(_rows(node) for node in _nodes(root["Plan"]) if node.get("Relation Name") == table)


def _rows(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_dispatch_passes_no_campaign_that_is_far_ahead(ledger: Ledger) -> None:
    far = NOW + timedelta(days=9)
    for campaign in range(100):
        jobs = [new_job(f"r{lane}", account=f"a{lane}", run_at=far) for lane in range(40)]
        submit(ledger, *jobs, campaign=f"c{campaign}")
    submit(ledger, *(new_job(f"r{number}") for number in range(5)))
    _analyze(ledger)

    with statements(ledger) as said:
        assert ledger.releases.due_connections(NOW) == ["wonda"]
        assert _shares_passed(ledger) == 1
        assert len(release(ledger)) == 5
        assert ledger.latecomers.policies() == []
    for sql, values in (each for each in said if each[0].startswith(("SELECT", "UPDATE stream"))):
        if isinstance(values, list):
            continue
        if ledger.dialect == "sqlite":
            plan = _steps(ledger, sql, values)
            assert not {"SCAN stream", "SCAN campaign"} & set(plan), plan
        else:
            assert _rows_read(ledger, sql, values, "stream") < FEW, sql


def _shares_passed(ledger: Ledger) -> int:
    with ledger._database._engine.connect() as connection:
        return len(awake(connection))


def test_a_release_takes_a_few_statements_however_many_jobs_go(ledger: Ledger) -> None:
    said = {count: _statements_to_release(ledger, count) for count in (10, 300)}

    # Many events are added by COPY, which is no statement.
    assert said[300] <= said[10]
    # SQLite has no LATERAL, so that there each lane is asked by itself, without a round trip.
    assert said[300] < 30


def _statements_to_release(ledger: Ledger, count: int) -> int:
    """Release so many jobs of the same ten lanes, and return how much was said for it."""
    jobs = [new_job(f"{number} of {count}", account=f"a{number % 10}") for number in range(count)]
    submit(ledger, *jobs)
    with statements(ledger) as said:
        assert len(release(ledger)) == count
    return len(said)
