"""Rescue: what dead workers held comes back, and lost messages are rung for again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.embedded import EmbeddedRedis
from shared.errors import PartUnreachable
from tests.contract.ledger.building import at_once
from tests.support.redis import RedisServer
from tests.support.scene import Scene, Scheduler, scene

SECOND = timedelta(seconds=1)
PAST_LEASE = timedelta(seconds=31)
DAILY = '[connections.wonda]\nlimits = [{requests = 50, per = "24h", window = "rolling"}]\n'


@pytest.fixture
def calm(redis_url: str) -> Iterator[Scene]:
    """A scene whose first tick has passed: Redis' epoch is known and nothing is new."""
    with scene(redis_url) as made:
        made.scheduler.rescue.tick()
        made.bell.rung.clear()
        yield made


def rung_at_next_tick(stage: Scene) -> list[int]:
    stage.bell.rung.clear()
    stage.scheduler.rescue.tick()
    return list(stage.bell.rung)


def test_a_live_claim_is_left_alone(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING)
    calm.move(timedelta(seconds=29))
    calm.scheduler.rescue.tick()
    assert calm.job(job_id).state is State.PUBLISHING


def test_a_claim_that_died_before_sending_is_tried_again_at_no_cost(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING)
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    job = calm.job(job_id)
    assert (job.state, job.attempts, job.rescues) == (State.RETRYING, 0, 1)
    assert job.due_at > calm.clock.now()
    calm.move(job.due_at - calm.clock.now())
    assert calm.scheduler.dispatch() == 1
    assert calm.work(job_id).state is State.IN_PROGRESS
    assert len(calm.sandbox.stored()) == 1


def test_a_claim_that_died_while_sending_is_in_doubt_and_never_resent(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING, "wonda")
    calm.ledger.claims.open_attempt(calm.job(job_id), {}, now=calm.clock.now())
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    assert calm.job(job_id).state is State.UNCERTAIN
    (attempt,) = calm.ledger.jobs.attempts(job_id)
    assert attempt.outcome == "uncertain"
    calm.move(timedelta(hours=1))
    assert calm.scheduler.dispatch() == 0


def test_where_nobody_can_be_asked_it_waits_for_a_person(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING, "wahdx")
    calm.ledger.claims.open_attempt(calm.job(job_id), {}, now=calm.clock.now())
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    job = calm.job(job_id)
    assert (job.state, job.hold) == (State.HELD, Hold.LOST_ANSWER)


def test_a_replay_whose_worker_died_goes_back_to_doubt_not_to_retrying(calm: Scene) -> None:
    calm.sandbox.add_fault("drop_before", provider="genviral", call="publish")
    job_id = calm.submitted("genviral")
    calm.work(job_id)
    calm.move(3 * SECOND)
    calm.scheduler.reconcile()
    assert calm.job(job_id).replay
    calm.claim(job_id)
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    assert calm.job(job_id).state is State.UNCERTAIN
    calm.move(3 * SECOND)
    calm.scheduler.reconcile()
    assert calm.job(job_id).state is State.QUEUED
    assert calm.work(job_id).state is State.IN_PROGRESS
    assert len(calm.sandbox.stored()) == 1


def test_the_third_claim_that_dies_is_the_last(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING)
    for rescues in (1, 2):
        calm.move(PAST_LEASE)
        calm.scheduler.rescue.tick()
        job = calm.job(job_id)
        assert (job.state, job.rescues) == (State.RETRYING, rescues)
        calm.move(job.due_at - calm.clock.now())
        calm.scheduler.dispatch()
        calm.claim(job_id)
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    job = calm.job(job_id)
    assert (job.state, job.hold, job.attempts) == (State.HELD, Hold.RESCUE, 0)


def test_two_rescuers_at_once_rescue_once(calm: Scene) -> None:
    job_id = calm.in_state(State.PUBLISHING)
    other = Scheduler(calm.parts, "other@test")
    calm.move(PAST_LEASE)
    at_once(calm.scheduler.rescue.tick, other.rescue.tick)
    assert calm.job(job_id).rescues == 1
    assert calm.states(job_id).count(State.RETRYING) == 1


def test_a_job_of_a_connection_that_is_not_set_here_stops_nothing(calm: Scene) -> None:
    gone = calm.in_state(State.PUBLISHING, "genviral")
    there = calm.in_state(State.PUBLISHING, "wonda")
    del calm.parts.connections["genviral"]  # type: ignore[attr-defined]
    calm.move(PAST_LEASE)
    calm.scheduler.rescue.tick()
    assert calm.job(there).state is State.RETRYING
    assert calm.job(gone).state is State.PUBLISHING


def test_a_silent_job_is_rung_for_after_twice_the_pause_each_time(calm: Scene) -> None:
    job_id = calm.in_state(State.QUEUED)
    for pause_s in (20, 40, 80, 160):
        calm.move(timedelta(seconds=pause_s - 1))
        assert rung_at_next_tick(calm) == []
        calm.move(2 * SECOND)
        assert rung_at_next_tick(calm) == [job_id]
    calm.move(timedelta(minutes=10, seconds=1))
    assert rung_at_next_tick(calm) == [job_id]
    calm.move(timedelta(minutes=10, seconds=1))
    assert rung_at_next_tick(calm) == [job_id]


def test_when_redis_forgot_everything_queued_is_rung_for_at_once(
    calm: Scene, redis_server: RedisServer
) -> None:
    job_id = calm.in_state(State.QUEUED)
    waiting = calm.in_state(State.SCHEDULED, "wonda")
    calm.move(SECOND)
    assert rung_at_next_tick(calm) == []
    redis_server.flush()
    assert rung_at_next_tick(calm) == [job_id]
    calm.move(SECOND)
    assert rung_at_next_tick(calm) == []
    assert calm.job(waiting).state is State.SCHEDULED


def test_however_many_wait_all_are_rung_for_when_redis_forgot(
    calm: Scene, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.rescue.BATCH", 3)
    ids = [calm.submitted(ref=f"r{n}", caption=f"c{n}") for n in range(7)]
    calm.move(SECOND)
    redis_server.flush()
    assert sorted(rung_at_next_tick(calm)) == sorted(ids)


def test_two_schedulers_ring_once_when_redis_forgot(calm: Scene, redis_server: RedisServer) -> None:
    job_id = calm.in_state(State.QUEUED)
    other = Scheduler(calm.parts, "other@test")
    calm.move(SECOND)
    redis_server.flush()
    calm.bell.rung.clear()
    at_once(calm.scheduler.rescue.tick, other.rescue.tick)
    assert calm.bell.rung == [job_id]


def test_while_redis_is_away_no_pause_is_used_up(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, scene(server.url) as stage:
        job_id = stage.in_state(State.QUEUED)
        stage.move(timedelta(minutes=1))
        before = stage.job(job_id)
        server.stop()
        with pytest.raises(PartUnreachable):
            stage.scheduler.rescue.tick()
        assert stage.job(job_id) == before
        server.start()
        assert rung_at_next_tick(stage) == [job_id]


def test_a_cancel_that_nobody_answered_is_rung_for_again(calm: Scene) -> None:
    job_id = calm.in_state(State.IN_PROGRESS, "posteverywhere")
    calm.parts.producer.cancel(job_id, by="mia")
    calm.bell.cancels.clear()
    calm.scheduler.rescue.tick()
    assert calm.bell.cancels == [job_id]
    calm.scheduler.rescue.tick()
    assert calm.bell.cancels == [job_id]
    calm.move(timedelta(seconds=21))
    calm.scheduler.rescue.tick()
    assert calm.bell.cancels == [job_id, job_id]


def test_long_windows_are_saved_for_the_day_that_redis_forgets(redis_url: str) -> None:
    with scene(redis_url, config=DAILY) as stage:
        stage.in_state(State.IN_PROGRESS, "wonda")
        stage.scheduler.rescue.tick()
        saved = stage.ledger.limits.learnt(stage.clock.now())
        (window,) = [row for row in saved if row.connection == "wonda"]
        assert window.limit.requests == 50
        assert window.used == len(
            [each for each in stage.sandbox.requests() if each["provider"] == "wonda"]
        )
