"""The ledger is a store for the limiter: what it keeps in SQL brings a lost Redis back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from shared.domain.limit import Call, Limit
from shared.ledger import Ledger
from shared.limits.redis_limiter import RedisLimiter
from shared.limits.store import LimitStore
from tests.support.clock import FakeClock
from tests.support.limiters import MINUTE, NOON, SCOPE, SECOND, Field
from tests.support.sqlite import fresh_ledger


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LimitStore]:
    ledger = Ledger.open(fresh_ledger(tmp_path / "ledger.db"))
    yield ledger.limits
    ledger.close()


def test_the_ledger_brings_blocks_and_learnt_limits_back(
    store: LimitStore, redis_url: str, redis_ground: Field
) -> None:
    clock = FakeClock(NOON)
    limiter = RedisLimiter(redis_url, lambda _: (Limit(requests=60, per=MINUTE),), store, clock)
    try:
        assert limiter.admit(SCOPE, Call.STATUS, 1, NOON).granted
        limiter.learn(SCOPE, Call.STATUS, redis_ground.windowed(90, 80, NOON + 30 * SECOND))
        limiter.block(SCOPE, NOON + 10 * MINUTE, "the account rests", NOON)
        with Redis.from_url(redis_url) as raw:
            raw.flushdb()

        denied = limiter.admit(SCOPE, Call.STATUS, 1, NOON)

        assert denied.until == NOON + 10 * MINUTE
        clock.move(10 * MINUTE)
        room = limiter.headroom([SCOPE], Call.STATUS, clock.now())[0]
        assert room.free == 90
    finally:
        limiter.close()
