"""The limiter of one process: the twin of the Redis limiter for tests and for trying things out."""

from collections.abc import Callable, Sequence

from shared.clock import Clock
from shared.domain.limit import POLLING_SHARE, Limit, Scope
from shared.limits.limiter import LearningLimiter
from shared.limits.memory_books import MemoryBooks
from shared.limits.store import LimitStore


class MemoryLimiter(LearningLimiter):
    """Counts for the threads of one process, and forgets with it; twins may share their books."""

    def __init__(
        self,
        limits: Callable[[Scope], Sequence[Limit]],
        store: LimitStore | None,
        clock: Clock,
        books: MemoryBooks | None = None,
        share: Callable[[str], float] = lambda _connection: POLLING_SHARE,
    ) -> None:
        super().__init__(books or MemoryBooks(), limits, store, clock, share)
