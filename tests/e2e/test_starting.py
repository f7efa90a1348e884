"""Processes start in any order, wait for what is not there, and say what is wrong in one line."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from shared.embedded import EmbeddedRedis
from tests.support.embedded_postgres import EmbeddedPostgres
from tests.support.posts import differences, mixed_rows
from tests.support.processes import is_running
from tests.support.stack import Stack, ended_well, procfile, stack

pytestmark = pytest.mark.timeout(180)

KINDS = ("worker", "scheduler", "beat")
BROKEN = """\
[policies]
max_attempts = 0
[connections.x]
provider = "wonda"
sparkle = 1
limits = [{requests = 5, per = "soon"}]
"""


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="dropline-postgres-"))
    folder.chmod(0o755)  # the server may run as another user
    with EmbeddedPostgres(folder / "server") as server:
        yield server
    shutil.rmtree(folder)


def complaints(running: Stack, name: str) -> list[str]:
    """Return what a process said of itself on its way out, without a traceback."""
    log = running.log(name)
    assert "Traceback" not in log, log
    start = log.index("dropline: ")
    return log[start:].splitlines()


def wait_said(running: Stack, name: str, text: str) -> None:
    running.wait_for(lambda: text in running.log(name))


def test_processes_wait_for_redis_and_sql_and_then_work(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with EmbeddedRedis(tmp_path) as redis, stack(postgres.url, redis.url) as running:
        addresses = postgres.url, redis.url
        postgres.stop()
        redis.stop()

        running.start(*KINDS)
        for name in ("worker", "scheduler"):
            wait_said(running, name, "the database")
        postgres.start()
        for name in ("worker", "scheduler"):
            wait_said(running, name, "Redis cannot be reached")
        redis.start()
        assert (postgres.url, redis.url) == addresses

        rows = mixed_rows(running.sandbox, 16)
        running.submit(rows)
        assert ended_well(running.wait_at_rest()), running.say()
        assert differences(running.sandbox, rows) == []
        assert all(is_running(pid) for pid in running.pids().values())


def test_a_process_that_waits_ends_well_when_told_to(redis_url: str, tmp_path: Path) -> None:
    with stack(None, redis_url) as running:
        running.environment["DROPLINE_REDIS_URL"] = ""
        running.start("worker", "beat")
        for name in ("worker", "beat"):
            wait_said(running, name, "Redis is not running here")
            assert running.terminate(name) == 0, running.log(name)


def test_broken_settings_end_every_process_with_all_that_is_wrong(redis_url: str) -> None:
    with stack(None, redis_url) as running:
        (running.home / "dropline.toml").write_text(BROKEN)
        running.start(*procfile())
        for name in procfile():
            assert running.exit_status(name) == 2, running.log(name)
            said = complaints(running, name)
            assert len(said) == 4, said
            for place in ("max_attempts", "x.sparkle", "x.limits.0.per"):
                assert any(place in line for line in said), said


def test_an_outdated_schema_or_an_unknown_provider_ends_a_process_in_one_line(
    redis_url: str,
) -> None:
    with stack(None, redis_url) as running:
        database = running.environment["DROPLINE_DATABASE_URL"]
        running.environment["DROPLINE_DATABASE_URL"] = f"sqlite:///{running.home}/empty.db"
        running.start("worker", "scheduler")
        running.environment["DROPLINE_DATABASE_URL"] = database
        (running.home / "other.toml").write_text('[connections.x]\nprovider = "nobody"\n')
        running.environment["DROPLINE_CONFIG"] = str(running.home / "other.toml")
        running.start("worker2", "scheduler2")

        for name in ("worker", "scheduler"):
            assert running.exit_status(name) == 5, running.log(name)
            (line,) = complaints(running, name)
            assert "dropline db upgrade" in line
        for name in ("worker2", "scheduler2"):
            assert running.exit_status(name) == 2, running.log(name)
            (line,) = complaints(running, name)
            assert "nobody" in line
            assert "genviral, posteverywhere, wahdx, wonda" in line


def test_beat_alone_starts_and_its_ticks_wait_no_longer_than_they_are_good_for(
    redis_url: str,
) -> None:
    with stack(None, redis_url) as running, Redis.from_url(redis_url) as client:
        running.start("beat")
        running.wait_for(lambda: bool(client.exists("dropline:ticks")))
        (message,) = client.lrange("dropline:ticks", -1, -1)
        assert b'"expires"' in message
        assert running.terminate("beat", timedelta(seconds=10)) == 0
