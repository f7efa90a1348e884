"""Virtual time: events in their order, and processes that wait as if time passed."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Protocol

Resume = Callable[[], None]


class Waitable(Protocol):
    """What a process can wait for beside an instant."""

    def enter(self, resume: Resume) -> None:
        """Go on by `resume` when it has come."""


Wait = datetime | Waitable
Process = Generator[Wait, None, None]


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
        self._events: list[tuple[datetime, int, Resume]] = []
        self._numbers = itertools.count()

    def at(self, moment: datetime, action: Resume) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), action))

    def start(self, process: Process) -> None:
        """Run a process up to what it waits for, and on from there when that has come."""
        wait = next(process, None)
        if wait is None:
            return
        if isinstance(wait, datetime):
            self.at(wait, lambda: self.start(process))
        else:
            wait.enter(lambda: self.start(process))

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Run until nothing is left to happen, or nobody waits for it any more."""
        while self._events and goes_on():
            moment, _, action = heapq.heappop(self._events)
            self._clock.move(moment)
            action()


class Places:
    """Places of running jobs; who finds none waits in line, those that come back before others."""

    def __init__(self, places: int) -> None:
        self.free = places
        self._line: deque[Resume] = deque()
        self._returning: deque[Resume] = deque()
        self._is_return = False

    @property
    def back(self) -> "Places":
        """Return what a job that rested waits for: it is the next."""
        self._is_return = True
        return self

    def enter(self, resume: Resume) -> None:
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


class Turns:
    """As in the real wire: those who wait for a slot of one limit ask one after the other."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._lines: dict[str, list[Turn]] = {}

    def join(self, limit: str, until: datetime) -> "Turn":
        """Stand in line; whoever waits for the turn goes on when it comes, or at `until`."""
        line = self._lines.setdefault(limit, [])
        turn = Turn(self._loop, until, is_first=not line)
        line.append(turn)
        return turn

    def leave(self, limit: str, turn: "Turn") -> None:
        line = self._lines[limit]
        was_first = line[0] is turn
        line.remove(turn)
        if not line:
            del self._lines[limit]
        elif was_first:
            line[0].come()


class Turn:
    """One place in a line."""

    def __init__(self, loop: Loop, until: datetime, *, is_first: bool) -> None:
        self._loop = loop
        self._until = until
        self.is_first = is_first
        self._resume: Resume | None = None

    def enter(self, resume: Resume) -> None:
        if self.is_first:
            resume()
            return
        self._resume = resume
        self._loop.at(self._until, self.come)

    def come(self) -> None:
        self.is_first = True
        resume, self._resume = self._resume, None
        if resume is not None:
            resume()
