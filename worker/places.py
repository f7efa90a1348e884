"""Places: how many jobs a worker runs at once, and which of its claimed ones runs next.

Claimed jobs wait here, so that one claim takes many of them, and a thread that is done goes on
with the next. A job that only waits for its moment gives its place away: if those that wait held
places, one throttled connection would keep the posts of all others back.

claimed ─→ ready ─→ running ─→ done
                     │   ↑
                     ↓   │ before those that are ready
                   resting
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

Claimed = TypeVar("Claimed")

#: For each job that runs so many more may rest; each of them has a thread.
RESTING = 4


class Places(Generic[Claimed]):
    """Counts the jobs that run and those that rest; `start` runs one on a thread of its own."""

    def __init__(self, places: int, start: Callable[[Claimed], object]) -> None:
        self._places = places
        self._start = start
        self._free = places
        self._ready: deque[Claimed] = deque()
        #: Jobs that are being claimed now.
        self._asked = 0
        #: The room that each of those who wait for it needs.
        self._wanted: list[int] = []
        self._resting = 0
        #: Those whose moment has come and who have no place yet; they are next.
        self._returning = 0
        self._closed = False
        lock = threading.Lock()
        self._room = threading.Condition(lock)
        self._turn = threading.Condition(lock)

    @property
    def threads(self) -> int:
        """How many jobs may be running or resting."""
        return self._places * (1 + RESTING)

    @property
    def busy(self) -> int:
        """How many jobs are running."""
        return self._places - self._free

    def ask(self, wanted: int) -> int:
        """Wait until jobs may be claimed, and return how many of so many; 0 once it is closed.

        As many as there are places may be ready. A claim costs a commit, however many jobs it
        takes: nobody asks again for a few while half of the ready ones are left.
        """
        enough = min(wanted, max(self._places // 2, 1))
        with self._room:
            self._wanted.append(enough)
            self._room.wait_for(lambda: self._closed or self._left() >= enough)
            self._wanted.remove(enough)
            if self._closed:
                return 0
            granted = min(wanted, self._left())
            self._asked += granted
            return granted

    def add(self, asked: int, claimed: Sequence[Claimed]) -> None:
        """Take in what came of a claim of so many, and start those that have a place."""
        with self._room:
            self._asked -= asked
            self._ready.extend(claimed)
            begins = [self._ready.popleft() for _ in range(self._startable())]
            self._free -= len(begins)
            self._tell_room()
        for each in begins:
            self._start(each)

    def next(self) -> Claimed | None:
        """Give the place of a job that is done to the next; it is returned when it is ready."""
        with self._room:
            if self._ready and self._returning <= self._free and not self._closed:
                following = self._ready.popleft()
            else:
                following = None
                self._vacate()
            self._tell_room()
            return following

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Give the place of a running job away while the block waits; then it is the next."""
        rests = self._rest()
        try:
            yield
        finally:
            if rests:
                self._go_on()

    def close(self) -> None:
        """Let nothing more be claimed or begin."""
        with self._room:
            self._closed = True
            self._room.notify_all()

    def leave(self) -> list[Claimed]:
        """Return the jobs that were ready and will not begin."""
        with self._room:
            left, self._ready = list(self._ready), deque()
            return left

    def _rest(self) -> bool:
        with self._room:
            if self._resting >= self._places * RESTING:
                return False
            self._resting += 1
        following = self.next()
        if following is not None:
            self._start(following)
        return True

    def _go_on(self) -> None:
        with self._turn:
            self._resting -= 1
            self._returning += 1
            self._turn.wait_for(lambda: self._free > 0)
            self._returning -= 1
            self._free -= 1

    def _vacate(self) -> None:
        """Wake only those who may go: a thread that wakes for nothing costs as much as a call."""
        self._free += 1
        if self._returning:
            self._turn.notify()

    def _tell_room(self) -> None:
        if self._wanted and self._left() >= min(self._wanted):
            self._room.notify_all()

    def _left(self) -> int:
        taken = self._asked + len(self._ready) + self._returning
        return self._free + self._places - taken

    def _startable(self) -> int:
        if self._closed:
            return 0
        return max(min(self._free - self._returning, len(self._ready)), 0)
