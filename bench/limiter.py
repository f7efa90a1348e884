"""What an admission costs, beside a bare PING of the same server."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.measure import Figure, Size, per_second
from shared.clock import SystemClock
from shared.domain.limit import Call, Limit, Reach, Scope, Window
from shared.embedded import EmbeddedRedis
from shared.ledger import Ledger
from shared.limits.redis_limiter import RedisLimiter
from shared.redis_address import open_redis

LIMITS = (
    Limit(requests=10_000_000, per=timedelta(minutes=1), window=Window.FIXED),
    Limit(requests=10_000_000, per=timedelta(hours=24), window=Window.FIXED, reach=Reach.ACCOUNT),
)


REQUESTS = {Size.SMOKE: 200, Size.FULL: 5_000}


def measure(size: Size) -> Iterator[Figure]:
    """Admit requests under two windows, one by one."""
    count = REQUESTS[size]
    with (
        tempfile.TemporaryDirectory(prefix="dropline-bench-") as home,
        EmbeddedRedis(Path(home)) as server,
    ):
        ledger = Ledger.open(f"sqlite:///{home}/ledger.db")
        ledger.schema.upgrade()
        clock = SystemClock()
        limiter = RedisLimiter(server.url, lambda _scope: LIMITS, ledger.limits, clock)
        scope = Scope("wahdx", "account-1")
        limiter.admit(scope, Call.PUBLISH, 1, clock.now())

        def admit_each() -> None:
            for _ in range(count):
                limiter.admit(scope, Call.PUBLISH, 1, clock.now())

        def ping_each() -> None:
            for _ in range(count):
                client.ping()

        with open_redis(server.url, {}) as client:
            bound = per_second(count, ping_each)
        rate = per_second(count, admit_each)
        what = "admissions under two windows"
        yield Figure(what=what, value=rate, unit="1/s", beside="PING", bound=bound)
        limiter.close()
        ledger.close()
