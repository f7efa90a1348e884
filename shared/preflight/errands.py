"""Errands run side by side, a few at once and fewer still at any one place, until a deadline."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from shared.clock import Clock
from shared.logs import logger

log = logger(__name__)

Errand = TypeVar("Errand")
Result = TypeVar("Result")

#: How often the waiting looks whether the threads are done, so that Ctrl-C is heard.
_LOOK = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Crew:
    """How many errands run at once, in all and at one place."""

    at_once: int
    at_one_place: int


class Errands(Generic[Errand, Result]):
    """What has to be done, by the place where it is done; each is handed out once."""

    def __init__(self, places: Mapping[Errand, str], at_one_place: int) -> None:
        self._waiting: dict[str, deque[Errand]] = {}
        for errand, place in places.items():
            self._waiting.setdefault(place, deque()).append(errand)
        self._places = places
        self._at_one_place = at_one_place
        self._running: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._ended = False
        self.results: dict[Errand, Result] = {}

    def take(self) -> Errand | None:
        """Return the next errand, as soon as its place has room; None = there is no more."""
        with self._changed:
            while not self._ended and self._waiting:
                place = self._free_place()
                if place is not None:
                    self._running[place] += 1
                    return self._next_at(place)
                self._changed.wait()
            return None

    def keep(self, errand: Errand, result: Result) -> None:
        with self._changed:
            if not self._ended:
                self.results[errand] = result

    def done(self, errand: Errand) -> None:
        with self._changed:
            self._running[self._places[errand]] -= 1
            self._changed.notify_all()

    def end(self) -> None:
        """Hand out nothing more; what still runs is not waited for."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _free_place(self) -> str | None:
        return next(
            (each for each in self._waiting if self._running[each] < self._at_one_place), None
        )

    def _next_at(self, place: str) -> Errand:
        """Take from a place and put it last, so that places have their turns."""
        queue = self._waiting.pop(place)
        errand = queue.popleft()
        if queue:
            self._waiting[place] = queue
        return errand


def run_errands(
    places: Mapping[Errand, str],
    do: Callable[[Errand], Result],
    *,
    clock: Clock,
    deadline: float,
    crew: Crew,
    told: Callable[[int], None] = lambda _: None,
) -> dict[Errand, Result]:
    """Return what was done before the monotonic `deadline`; the rest is left out.

    `told` is given the number of those that are done, now and then.

    The threads are daemons: an interrupted or overdue run ends without waiting for a slow host.
    """
    if clock.monotonic() >= deadline:
        return {}
    errands: Errands[Errand, Result] = Errands(places, crew.at_one_place)
    threads = [
        threading.Thread(target=_work, args=(errands, do), name="preflight", daemon=True)
        for _ in range(min(crew.at_once, len(places)))
    ]
    for each in threads:
        each.start()
    try:
        for each in threads:
            while each.is_alive() and clock.monotonic() < deadline:
                told(len(errands.results))
                each.join(min(_LOOK.total_seconds(), max(deadline - clock.monotonic(), 0)))
    finally:
        errands.end()
    return errands.results


def _work(errands: Errands[Errand, Result], do: Callable[[Errand], Result]) -> None:
    while (errand := errands.take()) is not None:
        try:
            errands.keep(errand, do(errand))
        except Exception:
            log.exception("a check failed in a way that nobody foresaw")
        finally:
            errands.done(errand)
