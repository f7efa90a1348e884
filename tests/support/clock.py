"""A clock that a test moves by hand; it starts at the real time, since sandboxes live in it."""

from datetime import UTC, datetime, timedelta
from time import monotonic


class FakeClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime.now(UTC)
        self._monotonic = monotonic()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, duration: timedelta) -> None:
        self.move(duration)

    def step(self, duration: timedelta) -> None:
        """Move the instant alone: durations stand still while a machine sleeps."""
        self._now += duration

    def move(self, duration: timedelta) -> None:
        self._now += duration
        self._monotonic += duration.total_seconds()
