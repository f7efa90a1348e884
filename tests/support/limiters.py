"""Limiters of both kinds, as one test drives them: several instances stand for processes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.domain.limit import POLLING_SHARE, Admission, Call, Limit, Reading, Reply, Scope
from shared.limits.limiter import LearningLimiter
from shared.limits.memory_books import MemoryBooks
from shared.limits.memory_limiter import MemoryLimiter
from shared.limits.redis_limiter import RedisLimiter
from tests.support.clock import FakeClock
from tests.support.limit_store import MemoryStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONNECTION = "posteverywhere"
SCOPE = Scope(CONNECTION, "17")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Field:
    """A clock, a store, the limits in force, and a maker of limiters over one set of books."""

    make: Callable[["Field"], LearningLimiter]
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    store: MemoryStore = field(default_factory=MemoryStore)
    limits: Sequence[Limit] = ()
    share: float = POLLING_SHARE
    made: list[RedisLimiter] = field(default_factory=list)

    def limiter(self, *limits: Limit) -> LearningLimiter:
        """Return another process' limiter; limits given come into force for all."""
        self.limits = limits or self.limits
        return self.make(self)

    def in_force(self, _scope: Scope) -> Sequence[Limit]:
        return self.limits

    def share_of(self, _connection: str) -> float:
        return self.share

    def move(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))

    def admit(
        self,
        limiter: LearningLimiter,
        scope: Scope = SCOPE,
        call: Call = Call.STATUS,
        cost: int = 1,
        containers: int | None = None,
    ) -> Admission:
        return limiter.admit(scope, call, cost, self.clock.now(), containers)

    def reply(self, status: int = 200, body: object = None, **headers: object) -> Reply:
        """Return an answer that arrives now; `x_reset=5` is the header X-Ratelimit-Reset: 5."""
        told = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return Reply(status=status, headers=told, body=body, received_at=self.clock.now())

    def told(self, headers: Mapping[str, int]) -> Reply:
        return self.reply(200, None, **headers)

    def windowed(self, limit: int, remaining: int, resets_at: datetime) -> Reply:
        return self.reply(
            x_ratelimit_limit=limit,
            x_ratelimit_remaining=remaining,
            x_ratelimit_reset=int(resets_at.timestamp()),
        )

    def call(
        self,
        limiter: LearningLimiter,
        reply: Reply | None = None,
        scope: Scope = SCOPE,
        call: Call = Call.STATUS,
    ) -> Reading | None:
        """Admit and answer at once; None when not admitted."""
        if not self.admit(limiter, scope, call).granted:
            return None
        return limiter.learn(scope, call, reply or self.reply())

    def calls(
        self,
        limiter: LearningLimiter,
        most: int = 1_000,
        scope: Scope = SCOPE,
        call: Call = Call.STATUS,
    ) -> int:
        """Call until refused, and return how often it was granted."""
        for granted in range(most):
            if self.call(limiter, scope=scope, call=call) is None:
                return granted
        return most


@contextmanager
def memory_field() -> Iterator[Field]:
    books = MemoryBooks()
    yield Field(
        lambda each: MemoryLimiter(each.in_force, each.store, each.clock, books, each.share_of)
    )


@contextmanager
def redis_field(url: str) -> Iterator[Field]:
    ground = Field(lambda each: _redis_limiter(each, url))
    try:
        yield ground
    finally:
        for limiter in ground.made:
            limiter.close()


def _redis_limiter(ground: Field, url: str) -> RedisLimiter:
    limiter = RedisLimiter(url, ground.in_force, ground.store, ground.clock, ground.share_of)
    ground.made.append(limiter)
    return limiter
