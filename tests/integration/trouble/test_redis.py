"""Redis in trouble: producers keep accepting, nothing is sent blindly, all is rung for again."""

import base64
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from shared.bootstrap import Parts
from shared.broker import PUBLISH_QUEUE
from shared.domain.limit import Call, Scope
from shared.domain.states import State
from shared.embedded import EmbeddedRedis
from shared.errors import LimiterUnavailable
from shared.rows import read_row
from shared.sandbox.server import Sandbox
from shared.settings import read_settings
from tests.support.clock import FakeClock
from tests.support.scene import ACCOUNTS, Scheduler, connections_of
from tests.support.stack import stack
from tests.support.tcp_proxy import TcpProxy

SECOND = timedelta(seconds=1)
#: A connection whose limits are known, so that an admission has something to count.
SCOPE = Scope("posteverywhere", ACCOUNTS["posteverywhere"])
#: A silent Redis is given up after twice the limiter's socket timeout; nothing hangs on it.
GIVEN_UP_WITHIN_S = 30.0
QUEUE_KEY = f"dropline:{PUBLISH_QUEUE}"


class House:
    """A producer and a scheduler with a real broker and limiter, and a clock of their own."""

    def __init__(self, parts: Parts, clock: FakeClock) -> None:
        self.parts = parts
        self.clock = clock
        self.scheduler = Scheduler(parts, "scheduler@test")
        parts.sync_accounts("genviral")

    def submit(self, count: int = 1, first: int = 0) -> tuple[list[int], bool]:
        """Submit posts and return their ids and whether workers could be rung for."""
        rows = [self._row(number) for number in range(first, first + count)]
        submission = self.parts.producer.submit(rows, campaign="test", by="test")
        return submission.added, submission.rung

    def states(self, ids: Sequence[int]) -> set[State]:
        return {self.parts.ledger.jobs.get(each).state for each in ids}

    def tick(self, after: timedelta = SECOND) -> None:
        self.clock.move(after)
        self.scheduler.rescue.tick()
        self.scheduler.dispatch()

    def admits(self) -> bool:
        try:
            return self.parts.limiter.admit(SCOPE, Call.PUBLISH, 1, self.clock.now()).granted
        except LimiterUnavailable:
            return False

    @staticmethod
    def _row(number: int) -> Any:
        raw = {
            "ref": f"r{number}",
            "provider": "genviral",
            "platform": "linkedin",
            "account": "f6c2d4ee-3405-4041-8e83-536271802206",
            "caption": f"Rye week {number}",
        }
        row, problems = read_row(raw, f"row {number}")
        assert row is not None, problems
        return row


@contextmanager
def house(redis_url: str, home: Path) -> Iterator[House]:
    clock = FakeClock()
    with Sandbox(limits=[]) as sandbox:
        environment = {
            "DROPLINE_HOME": str(home),
            "DROPLINE_DATABASE_URL": f"sqlite:///{home}/dropline.db",
            "DROPLINE_REDIS_URL": redis_url,
            **connections_of(sandbox),
        }
        with Parts(read_settings(environment), clock=clock) as parts:  # type: ignore[arg-type]
            parts.ledger.schema.upgrade()
            made = House(parts, clock)
            made.scheduler.rescue.tick()
            yield made
            made.scheduler.fanout.drain()


def queued_messages(redis_url: str) -> Counter[int]:
    """Return how often each job's id lies in the publish queue."""
    with Redis.from_url(redis_url) as client:
        raw: Any = client.lrange(QUEUE_KEY, 0, -1)
    found: Counter[int] = Counter()
    for message in raw:
        body = json.loads(base64.b64decode(json.loads(message)["body"]))
        found.update(body[0][1])
    return found


def test_while_redis_is_stopped_rows_commit_and_nothing_is_admitted(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        server.stop()
        ids, rung = site.submit(3)
        assert (len(ids), rung) == (3, False)
        assert site.states(ids) == {State.SCHEDULED}
        assert not site.admits()
        assert site.parts.broker.ring(ids) is False
        server.start()
        site.tick()
        assert site.states(ids) == {State.QUEUED}
        assert queued_messages(server.url) == Counter(ids)


def test_a_full_redis_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        before, rung = site.submit(2)
        assert rung
        with Redis.from_url(server.url) as client:
            client.config_set("maxmemory", "1")
            with pytest.raises(OutOfMemoryError):
                client.set("any", "thing")
            ids, rung = site.submit(2, first=2)
            assert rung is False
            assert not site.admits()
            assert site.parts.broker.ring(ids) is False
            for _ in range(3):
                site.clock.move(timedelta(minutes=20))
                site.scheduler.rescue.tick()
            client.config_set("maxmemory", "0")
        site.clock.move(SECOND)
        site.scheduler.rescue.tick()
        assert site.states(ids) == {State.QUEUED}
        found = queued_messages(server.url)
        assert set(found) == {*before, *ids}
        assert max(found.values()) <= 2
        site.tick()
        assert queued_messages(server.url) == found


def test_what_a_full_redis_did_not_take_is_rung_for_at_the_next_rescue(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        with Redis.from_url(server.url) as client:
            client.config_set("maxmemory", "1")
            ids, rung = site.submit(2)
            client.config_set("maxmemory", "0")
        assert rung is False
        assert site.states(ids) == {State.QUEUED}
        site.clock.move(SECOND)
        site.scheduler.rescue.tick()
        assert queued_messages(server.url) == Counter(ids)


def test_a_queue_that_was_committed_and_not_rung_for_is_rung_for_later(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        ids, _ = site.submit(2)
        with Redis.from_url(server.url) as client:
            client.delete(QUEUE_KEY)
        site.tick()
        assert queued_messages(server.url) == Counter()
        site.tick(timedelta(seconds=20))
        assert queued_messages(server.url) == Counter(ids)


def test_restarted_empty_everything_queued_is_rung_for_at_once_and_once(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        ids, _ = site.submit(5)
        server.stop()
        shutil.rmtree(tmp_path / "redis" / "appendonlydir")
        server.start()
        assert queued_messages(server.url) == Counter()
        for _ in range(5):
            site.tick()
        assert queued_messages(server.url) == Counter(ids)


def test_restarted_with_old_data_what_came_since_is_rung_for(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, house(server.url, tmp_path) as site:
        old, _ = site.submit(2)
        server.stop()
        shutil.copytree(tmp_path / "redis" / "appendonlydir", tmp_path / "copy")
        server.start()
        site.tick()
        new, rung = site.submit(2, first=2)
        assert rung
        server.stop()
        shutil.rmtree(tmp_path / "redis" / "appendonlydir")
        shutil.copytree(tmp_path / "copy", tmp_path / "redis" / "appendonlydir")
        server.start()
        assert not set(new) & set(queued_messages(server.url))
        for _ in range(5):
            site.tick()
        found = queued_messages(server.url)
        assert set(found) == {*old, *new}
        assert all(found[each] == 1 for each in new)


def test_a_backlog_that_is_merely_slow_makes_no_storm(redis_url: str, tmp_path: Path) -> None:
    with house(redis_url, tmp_path) as site:
        ids, _ = site.submit(8)
        for _ in range(24):
            for _ in range(6):
                site.tick(timedelta(seconds=25))
        hour = queued_messages(redis_url)
        assert set(hour) == set(ids)
        assert max(hour.values()) <= 1 + 5 + 6


@pytest.mark.timeout(120)
def test_a_connection_that_fell_silent_is_given_up(redis_url: str, tmp_path: Path) -> None:
    port = urlsplit(redis_url).port or 6379
    with TcpProxy(port) as proxy:
        through = redis_url.replace(f":{port}", f":{proxy.port}")
        with house(through, tmp_path) as site:
            first, rung = site.submit()
            assert rung
            proxy.silence()
            started = monotonic()
            ids, rung = site.submit(first=1)
            assert (len(ids), rung) == (1, False)
            assert site.parts.broker.ring(first) is False
            assert monotonic() - started < 2 * GIVEN_UP_WITHIN_S
            proxy.heal()
            site.tick()
            assert site.states(ids) == {State.QUEUED}
            assert set(queued_messages(redis_url)) == {*first, *ids}


def test_processes_outlive_a_redis_that_comes_back_empty(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, stack(None, server.url) as running:
        running.start("worker", "scheduler", "beat")
        row = {
            "provider": "genviral",
            "platform": "linkedin",
            "account": "f6c2d4ee-3405-4041-8e83-536271802206",
        }
        running.submit([{**row, "ref": "before", "caption": "before"}])
        running.wait_at_rest()
        server.stop()
        shutil.rmtree(tmp_path / "redis" / "appendonlydir")
        submission = running.submit([{**row, "ref": "during", "caption": "during"}])
        assert (len(submission.added), submission.rung) == (1, False)
        server.start()
        jobs = running.wait_at_rest()
        assert [job.state for job in jobs] == [State.SUCCEEDED, State.SUCCEEDED]
        assert sorted(post["caption"] for post in running.sandbox.stored()) == ["before", "during"]
