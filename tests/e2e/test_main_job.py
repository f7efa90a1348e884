"""The main job with every part real: processes, SQL, Redis, and four providers over HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.states import State
from tests.support.posts import differences, mixed_rows, stored_by_caption
from tests.support.redis import RedisServer
from tests.support.stack import Stack, ended_well, stack

#: A job whose worker was killed takes a lease, and then 150 s until its absence may be believed.
MINUTES = timedelta(minutes=5)

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def running(database_url: str | None, redis_url: str) -> Iterator[Stack]:
    with stack(database_url, redis_url) as made:
        made.start("worker", "scheduler", "beat")
        yield made


@pytest.fixture
def on_postgresql(postgres_url: str, redis_url: str) -> Iterator[Stack]:
    with stack(postgres_url, redis_url) as made:
        yield made


def test_200_jobs_are_published_once_each_as_asked(running: Stack) -> None:
    rows = mixed_rows(running.sandbox, 200)
    running.submit(rows)

    jobs = running.wait_at_rest(within=MINUTES)

    assert ended_well(jobs), running.say()
    assert differences(running.sandbox, rows) == []
    assert all(job.attempts == 1 for job in jobs)
    assert running.submit(rows).unchanged == 200
    assert list(running.parts.auditor.ledger_alone()) == []
    assert list(running.parts.auditor.against_providers()) == []


def test_a_killed_worker_and_an_emptied_redis_double_and_lose_nothing(
    on_postgresql: Stack, redis_server: RedisServer
) -> None:
    running = on_postgresql
    rows = mixed_rows(running.sandbox, 100, carousels=False)
    running.start("worker", "scheduler", "beat")
    running.submit(rows)
    running.wait_for(lambda: len(running.sandbox.stored()) >= 20)
    running.kill("worker")
    redis_server.flush()
    running.start("worker")

    jobs = running.wait_at_rest(within=MINUTES)

    stored = stored_by_caption(running.sandbox)
    twice = [caption for caption, posts in stored.items() if len(posts) > 1]
    assert twice == []
    for job in jobs:
        assert job.state in {State.SUCCEEDED, State.HELD}, running.say()
        if job.state is State.SUCCEEDED:
            assert job.post.caption in stored
        else:
            assert job.provider == "wahdx", running.say()
    assert list(running.parts.auditor.ledger_alone()) == []


def test_sigterm_ends_each_process_with_0_and_strands_nothing(on_postgresql: Stack) -> None:
    running = on_postgresql
    rows = mixed_rows(running.sandbox, 60)
    running.sandbox.add_fault("slow", call="publish", seconds=1.0, count=None)
    running.start("worker", "scheduler", "beat")
    running.submit(rows)
    running.wait_for(lambda: len(running.sandbox.stored()) >= 10)

    assert running.terminate("worker") == 0, running.log("worker")
    left = {job.state for job in running.jobs()}
    assert State.PUBLISHING not in left
    assert State.UNCERTAIN not in left
    assert running.terminate("scheduler") == 0, running.log("scheduler")
    assert running.terminate("beat") == 0, running.log("beat")

    running.start("beat", "scheduler", "worker")
    assert ended_well(running.wait_at_rest(within=MINUTES)), running.say()
    assert differences(running.sandbox, rows) == []
