"""The sandbox's time: real instants, and delays that a factor shortens."""

import threading
import time
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from shared.clock import SystemClock


class SandboxClock:
    """Instants are the wall's; a delay of the outside world lasts `delay / factor`."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self._wall_at_start = SystemClock().now()
        self._monotonic_at_start = time.monotonic()
        self._stopping = threading.Event()

    def now(self) -> datetime:
        elapsed_s = time.monotonic() - self._monotonic_at_start
        return self._wall_at_start + timedelta(seconds=elapsed_s)

    def after(self, delay: timedelta) -> datetime:
        """Tell when a delay of the outside world, begun now, is over."""
        return self.now() + self.real(delay)

    def real(self, delay: timedelta) -> timedelta:
        return delay / self.factor

    def pause(self, real: timedelta) -> None:
        self._stopping.wait(real.total_seconds())

    def stop(self) -> None:
        """End every pause, now and from now on."""
        self._stopping.set()


class ManualClock(SandboxClock):
    """Moves only by hand, or because somebody pauses: then time has passed at once."""

    def __init__(self, start: datetime, factor: float = 1.0) -> None:
        super().__init__(factor)
        self._now = start
        self._lock = threading.Lock()

    @override
    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, real: timedelta) -> None:
        with self._lock:
            self._now += real

    @override
    def pause(self, real: timedelta) -> None:
        self.advance(real)


def iso_ms(instant: datetime) -> str:
    """2026-06-20T10:00:00.000Z, the form most of the sheets show."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def iso_s(instant: datetime) -> str:
    """2026-07-01T09:30:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
