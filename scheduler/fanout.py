"""Runs reads of different connections side by side, one at a time for each connection.

A provider that hangs holds up nobody but itself: what was claimed for it while it is busy comes
back when the short claim on it runs out.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from shared.logs import logger

log = logger(__name__)

#: Three lanes a connection, and all of them may hang; idle threads are used again first.
THREADS = 256


class FanOut:
    """A pool in which each lane, such as `settle wonda`, has at most one call running."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read")
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        #: Nothing new is taken: a call that goes on in rounds ends with the one it is in.
        self.draining = threading.Event()

    def run(self, lane: str, call: Callable[[], object]) -> bool:
        """Start `call` unless one of this lane is running; say whether it was started."""
        with self._lock:
            if lane in self._busy:
                return False
            self._busy.add(lane)
        self._pool.submit(self._run, lane, call)
        return True

    def busy(self, lane: str) -> bool:
        with self._lock:
            return lane in self._busy

    def drain(self) -> None:
        """Take nothing new and wait for what runs."""
        self.draining.set()
        self._pool.shutdown(wait=True)

    def _run(self, lane: str, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception:
            log.exception("a read of a provider broke off", lane=lane)
        finally:
            with self._lock:
                self._busy.discard(lane)
