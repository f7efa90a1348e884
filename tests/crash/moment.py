"""One moment for several processes: the clock of the killed, of who recovers, of the sandbox."""

import mmap
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typing_extensions import override

from shared.clock import SystemClock
from shared.sandbox.clock import SandboxClock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BYTES = 8


class SharedClock(SystemClock):
    """Stands still until somebody of any process moves it; sleeping moves it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _BYTES)
        self._moving = threading.Lock()

    @classmethod
    def starting(cls, file: Path, now: datetime) -> "SharedClock":
        file.write_bytes(((now - _EPOCH) // _MICROSECOND).to_bytes(_BYTES))
        return cls(file)

    @override
    def now(self) -> datetime:
        return _EPOCH + self._elapsed()

    @override
    def monotonic(self) -> float:
        return self._elapsed().total_seconds()

    @override
    def sleep(self, duration: timedelta) -> None:
        self.move(duration)

    def move(self, duration: timedelta) -> None:
        with self._moving:
            moved = self._elapsed() + max(duration, timedelta(0))
            self._memory[:] = (moved // _MICROSECOND).to_bytes(_BYTES)

    def _elapsed(self) -> timedelta:
        return timedelta(microseconds=int.from_bytes(self._memory[:]))


class FarClock(SandboxClock):
    """The sandbox's view of it: a pause of the outside world passes at once."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def now(self) -> datetime:
        return self._clock.now()

    @override
    def pause(self, real: timedelta) -> None:
        self._clock.move(real)
