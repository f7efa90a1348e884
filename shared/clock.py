"""The one door to the time: instants follow the database's clock, durations the machine's own."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: SQLite tells whole milliseconds, cut off, so the database may be later than it says by this.
_CUT_OFF = timedelta(milliseconds=1)


class Clock(Protocol):
    """What every part asks instead of the operating system."""

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never step, for deadlines inside one process."""

    def sleep(self, duration: timedelta) -> None:
        """Let time pass."""


def _wall() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's clock, `wall`, moved by its measured offset from the database's."""

    def __init__(self, wall: Callable[[], datetime] = _wall) -> None:
        self._wall = wall
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._wall() + self._offset

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, duration: timedelta) -> None:
        time.sleep(max(duration.total_seconds(), 0.0))

    def follow(self, ask: Callable[[], datetime]) -> timedelta:
        """Ask the database for its time and return how far this machine is from it.

        The database read its clock somewhere between question and answer, so an answer that took
        long says little. The offset moves only as far as the answer proves it wrong: never away
        from the true one, and not at all where the database shares this machine's clock.
        """
        asked = self._wall()
        database_now = ask()
        heard = self._wall()
        least, most = database_now - heard, database_now + _CUT_OFF - asked
        with self._lock:
            self._offset = min(max(self._offset, least), most)
            return self._offset
