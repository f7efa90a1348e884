"""Threads that wait for the same limit ask for it one after the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from shared.embedded.waiting import until
from shared.wire.turns import Turns

PATIENCE = timedelta(seconds=10)
AT_ONCE = timedelta(0)


def has(turns: Turns, standing: int) -> bool:
    return len(turns._lines["a limit"]) == standing


def test_who_comes_first_waits_for_nobody() -> None:
    turns = Turns()
    with turns.turn("a limit", PATIENCE) as waited:
        assert not waited
    with turns.turn("a limit", PATIENCE) as waited:
        assert not waited


def test_another_limit_has_another_line() -> None:
    turns = Turns()
    with turns.turn("a limit", PATIENCE), turns.turn("another", PATIENCE) as waited:
        assert not waited


def test_the_others_go_one_by_one_in_their_order() -> None:
    turns = Turns()
    order: list[int] = []

    def stand(number: int) -> None:
        with turns.turn("a limit", PATIENCE) as waited:
            assert waited
            order.append(number)
            assert order == list(range(number + 1))

    with ThreadPoolExecutor(8) as pool:
        with turns.turn("a limit", PATIENCE):
            standing = []
            for number in range(8):
                standing.append(pool.submit(stand, number))
                assert until(partial(has, turns, number + 2), PATIENCE)
        for each in standing:
            each.result(PATIENCE.total_seconds())

    assert order == list(range(8))
    assert turns._lines == {}


def test_whoever_has_waited_long_enough_goes_and_the_line_goes_on() -> None:
    turns = Turns()

    def stand() -> bool:
        with turns.turn("a limit", PATIENCE) as waited:
            return waited

    with ThreadPoolExecutor(1) as pool:
        with turns.turn("a limit", PATIENCE):
            with turns.turn("a limit", AT_ONCE) as waited:
                assert waited
                last = pool.submit(stand)
                assert until(partial(has, turns, 3), PATIENCE)
            assert not last.done()
        assert last.result(PATIENCE.total_seconds())
    assert turns._lines == {}
