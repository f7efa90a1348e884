"""So many jobs run at once; one that waits for its moment holds none of the places."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.embedded.waiting import until
from worker.places import RESTING, Places

PATIENCE_S = 10


def test_no_more_are_taken_than_there_are() -> None:
    places = Places(3)

    assert places.take(5) == 3
    assert places.busy == 3


def test_a_place_that_is_given_back_is_taken_next() -> None:
    places = Places(1)
    places.take(1)
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(places.take, 4)
        places.give_back(1)
        assert taken.result(PATIENCE_S) == 1


def test_nothing_is_taken_once_it_is_closed() -> None:
    places = Places(1)
    places.take(1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(places.take, 1)
        places.close()
        assert waiting.result(PATIENCE_S) == 0
    assert places.take(1) == 0


def test_while_a_job_rests_another_one_runs() -> None:
    places = Places(1)
    places.take(1)

    with places.resting():
        assert places.busy == 0
        assert places.take(1) == 1
        places.give_back(1)

    assert places.busy == 1


def test_a_job_whose_moment_has_come_is_the_next_to_run() -> None:
    places = Places(1)
    places.take(1)
    order: list[str] = []

    def goes_on() -> None:
        with places.resting():
            resting.set()
            assert moment.wait(PATIENCE_S)
        order.append("the one that rested")
        places.give_back(1)

    resting, moment = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        rested = pool.submit(goes_on)
        assert resting.wait(PATIENCE_S)
        assert places.take(1) == 1
        moment.set()
        assert until(lambda: places._returning > 0, timedelta(seconds=PATIENCE_S))
        new = pool.submit(lambda: order.append(f"{places.take(1)} new"))
        places.give_back(1)
        rested.result(PATIENCE_S)
        new.result(PATIENCE_S)

    assert order == ["the one that rested", "1 new"]


def test_no_more_rest_than_there_are_threads_for() -> None:
    places = Places(1)
    resting = [places.resting() for _ in range(RESTING + 1)]
    for each in resting:
        assert places.take(1) == 1
        each.__enter__()

    assert places.busy == 1
    assert places.threads == RESTING + 1
    for each in resting:
        places.give_back(1)
        each.__exit__(None, None, None)


@given(st.lists(st.integers(1, 5), max_size=30), st.integers(1, 4))
def test_all_is_as_before_when_everybody_is_done(asked: list[int], size: int) -> None:
    places = Places(size)
    for wanted in asked:
        taken = places.take(wanted)
        with places.resting():
            again = places.take(1)
            places.give_back(again)
        places.give_back(taken)

    assert places.busy == 0


def test_many_threads_take_rest_and_give_back() -> None:
    places = Places(4)
    most, lock = [0], threading.Lock()

    def live(_: int) -> None:
        places.take(1)
        with places.resting(), lock:
            most[0] = max(most[0], places.busy)
        places.give_back(1)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(live, range(400)))

    assert places.busy == 0
    assert most[0] <= 4
