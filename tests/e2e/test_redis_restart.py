"""Redis goes away in the middle of a run, politely and by a crash: every job still ends once."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.embedded import EmbeddedRedis
from tests.support.posts import differences, mixed_rows
from tests.support.stack import Stack, ended_well, stack

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path) as server:
        yield server


def test_redis_restarted_twice_loses_and_doubles_nothing(
    redis: EmbeddedRedis, postgres_url: str
) -> None:
    with stack(postgres_url, redis.url) as running:
        rows = mixed_rows(running.sandbox, 100)
        running.sandbox.add_fault("slow", call="publish", seconds=0.5, count=None)
        running.start("worker", "scheduler", "beat")
        running.submit(rows)
        address = redis.url

        running.wait_for(lambda: len(running.sandbox.stored()) >= 10)
        redis.stop()
        redis.start()
        running.wait_for(lambda: _gone_on(running, 40))
        assert redis.pid is not None
        os.kill(redis.pid, signal.SIGKILL)
        redis.start()
        assert redis.url == address

        running.wait_for(lambda: _at_rest(running), timedelta(seconds=150))
        assert ended_well(running.jobs()), running.say()
        assert differences(running.sandbox, rows) == []


def _gone_on(running: Stack, stored: int) -> bool:
    running.revive()
    return len(running.sandbox.stored()) >= stored


def _at_rest(running: Stack) -> bool:
    running.revive()
    return running.parts.ledger.campaigns.moving("test") == 0
