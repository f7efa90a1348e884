"""The ground of a benchmark: PostgreSQL, Redis, a far end, and Dropline's real processes."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.far_end import account_ids, far_end
from shared.domain.job import NewJob
from shared.domain.post import Kind, Media, Post
from shared.embedded import EmbeddedRedis
from shared.embedded.waiting import until
from tests.support.embedded_postgres import EmbeddedPostgres
from tests.support.stack import Stack

#: How long processes may take to start.
PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where everything is; the database is durable, as in production."""

    home: Path
    database_url: str
    redis_url: str
    far_end_url: str
    #: The process ids of the servers.
    servers: Mapping[str, int]

    def stack(self, **environment: str) -> Stack:
        """Return Dropline on this ground, nothing started, its only provider the far end."""
        made = Stack(self.home, self.database_url, self.redis_url, _Far(self.far_end_url))  # type: ignore[arg-type]
        made.environment |= {"DROPLINE_LOG_LEVEL": "warning", **environment}
        made.parts.ledger.schema.upgrade()
        return made


@dataclass(frozen=True)
class _Far:
    url: str

    @property
    def base_urls(self) -> dict[str, str]:
        return {"wahdx": self.url}

    @property
    def api_keys(self) -> dict[str, str]:
        return {"wahdx": "a-key-of-the-benchmark"}


def ground(delay_s: float) -> AbstractContextManager[Ground]:
    """Start the parts; the far end answers after so many seconds."""
    return ground_before(far_end(delay_s))


@contextmanager
def ground_before(far: AbstractContextManager[str]) -> Iterator[Ground]:
    """Start the parts, and a far end that gives its address."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-bench-")))
        # Apart from the rest, since another user's server must get at it.
        cluster = stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-postgres-"))
        postgres = EmbeddedPostgres(Path(cluster), durable=True).start()
        stack.callback(postgres.stop)
        redis = stack.enter_context(EmbeddedRedis(home / "redis"))
        url = stack.enter_context(far)
        servers = {"postgres": postgres.pid or 0, "redis": redis.pid or 0}
        yield Ground(home, postgres.url, redis.url, url, servers)


def wait_until_up(stack: Stack) -> None:
    """Wait until every process of Dropline has shown that it is there."""
    if not until(lambda: _are_up(stack), PATIENCE):
        raise AssertionError(f"they do not come up:\n{stack.logs()[-3_000:]}")


def _are_up(stack: Stack) -> bool:
    alive = stack.parts.ledger.heartbeats.alive(datetime.now(UTC), PATIENCE)
    return len(alive) >= len(stack.pids())


def new_jobs(times: Sequence[datetime], prefix: str) -> list[NewJob]:
    """Return one image post for each time, over the far end's accounts in turn."""
    accounts = account_ids()
    return [
        NewJob(
            ref=f"{prefix}{number}",
            provider="wahdx",
            connection="wahdx",
            run_at=at,
            post=Post(
                platform="instagram",
                account_id=accounts[number % len(accounts)],
                kind=Kind.IMAGE,
                caption=f"{prefix}{number}",
                media=(Media(url="https://cdn.example.com/1.jpg"),),
            ),
        )
        for number, at in enumerate(times)
    ]
