"""Errands: a few at once, fewer at one place, each once, and no longer than they may."""

import threading
from collections import Counter

from shared.clock import SystemClock
from shared.preflight.errands import Crew, run_errands

CLOCK = SystemClock()


def run(places: dict[int, str], do: object, seconds: float = 20) -> dict[int, object]:
    return run_errands(
        places,
        do,  # type: ignore[arg-type]
        clock=CLOCK,
        deadline=CLOCK.monotonic() + seconds,
        crew=Crew(at_once=6, at_one_place=2),
    )


def test_each_is_done_once_and_never_more_than_two_at_one_place() -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    times: Counter[int] = Counter()
    lock = threading.Lock()
    # Of six threads four have room at two places, and go on when all four are there.
    together = threading.Barrier(4, timeout=10)
    places = {each: f"host{each % 2}" for each in range(60)}

    def do(errand: int) -> int:
        place = places[errand]
        with lock:
            times[errand] += 1
            running[place] += 1
            most[place] = max(most[place], running[place])
        together.wait()
        with lock:
            running[place] -= 1
        return errand * 2

    assert run(places, do) == {each: each * 2 for each in places}
    assert set(times.values()) == {1}
    assert set(most.values()) == {2}


def test_a_surprise_costs_its_errand_only() -> None:
    def do(errand: int) -> None:
        if errand == 1:
            raise RuntimeError("nobody foresaw this")

    assert run({0: "a", 1: "a", 2: "b"}, do) == {0: None, 2: None}


def test_what_is_not_done_in_time_is_left_out_and_not_waited_for() -> None:
    forever = threading.Event()

    def do(errand: int) -> int:
        if errand == 0:
            forever.wait(60)
        return errand

    began = CLOCK.monotonic()
    assert run({0: "slow", 1: "quick"}, do, seconds=0.3) == {1: 1}
    assert CLOCK.monotonic() - began < 5
    forever.set()


def test_nothing_to_do_is_nothing_done() -> None:
    assert run({}, lambda errand: errand) == {}
