"""A real Redis-protocol server for tests: DROPLINE_TEST_REDIS_URL, else the embedded one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from shared.embedded import EmbeddedRedis


@dataclass(frozen=True)
class RedisServer:
    """A server whose database is the tests' own."""

    url: str

    def flush(self) -> None:
        with Redis.from_url(self.url) as client:
            client.flushdb()


@contextmanager
def redis() -> Iterator[RedisServer]:
    if given := os.environ.get("DROPLINE_TEST_REDIS_URL"):
        yield RedisServer(given)
        return
    with (
        tempfile.TemporaryDirectory(prefix="dropline-redis-") as home,
        EmbeddedRedis(Path(home)) as server,
    ):
        yield RedisServer(server.url)
