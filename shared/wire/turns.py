"""Turns: threads that wait for a slot of the same limit ask for it one after the other.

If all of them asked whenever one slot opens, a hundred waiting posts would ask ten thousand times.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


class Turns:
    """One line for each limit; whoever stands first asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, deque[threading.Lock]] = {}

    @contextmanager
    def turn(self, limit: str, within: timedelta) -> Iterator[bool]:
        """Stand in line while the block runs; it begins when all before have gone.

        Or when `within` is over. Give whether there was anybody to wait for.
        """
        mine = threading.Lock()
        mine.acquire()
        with self._lock:
            line = self._lines.setdefault(limit, deque())
            line.append(mine)
            waits = line[0] is not mine
        if waits:
            mine.acquire(timeout=within.total_seconds())
        try:
            yield waits
        finally:
            self._leave(limit, line, mine)

    def _leave(self, limit: str, line: deque[threading.Lock], mine: threading.Lock) -> None:
        with self._lock:
            was_first = line[0] is mine
            line.remove(mine)
            if not line:
                del self._lines[limit]
            elif was_first:
                line[0].release()
