"""Settling many: few requests, shared by schedulers, within the quota, at the pace of habit."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from scheduler import settle
from shared.domain.habit import Habit
from shared.domain.post import Kind
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.sandbox.windows import Limit
from tests.contract.ledger.building import at_once
from tests.support.scene import Scene, Scheduler, scene

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
VIDEO = ("tiktok", Kind.VIDEO)

QUOTA = """
[connections.wahdx]
limits = [{requests = 2, per = "60s", window = "sliding", calls = ["status"]}]
"""


@pytest.fixture
def limited(redis_url: str) -> Iterator[Scene]:
    """A scene in which both ends know that status may be asked for twice a minute."""
    quota = Limit("wahdx", 2, MINUTE, call="status", window="sliding")
    with scene(redis_url, config=QUOTA, limits=[quota]) as made:
        yield made


def in_flight(stage: Scene, count: int, prefix: str = "v") -> list[int]:
    """Publish videos that WAHDX accepts and finishes later."""
    ids = []
    for number in range(count):
        job_id = stage.submitted(
            "wahdx",
            ref=f"{prefix}{number}",
            platform="tiktok",
            account=f"1f0a0f52-6a2e-4c55-9d1e-aa{1 + number % 13:010d}",
            caption=f"{prefix}{number}",
            media=[stage.sandbox.media_url("1.mp4")],
            options={"privacy": "SELF_ONLY"},
        )
        assert stage.work(job_id).state is State.IN_PROGRESS
        ids.append(job_id)
    return ids


def settled(stage: Scene, ids: list[int]) -> list[int]:
    return [each for each in ids if stage.job(each).state is State.SUCCEEDED]


def test_one_tick_asks_about_everything_that_is_due(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "ROUND", 50)
    ids = in_flight(stage, 120)
    stage.move(MINUTE)
    stage.scheduler.settle()
    assert settled(stage, ids) == ids
    assert stage.asked("status") == 3


def test_two_schedulers_ask_nobody_twice(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "ROUND", 10)
    ids = in_flight(stage, 40)
    other = Scheduler(stage.parts, "other@test")
    stage.move(MINUTE)
    at_once(stage.scheduler.settle, other.settle)
    other.fanout.drain()
    assert settled(stage, ids) == ids
    assert stage.asked("status") == 4
    assert all(stage.states(each).count(State.SUCCEEDED) == 1 for each in ids)


def test_a_denied_request_costs_no_poll_and_loses_no_answer(limited: Scene) -> None:
    ids = in_flight(limited, 120)
    limited.move(MINUTE)
    limited.scheduler.settle()
    assert limited.asked("status") == 2
    done = settled(limited, ids)
    assert len(done) == 100
    left = [limited.job(each) for each in ids if each not in done]
    assert {job.polls for job in left} == {0}
    moments = {job.next_poll_at for job in left}
    assert len(moments) == 1

    limited.move(10 * SECOND)
    limited.scheduler.settle()
    assert limited.asked("status") == 2

    (free_at,) = moments
    assert free_at is not None
    limited.move(free_at - limited.clock.now() + SECOND)
    limited.scheduler.settle()
    assert settled(limited, ids) == ids
    assert limited.asked("status") == 3
    assert limited.sandbox.violations() == []


def test_what_was_put_off_is_not_taken_for_slow(limited: Scene) -> None:
    in_flight(limited, 120)
    for _ in range(3):
        limited.move(2 * MINUTE)
        limited.scheduler.settle()
    habit = limited.ledger.habits.of("wahdx")[VIDEO]
    assert habit.late < 3 * MINUTE


def learn(stage: Scene, took: timedelta) -> Habit:
    stage.ledger.habits.learn("wahdx", {VIDEO: [took] * 20}, now=stage.clock.now())
    return stage.ledger.habits.of("wahdx")[VIDEO]


def test_the_first_poll_waits_until_publishes_usually_begin_to_settle(stage: Scene) -> None:
    habit = learn(stage, 20 * SECOND)
    (job_id,) = in_flight(stage, 1)
    stage.clock.move(6 * SECOND)
    stage.scheduler.settle()
    job = stage.job(job_id)
    assert stage.asked("status") == 0
    assert (job.state, job.polls) == (State.IN_PROGRESS, 0)
    assert job.next_poll_at is not None
    assert job.accepted_at is not None
    assert 10 * SECOND < job.next_poll_at - job.accepted_at <= habit.early

    stage.move(job.next_poll_at - stage.clock.now())
    stage.scheduler.settle()
    assert stage.asked("status") == 1


def test_what_settles_teaches_how_long_it_took(stage: Scene) -> None:
    in_flight(stage, 10)
    stage.move(MINUTE)
    assert stage.ledger.habits.of("wahdx") == {}
    stage.scheduler.settle()
    assert abs(stage.ledger.habits.of("wahdx")[VIDEO].median - MINUTE) < 6 * SECOND


def test_what_is_due_soon_rides_along(stage: Scene) -> None:
    learn(stage, 20 * SECOND)
    one, other = in_flight(stage, 2)
    for job_id, wait in ((one, 0 * SECOND), (other, 1 * SECOND)):
        stage.clock.move(30 * SECOND)
        job = stage.job(job_id)
        at = stage.clock.now() + 30 * SECOND + wait
        seen = Settlement(to=None, polls=1, next_poll_at=at)
        stage.ledger.moves.apply(job, seen, now=stage.clock.now(), by="test")
    stage.clock.move(30 * SECOND)
    stage.scheduler.settle()
    assert stage.asked("status") == 1
    assert [stage.job(each).polls for each in (one, other)] == [2, 2]


def test_a_scheduler_that_stops_ends_with_the_round_it_is_in(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "ROUND", 2)
    ids = in_flight(stage, 6)
    stage.move(MINUTE)
    stage.scheduler.fanout.draining.set()
    stage.scheduler.settling.settle("wahdx")
    assert len(settled(stage, ids)) == 2
