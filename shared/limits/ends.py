"""Requests that are over and of which the books do not know yet; told with the next call."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.errors import LimiterUnavailable
from shared.limits.books import Ended, Reservation
from shared.limits.gauge import milliseconds_up

#: Telling is put off until the next admission, but never for longer than this.
_PATIENCE = timedelta(seconds=1)

#: While the books are away, older ends are forgotten: their requests then count for longer.
_MOST = 10_000


class Ends:
    """Collects ends so that an answer which teaches nothing costs no round trip."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Ended] = []
        self._since: datetime | None = None
        self._open = 0

    def opened(self) -> None:
        with self._lock:
            self._open += 1

    def closed(self) -> None:
        with self._lock:
            self._open -= 1

    def ended(self, reservation: Reservation, now: datetime) -> None:
        with self._lock:
            self._open -= 1
            self._since = self._since or now
            if reservation.costs:
                self._waiting.append(Ended(reservation=reservation, at_ms=milliseconds_up(now)))

    def are_due(self, now: datetime) -> bool:
        """Whether nobody else may soon bring them along: no request is open, or they waited."""
        with self._lock:
            waited = self._since is not None and now - self._since >= _PATIENCE
            return bool(self._waiting) and (self._open <= 0 or waited)

    @contextmanager
    def telling(self) -> Iterator[list[Ended]]:
        """Give out what waits; it waits on when the books could not be told."""
        with self._lock:
            told, self._waiting, since = self._waiting, [], self._since
            self._since = None
        try:
            yield told
        except LimiterUnavailable:
            with self._lock:
                self._waiting = [*told, *self._waiting][-_MOST:]
                self._since = self._since or since
            raise
