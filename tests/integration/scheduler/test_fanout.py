"""The fan-out: one call of a lane at a time, and a call that hangs holds up nobody else."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from scheduler.fanout import FanOut
from shared.domain.states import State
from shared.embedded.waiting import until
from tests.support.scene import PATIENCE, Scene

BOUND_S = 10


@pytest.fixture
def fanout() -> Iterator[FanOut]:
    made = FanOut()
    yield made
    made.drain()


def test_a_lane_runs_one_call_at_a_time(fanout: FanOut) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        go_on.wait(BOUND_S)

    assert fanout.run("settle wonda", hang)
    assert begun.wait(BOUND_S)
    assert not fanout.run("settle wonda", begun.clear)
    assert fanout.busy("settle wonda")
    go_on.set()
    assert until(lambda: not fanout.busy("settle wonda"), PATIENCE)
    assert begun.is_set()


def test_a_call_that_hangs_holds_up_no_other_lane(fanout: FanOut) -> None:
    go_on, done = threading.Event(), threading.Event()
    fanout.run("settle wonda", lambda: go_on.wait(BOUND_S))
    assert fanout.run("settle genviral", done.set)
    assert done.wait(BOUND_S)
    assert fanout.busy("settle wonda")
    go_on.set()


def test_forty_lanes_that_hang_hold_up_no_other_lane(fanout: FanOut) -> None:
    go_on, done = threading.Event(), threading.Event()
    for number in range(40):
        assert fanout.run(f"settle {number}", lambda: go_on.wait(BOUND_S))
    assert fanout.run("settle genviral", done.set)
    served = done.wait(BOUND_S / 4)
    go_on.set()
    assert served


def test_a_call_that_raises_frees_its_lane(fanout: FanOut) -> None:
    def break_off() -> None:
        raise ZeroDivisionError

    fanout.run("settle wonda", break_off)
    assert until(lambda: not fanout.busy("settle wonda"), PATIENCE)
    done = threading.Event()
    assert fanout.run("settle wonda", done.set)
    assert done.wait(BOUND_S)


def test_drain_waits_for_what_runs(fanout: FanOut) -> None:
    begun, ended = threading.Event(), threading.Event()

    def run() -> None:
        begun.wait(BOUND_S)
        ended.set()

    fanout.run("settle wonda", run)
    begun.set()
    fanout.drain()
    assert ended.is_set()


def test_a_provider_that_hangs_does_not_keep_another_from_settling(stage: Scene) -> None:
    slow = stage.in_state(State.IN_PROGRESS, "wonda")
    quick = stage.in_state(State.IN_PROGRESS, "posteverywhere")
    go_on = threading.Event()
    stage.move(timedelta(minutes=1))
    stage.scheduler.fanout.run("settle wonda", lambda: go_on.wait(BOUND_S))
    stage.scheduler.settling.tick()
    settled = until(lambda: stage.job(quick).state is State.SUCCEEDED, PATIENCE)
    go_on.set()
    stage.scheduler.wait()
    assert settled
    assert stage.job(slow).state is State.IN_PROGRESS
    stage.move(timedelta(seconds=6))
    stage.scheduler.settle()
    assert stage.job(slow).state is State.SUCCEEDED
