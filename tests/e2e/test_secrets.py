"""I7: after a run in which every provider refused and quoted its key, the key is nowhere."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import MetaData, create_engine, select

from shared.domain.job import Job
from shared.domain.states import State
from tests.support.posts import mixed_rows
from tests.support.processes import arguments_of
from tests.support.stack import Stack, stack

pytestmark = pytest.mark.timeout(180)

CALLS = ("publish", "upload", "status", "history", "accounts")


def test_no_key_is_in_redis_sql_logs_or_errors(postgres_url: str, redis_url: str) -> None:
    with stack(postgres_url, redis_url) as running:
        running.environment["DROPLINE_LOG_LEVEL"] = "debug"
        running.submit(mixed_rows(running.sandbox, 32))
        for provider, key in running.sandbox.api_keys.items():
            _misbehave(running, provider, key)
        running.start("worker", "scheduler", "beat")
        running.wait_for(lambda: _all_was_said(running))
        jobs = running.jobs()

        places = {
            "Redis": "\n".join(_redis(redis_url)),
            "SQL": "\n".join(_sql(running)),
            "the logs": running.logs(),
            "the command line": "\n".join(_shown(running, jobs)),
            "arguments": "\n".join(arguments_of(pid) for pid in running.pids().values()),
        }
        for place, text in places.items():
            assert len(text) > 100, f"{place} is empty"
            for provider, key in running.sandbox.api_keys.items():
                assert key not in text, f"{provider}'s key is in {place}"
        assert "[redacted]" in places["SQL"]
        assert "[redacted]" in places["the command line"]


def _misbehave(running: Stack, provider: str, key: str) -> None:
    """Let a provider refuse calls of every kind, quoting the key, and lose some answers."""
    quoting = f"the key {key} (Authorization: Bearer {key}) is not good enough"
    for call in CALLS[1:]:
        for status in (401, 500):
            running.sandbox.add_fault(
                "error_before", provider=provider, call=call, status=status, message=quoting
            )
    for status in (401, 402, 500):
        running.sandbox.add_fault(
            "error_before", provider=provider, call="publish", status=status, message=quoting
        )
    running.sandbox.add_fault("lost_answer", provider=provider, call="publish")
    running.sandbox.add_fault("refuse_publish", provider=provider, message=quoting)
    running.sandbox.add_fault("rate_limit", provider=provider, call="publish", retry_after_s=1)


def _all_was_said(running: Stack) -> bool:
    """Whether every refusal of a publish call was answered, and jobs have ended in every way."""
    left = [each for each in running.sandbox.faults() if each["count"]]
    ended = {job.state for job in running.jobs()}
    quoted = not any(each["call"] == "publish" for each in left)
    return quoted and {State.SUCCEEDED, State.FAILED, State.HELD} <= ended


def _redis(url: str) -> Iterator[str]:
    """Give every key with its bytes as dumped, and as they read, since a dump is compressed."""
    with Redis.from_url(url) as client:
        for key in client.scan_iter(count=1_000):
            yield repr(key)
            yield repr(client.dump(key))
            yield repr(_value(client, key))


def _value(client: Any, key: bytes) -> Any:
    readers = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
    }
    return readers.get(client.type(key), lambda _: None)(key)


def _sql(running: Stack) -> Iterator[str]:
    engine = create_engine(running.environment["DROPLINE_DATABASE_URL"])
    tables = MetaData()
    tables.reflect(engine)
    assert {"job", "attempt", "event", "account", "lane"} <= set(tables.tables)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            yield table.name
            for row in connection.execute(select(table)):
                yield repr(tuple(row))
    engine.dispose()


def _shown(running: Stack, jobs: Sequence[Job]) -> Iterator[str]:
    """Show the jobs as a person and as a program sees them, and what a refused key says."""
    failed = next(str(each.id) for each in jobs if each.state is State.FAILED)
    commands = [["jobs", "list", "--json"], ["jobs", "show", failed], ["doctor"]]
    commands += [["jobs", "show", failed, "--json"], ["accounts", "sync"]]
    for provider, key in running.sandbox.api_keys.items():
        running.sandbox.add_fault(
            "error_before", provider=provider, call="accounts", status=401, message=key, count=None
        )
    for command in commands:
        yield _dropline(running.environment, command)


def _dropline(environment: Mapping[str, str], command: list[str]) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dropline")), *command],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr
