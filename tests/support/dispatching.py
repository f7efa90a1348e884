"""Dispatch alone: a real ledger, the limiter in memory, two connections, and nobody who works."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from shared.connected import Connected
from shared.dispatch import Dispatcher
from shared.domain.job import Job, NewJob
from shared.domain.limit import Limit, Scope
from shared.domain.post import Kind, Post
from shared.domain.release import LatePolicy
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter
from shared.limits.memory_limiter import MemoryLimiter
from shared.providers import provider_named
from shared.settings import Connection, Policies
from tests.support.clock import FakeClock
from tests.support.scene import Bell

LEASE = timedelta(seconds=30)


class Counter:
    """Puts jobs in, ticks, and looks at what was let go."""

    def __init__(self, url: str) -> None:
        self.ledger = Ledger.open(url)
        self.clock = FakeClock()
        self.bell = Bell()
        self.limits: Sequence[Limit] = ()
        self.limiter = MemoryLimiter(self._limits_of, None, self.clock)
        self.connections = {name: _connected(name) for name in ("wonda", "genviral")}
        self.dispatcher = self.another()

    def another(self) -> Dispatcher:
        """Return the dispatcher of another process over the same ledger."""
        return Dispatcher(self.ledger, self.limiter, self.bell, self.connections, self.clock)

    def add(self, count: int = 1, *, account: str = "a1", **more: Any) -> list[int]:
        connection = more.pop("connection", "wonda")
        prefix = more.pop("ref", f"{connection} {account}")
        same = more.pop("caption", None)
        campaign, rules = more.pop("campaign", "test"), more.pop("rules", None)
        jobs = [
            NewJob(
                ref=f"{prefix} {number}",
                provider=connection,
                connection=connection,
                post=Post(
                    platform="instagram",
                    account_id=account,
                    kind=Kind.TEXT,
                    caption=same or f"{prefix} {number}",
                ),
                **more,
            )
            for number in range(count)
        ]
        now = self.clock.now()
        done = self.ledger.campaigns.submit(campaign, jobs, rules=rules, now=now, by="test")
        return done.added

    def tick(self) -> list[int]:
        """Tick once and return the jobs that were rung for, in order."""
        before = len(self.bell.rung)
        self.dispatcher.tick("test")
        return self.bell.rung[before:]

    def claim(self, *ids: int) -> list[Job]:
        now = self.clock.now()
        return self.ledger.claims.claim(ids, owner="w", lease=LEASE, now=now, by="w")

    def states(self) -> dict[int, State]:
        return {job.id: job.state for job in self.jobs()}

    def jobs(self) -> list[Job]:
        return self.ledger.jobs.page(JobFilter(campaign="test"), limit=10_000)

    def late_policy(self, connection: str, policy: LatePolicy) -> None:
        self.connections[connection] = _connected(connection, policy)

    def in_(self, **duration: float) -> datetime:
        return self.clock.now() + timedelta(**duration)

    def _limits_of(self, _scope: Scope) -> Sequence[Limit]:
        return self.limits


@contextmanager
def counter(url: str) -> Iterator[Counter]:
    made = Counter(url)
    yield made
    made.ledger.close()


def _connected(name: str, late: LatePolicy | None = None) -> Connected:
    connection = Connection(
        name=name,
        provider=name,
        base_url=None,
        key=None,
        key_variable="NOT_READ",
        policies=Policies(late=late or LatePolicy()),
    )
    return Connected(connection=connection, provider=provider_named(name), account_limits={})
