"""So many jobs run at once; one that waits for its moment holds none of the places."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.embedded.waiting import until
from worker.places import RESTING, Places

PATIENCE_S = 10


class Hall:
    """Places of jobs that are numbers; it notes who begins, and runs nobody."""

    def __init__(self, size: int) -> None:
        self.begun: list[int] = []
        self.places = Places[int](size, self.begun.append)

    def claim(self, *jobs: int) -> None:
        """Ask for room and claim as many of these as there is room for."""
        asked = self.places.ask(len(jobs))
        self.places.add(asked, jobs[:asked])


def test_as_many_run_as_there_are_places_and_as_many_are_ready() -> None:
    hall = Hall(3)

    assert hall.places.ask(20) == 6
    hall.places.add(6, range(6))

    assert hall.begun == [0, 1, 2]
    assert hall.places.busy == 3


def test_a_job_that_is_done_gives_its_place_to_the_next_ready_one() -> None:
    hall = Hall(2)
    hall.claim(1, 2, 3, 4)

    assert hall.places.next() == 3
    assert hall.places.next() == 4
    assert hall.places.next() is None
    assert hall.places.busy == 1


def test_nothing_is_claimed_while_half_of_the_ready_ones_are_left() -> None:
    hall = Hall(4)
    hall.claim(*range(8))
    with ThreadPoolExecutor(1) as pool:
        granted = pool.submit(hall.places.ask, 9)
        hall.places.next()
        assert not granted.done()
        hall.places.next()
        assert granted.result(PATIENCE_S) == 2


def test_what_is_left_of_a_message_waits_for_no_more_than_it_needs() -> None:
    hall = Hall(4)
    hall.claim(*range(8))
    with ThreadPoolExecutor(1) as pool:
        granted = pool.submit(hall.places.ask, 1)
        hall.places.next()
        assert granted.result(PATIENCE_S) == 1


def test_places_of_jobs_that_were_somebody_elses_are_free_again() -> None:
    hall = Hall(2)
    asked = hall.places.ask(4)
    hall.places.add(asked, [])

    assert hall.places.busy == 0
    assert hall.places.ask(4) == 4


def test_nothing_is_claimed_or_begun_once_it_is_closed() -> None:
    hall = Hall(1)
    hall.claim(1, 2)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hall.places.ask, 1)
        hall.places.close()
        assert waiting.result(PATIENCE_S) == 0
    assert hall.places.ask(1) == 0
    assert hall.places.next() is None
    assert hall.begun == [1]
    assert hall.places.leave() == [2]


def test_a_claim_that_was_under_way_as_it_closed_is_left() -> None:
    hall = Hall(1)
    asked = hall.places.ask(1)
    hall.places.close()
    hall.places.add(asked, [1])

    assert hall.begun == []
    assert hall.places.leave() == [1]


def test_while_a_job_rests_a_ready_one_runs() -> None:
    hall = Hall(1)
    hall.claim(1, 2)

    with hall.places.resting():
        assert hall.begun == [1, 2]
        assert hall.places.busy == 1
        assert hall.places.next() is None
        assert hall.places.busy == 0

    assert hall.places.busy == 1


def test_a_job_whose_moment_has_come_runs_before_ready_ones() -> None:
    hall = Hall(1)
    hall.claim(1, 2)
    order: list[str] = []

    def goes_on() -> None:
        with hall.places.resting():
            resting.set()
            assert moment.wait(PATIENCE_S)
        order.append("the one that rested")

    resting, moment = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        rested = pool.submit(goes_on)
        assert resting.wait(PATIENCE_S)
        hall.claim(3)
        moment.set()
        assert until(lambda: hall.places._returning > 0, timedelta(seconds=PATIENCE_S))
        assert hall.places.next() is None
        rested.result(PATIENCE_S)
        order.append(f"then {hall.places.next()}")

    assert order == ["the one that rested", "then 3"]


def test_no_more_rest_than_there_are_threads_for() -> None:
    hall = Hall(1)
    resting = [hall.places.resting() for _ in range(RESTING + 1)]
    for number, each in enumerate(resting):
        hall.claim(number)
        each.__enter__()

    assert hall.places.busy == 1
    assert hall.places.threads == RESTING + 1
    for each in resting:
        hall.places.next()
        each.__exit__(None, None, None)


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 4), st.data())
def test_every_claimed_job_begins_once_and_never_too_many(
    messages: list[int], size: int, data: st.DataObject
) -> None:
    hall, running, number = Hall(size), 0, 0
    ready: list[int] = []
    for wanted in messages:
        while hall.places._left() < min(wanted, max(size // 2, 1)):
            ready += [done] if (done := hall.places.next()) is not None else []
        asked = hall.places.ask(wanted)
        claimed = data.draw(st.integers(0, asked))
        hall.places.add(asked, range(number, number + claimed))
        number += claimed
        running = hall.places.busy
        assert running <= size
    while hall.places.busy:
        ready += [done] if (done := hall.places.next()) is not None else []
    assert sorted(hall.begun + ready) == list(range(number))


def test_many_threads_run_rest_and_go_on() -> None:
    done: list[int] = []
    most, lock = [0], threading.Lock()

    def live(job: int) -> None:
        following: int | None = job
        while following is not None:
            with places.resting(), lock:
                most[0] = max(most[0], places.busy)
            done.append(following)
            following = places.next()

    with ThreadPoolExecutor(20) as pool:
        places = Places[int](4, lambda job: pool.submit(live, job))
        left = list(range(400))
        while left:
            asked = places.ask(len(left))
            places.add(asked, left[:asked])
            del left[:asked]
        assert until(lambda: places.busy == 0 and len(done) == 400, timedelta(seconds=PATIENCE_S))

    assert sorted(done) == list(range(400))
    assert most[0] <= 4
