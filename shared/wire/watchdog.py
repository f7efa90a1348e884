"""The watchdog: shuts the socket of a call that has run past its deadline.

An httpx timeout bounds each read, not the whole answer, so a provider that trickles one byte a
second would hold a thread for ever.
"""

import contextlib
import heapq
import itertools
import socket
import threading
from collections.abc import Iterator

from shared.clock import Clock


class Line:
    """The socket of one client, which calls use one after the other, as last seen connecting."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self.cut = False

    def begin(self) -> None:
        """Start another call; it may ride on the socket of the one before."""
        with self._lock:
            self.cut = False

    def use(self, connected: socket.socket | None) -> None:
        with self._lock:
            self._socket = connected
            if self.cut:
                self._shut()

    def cut_off(self) -> None:
        """Shut the socket down; a read that is blocked on it in another thread returns."""
        with self._lock:
            self.cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """One thread that cuts the lines whose deadlines have passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadlines: list[tuple[float, int, Line]] = []
        self._open: set[int] = set()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def guard(self, line: Line, deadline: float) -> Iterator[None]:
        """Cut `line` when the monotonic `deadline` passes before the block ends."""
        with self._changed:
            number = next(self._numbers)
            self._open.add(number)
            heapq.heappush(self._deadlines, (deadline, number, line))
            if self._deadlines[0][1] == number:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._open.discard(number)
                while self._deadlines and self._deadlines[0][1] not in self._open:
                    heapq.heappop(self._deadlines)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        with self._changed:
            while not self._stopped:
                self._cut_due()
                self._changed.wait(self._until_next())

    def _cut_due(self) -> None:
        while self._deadlines and self._until_next() == 0:
            _, number, line = heapq.heappop(self._deadlines)
            if number in self._open:
                line.cut_off()

    def _until_next(self) -> float | None:
        if not self._deadlines:
            return None
        return max(self._deadlines[0][0] - self._clock.monotonic(), 0)
