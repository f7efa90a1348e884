"""Places: how many jobs a worker runs at once. A job that only waits for its moment needs none.

Posts are released a little before their time, and before their limit's next slot. If those that
wait held places, one throttled connection would keep the posts of all others back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

#: So long it is waited for more places than one to come free: what takes them is a commit.
MOMENT = timedelta(milliseconds=20)

#: For each job that runs so many more may rest; they are claimed, and each has a thread.
RESTING = 4


class Places:
    """Counts the jobs that run and those that rest; `close` ends all waiting."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = places
        self._resting = 0
        #: Those whose moment has come and who have no place yet; they are next.
        self._returning = 0
        self._changed = threading.Condition()
        self._closed = False

    @property
    def threads(self) -> int:
        """How many jobs may be claimed at once, running or resting."""
        return self._places * (1 + RESTING)

    @property
    def busy(self) -> int:
        """How many jobs are running."""
        return self._places - self._free

    def take(self, wanted: int) -> int:
        """Wait for free places and take up to `wanted` of them; 0 once it is closed.

        When nearly all are taken, a few more are waited for a moment.
        """
        enough = min(wanted, max(self._places // 4, 1))
        with self._changed:
            while not self._closed:
                self._wait_for(1)
                self._wait_for(enough, MOMENT)
                taken = min(wanted, self._free - self._returning)
                if taken > 0 and not self._closed:
                    self._free -= taken
                    return taken
            return 0

    def give_back(self, places: int) -> None:
        with self._changed:
            self._free += places
            self._changed.notify_all()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Give the place of a running job back while the block waits; then it is the next."""
        rests = self._rest()
        try:
            yield
        finally:
            if rests:
                self._go_on()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _rest(self) -> bool:
        with self._changed:
            if self._resting >= self._places * RESTING:
                return False
            self._resting += 1
            self._free += 1
            self._changed.notify_all()
            return True

    def _go_on(self) -> None:
        with self._changed:
            self._resting -= 1
            self._returning += 1
            self._changed.wait_for(lambda: self._free > 0)
            self._returning -= 1
            self._free -= 1

    def _wait_for(self, free: int, within: timedelta | None = None) -> None:
        seconds = None if within is None else within.total_seconds()
        self._changed.wait_for(
            lambda: self._free - self._returning >= free or self._closed, seconds
        )
