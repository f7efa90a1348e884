"""Virtual time: events in their order, and processes that wait as if time passed."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from datetime import datetime, timedelta

#: What a process waits for: an instant, or a free place.
Wait = "datetime | Places"
Process = Generator["datetime | Places", None, None]


class VirtualClock:
    """Shows the instant of the event that is running."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def sleep(self, duration: timedelta) -> None:
        raise AssertionError(f"nothing sleeps in a plan ({duration}); it yields")

    def move(self, to: datetime) -> None:
        self._now = max(self._now, to)


class Loop:
    """Runs events, those of one instant in the order in which they were asked for."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), action))

    def start(self, process: Process) -> None:
        """Run a process up to what it waits for, and on from there when that has come."""
        wait = next(process, None)
        if wait is None:
            return
        if isinstance(wait, Places):
            wait.enter(lambda: self.start(process))
        else:
            self.at(wait, lambda: self.start(process))

    def run(self) -> None:
        """Run until nothing is left to happen."""
        while self._events:
            moment, _, action = heapq.heappop(self._events)
            self._clock.move(moment)
            action()


class Places:
    """Places of running jobs; who finds none waits in line, those that come back before others."""

    def __init__(self, places: int) -> None:
        self.free = places
        self._line: deque[Callable[[], None]] = deque()
        self._returning: deque[Callable[[], None]] = deque()
        self._is_return = False

    @property
    def back(self) -> "Places":
        """Return what a job that rested waits for: it is the next."""
        self._is_return = True
        return self

    def enter(self, resume: Callable[[], None]) -> None:
        line = self._returning if self._is_return else self._line
        self._is_return = False
        line.append(resume)
        self._fill()

    def give_back(self) -> None:
        self.free += 1
        self._fill()

    def _fill(self) -> None:
        while self.free and (self._returning or self._line):
            self.free -= 1
            (self._returning or self._line).popleft()()
