"""The limiter of all processes together: its books are in Redis, its long memory in SQL."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from typing_extensions import override

from shared.clock import Clock
from shared.domain.limit import POLLING_SHARE, Admission, Call, Limit, Scope
from shared.errors import LimiterUnavailable, PartUnreachable
from shared.limits.limiter import LearningLimiter
from shared.limits.rebuilding import LEASE_RENEWED_WITHIN, save_lease
from shared.limits.redis_books import RedisBooks
from shared.limits.store import LimitStore


class RedisLimiter(LearningLimiter):
    """Admits only under a lease in SQL, which it renews, with a snapshot, every 20 s of use."""

    def __init__(
        self,
        redis_url: str,
        limits: Callable[[Scope], Sequence[Limit]],
        store: LimitStore,
        clock: Clock,
        share: Callable[[str], float] = lambda _connection: POLLING_SHARE,
    ) -> None:
        self._redis_books = RedisBooks(redis_url, store, clock)
        super().__init__(self._redis_books, limits, store, clock, share)
        self._lease_store = store
        self._leased_at: datetime | None = None
        self._renewing = threading.Lock()

    @override
    def admit(
        self,
        scope: Scope,
        call: Call,
        cost: int,
        now: datetime,
        containers: int | None = None,
    ) -> Admission:
        self._keep_lease(now)
        return super().admit(scope, call, cost, now, containers)

    def close(self) -> None:
        self._redis_books.close()

    def _keep_lease(self, now: datetime) -> None:
        if self._is_leased(now):
            return
        with self._renewing:
            if self._is_leased(now):
                return
            self._redis_books.epoch()
            try:
                save_lease(self._lease_store, now)
            except PartUnreachable as away:
                raise LimiterUnavailable(f"the limiter has no lease: {away}") from away
            self._leased_at = now
            self.snapshot(now)

    def _is_leased(self, now: datetime) -> bool:
        return self._leased_at is not None and now - self._leased_at < LEASE_RENEWED_WITHIN
