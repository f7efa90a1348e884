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
        self._few = max(places // 4, 1)
        self._free = places
        self._resting = 0
        #: Those whose moment has come and who have no place yet; they are next.
        self._returning = 0
        self._closed = False
        lock = threading.Lock()
        self._room = threading.Condition(lock)
        self._turn = threading.Condition(lock)

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
        enough = min(wanted, self._few)
        with self._room:
            while not self._closed:
                self._room.wait_for(lambda: self._offers(enough), MOMENT.total_seconds())
                taken = min(wanted, self._free - self._returning)
                if taken > 0 and not self._closed:
                    self._free -= taken
                    return taken
            return 0

    def give_back(self, places: int) -> None:
        with self._room:
            self._add(places)

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
        with self._room:
            self._closed = True
            self._room.notify_all()

    def _rest(self) -> bool:
        with self._room:
            if self._resting >= self._places * RESTING:
                return False
            self._resting += 1
            self._add(1)
            return True

    def _go_on(self) -> None:
        with self._turn:
            self._resting -= 1
            self._returning += 1
            self._turn.wait_for(lambda: self._free > 0)
            self._returning -= 1
            self._free -= 1

    def _add(self, places: int) -> None:
        """Wake only those who may go: a thread that wakes for nothing costs as much as a call."""
        self._free += places
        if self._returning:
            self._turn.notify(places)
        elif self._offers(self._few):
            self._room.notify_all()

    def _offers(self, places: int) -> bool:
        return self._free - self._returning >= places or self._closed
