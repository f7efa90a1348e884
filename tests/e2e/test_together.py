"""Several of every process at once, watched by Flower: each job once, and clean ends."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from shared.domain.cron import read_cron
from shared.domain.recurrence import Recurrence
from shared.domain.states import State
from shared.embedded.server import free_port
from shared.embedded.waiting import until
from shared.producer.recurring import series_of
from shared.rows import read_row
from tests.support.posts import differences, mixed_rows
from tests.support.processes import wait_gone
from tests.support.stack import Stack, ended_well, stack

pytestmark = pytest.mark.timeout(180)

PAIRS = ("worker1", "worker2", "scheduler1", "scheduler2", "beat1", "beat2")
AUTH = ("mia", "no-provider-s-key")
TASKS = {
    "publish",
    "cancel",
    "tick.dispatch",
    "tick.settle",
    "tick.reconcile",
    "tick.rescue",
    "tick.recur",
    "tick.accounts",
}


@pytest.fixture
def running(postgres_url: str, redis_url: str) -> Iterator[Stack]:
    with stack(postgres_url, redis_url) as made:
        made.environment["DROPLINE_FLOWER_AUTH"] = ":".join(AUTH)
        made.environment["DROPLINE_FLOWER_PORT"] = str(free_port(0))
        made.start("flower", *PAIRS)
        yield made


class Flower:
    """Asks the API of a stack's Flower."""

    def __init__(self, running: Stack) -> None:
        self._root = f"http://127.0.0.1:{running.environment['DROPLINE_FLOWER_PORT']}"

    def status(self, path: str) -> int | None:
        try:
            return httpx.get(self._root + path, timeout=10).status_code
        except httpx.HTTPError:
            return None

    def tell(self, path: str) -> dict[str, object]:
        answer = httpx.get(self._root + path, auth=AUTH, timeout=20)
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told


def test_two_of_everything_publish_100_jobs_once_each(running: Stack) -> None:
    flower = Flower(running)
    running.wait_for(lambda: flower.status("/api/workers") == 401)
    running.wait_for(lambda: _workers(running) == 2)
    rows = mixed_rows(running.sandbox, 100)
    running.submit(rows)

    jobs = running.wait_at_rest(within=timedelta(seconds=90))

    assert ended_well(jobs), running.say()
    assert differences(running.sandbox, rows) == []
    published = [each for each in running.sandbox.requests() if each["call"] == "publish"]
    assert len(published) == 100
    for job in jobs:
        moves = [event.to_state for event in running.parts.ledger.jobs.events(job.id)]
        assert moves.count(State.PUBLISHING) == moves.count(State.SUCCEEDED) == 1, moves
    by = {e.by for job in jobs for e in running.parts.ledger.jobs.events(job.id)}
    assert len([name for name in by if name.startswith("worker@")]) == 2
    _what_went_by_goes_once(running)
    _look_through(flower)
    _end_all(running)


def _workers(running: Stack) -> int:
    alive = running.parts.ledger.heartbeats.alive(running.parts.clock.now(), timedelta(minutes=1))
    return sum(each.kind == "worker" for each in alive)


def _what_went_by_goes_once(running: Stack) -> None:
    """Add a series as it would be after an outage: its last occurrence was an hour ago."""
    parts, ago = running.parts, running.parts.clock.now() - timedelta(hours=1)
    row, problems = read_row(mixed_rows(running.sandbox, 1)[0], "series")
    assert row is not None, problems
    series, _ = series_of(
        parts.producer,
        row,
        name="rye",
        campaign="bread",
        recurrence=Recurrence(cron=read_cron(f"{ago:%M %H} * * *"), zone=ZoneInfo("UTC")),
        late=None,
    )
    parts.ledger.series.add(series, now=ago - timedelta(minutes=1))

    running.wait_for(lambda: [each.state for each in running.jobs("bread")] == [State.SUCCEEDED])
    assert len(parts.ledger.occurrences.recent(parts.ledger.series.get("rye").id, 9)) == 1


def _look_through(flower: Flower) -> None:
    for path in ("/api/workers", "/api/tasks", "/api/task/types", "/tasks", "/workers", "/"):
        assert flower.status(path) == 401, path
    kinds = {name.partition("-")[0] for name in flower.tell("/api/workers?refresh=1")}
    assert kinds == {"worker", "scheduler"}
    expected = {"publish", "tick.dispatch", "tick.settle"}
    assert until(lambda: expected <= _seen(flower), timedelta(seconds=20)), _seen(flower)
    assert _seen(flower) <= TASKS


def _seen(flower: Flower) -> set[str]:
    tasks = flower.tell("/api/tasks?limit=500").values()
    return {str(task["name"]) for task in tasks if isinstance(task, dict)}


def _end_all(running: Stack) -> None:
    pids = running.pids()
    for name in pids:
        assert running.terminate(name, timedelta(seconds=30)) == 0, running.log(name)
    wait_gone(*pids.values())
