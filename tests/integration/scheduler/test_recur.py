"""Series from their tick to the provider, with an outage on the way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.recurring import Recurring
from shared.domain.cron import read_cron
from shared.domain.recurrence import Recurrence
from shared.domain.release import LatePolicy, read_late_policy
from shared.domain.states import State
from shared.producer.recurring import series_of
from tests.support.scene import Scene, scene

HOUR = timedelta(hours=1)


def add(stage: Scene, late: LatePolicy | None = None, zone: str = "Asia/Kolkata") -> datetime:
    """Add an hourly series and return the instant of its first occurrence."""
    recurrence = Recurrence(cron=read_cron("15 * * * *"), zone=ZoneInfo(zone))
    series, warnings = series_of(
        stage.parts.producer,
        stage.row(),
        name="rye",
        campaign="test",
        recurrence=recurrence,
        late=late,
    )
    assert warnings == []
    next_at = stage.ledger.series.add(series, now=stage.clock.now()).next_at
    assert next_at is not None
    return next_at


def recurring(stage: Scene, name: str = "s1") -> Recurring:
    return Recurring(stage.ledger, stage.parts.connections, stage.clock, name)


def go(stage: Scene, tick: Callable[[], int]) -> None:
    """Tick once, and let a worker carry out what that released."""
    tick()
    stage.bell.rung.clear()
    stage.scheduler.dispatch()
    for job_id in list(stage.bell.rung):
        stage.work(job_id)


def published(stage: Scene) -> int:
    return stage.asked("publish")


def test_each_occurrence_is_published_once_whoever_ticks(stage: Scene) -> None:
    first = add(stage)
    ticks = [recurring(stage, "s1").tick, recurring(stage, "s2").tick]
    stage.move(first - stage.clock.now() - timedelta(minutes=1))

    for minute in range(180):
        go(stage, ticks[minute % 2])
        stage.move(timedelta(minutes=1))

    assert published(stage) == 3
    sent = sorted(job.run_at for job in stage.jobs() if job.first_sent_at)
    assert sent == [first, first + HOUR, first + 2 * HOUR]
    assert len(stage.jobs()) == 4


@pytest.mark.parametrize(
    ("late", "expected", "held"),
    [
        ("publish", 2, 0),
        ("skip after 30m", 1, 0),
        ("hold after 30m", 1, 1),
        ("hold after 2h", 2, 0),
    ],
)
def test_an_outage_is_followed_by_one_post_at_most(
    stage: Scene, late: str, expected: int, held: int
) -> None:
    first = add(stage, read_late_policy(late))
    tick = recurring(stage).tick
    tick()
    stage.move(first - stage.clock.now() + timedelta(seconds=1))
    go(stage, tick)
    assert published(stage) == 1

    stage.move(30 * HOUR + timedelta(minutes=45))
    for _ in range(3):
        go(stage, tick)
        stage.move(timedelta(seconds=5))

    assert published(stage) == expected
    assert sum(job.state is State.HELD for job in stage.jobs()) == held
    unsent = [job for job in stage.jobs() if job.state is State.SCHEDULED]
    assert [job.run_at for job in unsent] == [first + 31 * HOUR]


def test_it_is_one_post_too_where_dispatch_comes_before_the_tick(stage: Scene) -> None:
    first = add(stage)
    tick = recurring(stage).tick
    tick()
    stage.move(first - stage.clock.now() + 30 * HOUR)
    for _ in range(2):
        go(stage, lambda: 0)
        go(stage, tick)

    assert published(stage) == 1
    [sent] = [job for job in stage.jobs() if job.first_sent_at]
    assert sent.run_at == first


def test_the_late_policy_of_the_connection_counts_where_the_series_has_none(redis_url: str) -> None:
    config = '[connections.genviral]\npolicies = {late_policy = "skip after 10m"}\n'
    with scene(redis_url, config=config) as stage:
        first = add(stage)
        stage.move(first - stage.clock.now() + timedelta(minutes=30))
        go(stage, recurring(stage).tick)

        assert published(stage) == 0
        noted = stage.ledger.occurrences.recent(stage.ledger.series.get("rye").id, 9)
        assert [(each.at, each.state) for each in noted] == [
            (first + HOUR, State.SCHEDULED),
            (first, None),
        ]
