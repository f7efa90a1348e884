"""The one door to the time: instants follow the database's clock, durations the machine's own."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What every part asks instead of the operating system."""

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never step, for deadlines inside one process."""

    def sleep(self, duration: timedelta) -> None:
        """Let time pass."""


class SystemClock:
    """The machine's clock moved by its measured offset from the database's."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, duration: timedelta) -> None:
        time.sleep(max(duration.total_seconds(), 0.0))

    def follow(self, database_now: datetime) -> timedelta:
        """Take the database's time for the true one and return how far this machine was off."""
        with self._lock:
            self._offset = database_now - datetime.now(UTC)
            return self._offset
