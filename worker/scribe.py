"""The scribe: one thread that writes what came of attempts, so that those who send need not wait.

A commit is the dear part of a settlement, so what comes in at about the same time is written
together. The more there is to do, the larger the groups; a lone settlement is written at once.
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from typing_extensions import override

from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.ledger.ending import Ending
from shared.logs import logger
from worker.records import Recorder, Records

log = logger(__name__)

#: While there is much to do, a group is waited for so long: a kill loses track of answers that
#: came this late, no more, and those are looked for at their providers.
GATHER = timedelta(milliseconds=20)
#: A group of this size is not waited for.
MANY = 16
#: No group is larger.
MOST = 64


class Scribe(Recorder):
    """Takes settlements and writes them in groups; `close` writes what is left."""

    def __init__(self, records: Records, gather: timedelta = GATHER) -> None:
        self._records = records
        self._gather = gather
        self._queue: deque[tuple[Ending, Callable[[], None]]] = deque()
        self._changed = threading.Condition()
        self._much = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @override
    def record(self, job: Job, settlement: Settlement, then: Callable[[], None]) -> None:
        with self._changed:
            self._queue.append((self._records.ending(job, settlement), then))
            if len(self._queue) in {1, MANY}:
                self._changed.notify()

    def close(self) -> None:
        """Write what is left, however long SQL is away, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            try:
                self._records.write([ending for ending, _ in group])
            except Exception:
                log.exception("settlements cannot be written; their leases bring the jobs back")
            for _, then in group:
                then()

    def _next(self) -> list[tuple[Ending, Callable[[], None]]]:
        """Return the next group; an empty one after the last."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if self._much:
                self._changed.wait_for(self._enough, self._gather.total_seconds())
            group = [self._queue.popleft() for _ in range(min(len(self._queue), MOST))]
            self._much = len(group) > 1
            return group

    def _enough(self) -> bool:
        return len(self._queue) >= MANY or self._closed
