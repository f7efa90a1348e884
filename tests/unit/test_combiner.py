"""Threads that ask at once are worked for together, and each hears only of its own request."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from typing_extensions import override

from shared.combiner import MOST, Combiner
from shared.embedded.waiting import until
from shared.errors import LeaseLost

PATIENCE_S = 10


class Scribe:
    """Writes groups; the first one only when it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def write(self, asks: Sequence[int]) -> Sequence[str | Exception]:
        self.groups.append(list(asks))
        if len(self.groups) == 1:
            self.begun.set()
            assert self.let_go.wait(PATIENCE_S)
        return [f"wrote {each}" if each >= 0 else LeaseLost(f"{each}") for each in asks]


def together(scribe: Scribe, asks: Sequence[int]) -> list["Future[str]"]:
    """Let the first ask be written while all the others come."""
    commit = Combiner(scribe.write)
    with ThreadPoolExecutor(len(asks)) as pool:
        futures = [pool.submit(commit, asks[0])]
        assert scribe.begun.wait(PATIENCE_S)
        futures += [pool.submit(commit, each) for each in asks[1:]]
        others = len(asks) - 1
        assert until(lambda: len(commit._queue) == others, timedelta(seconds=PATIENCE_S))
        scribe.let_go.set()
    return futures


def test_what_comes_while_one_group_is_written_is_the_next_group() -> None:
    scribe = Scribe()

    futures = together(scribe, range(20))

    assert [each.result() for each in futures] == [f"wrote {each}" for each in range(20)]
    assert [len(each) for each in scribe.groups] == [1, 19]


def test_a_group_has_an_end() -> None:
    scribe = Scribe()

    futures = together(scribe, range(MOST + 10))

    assert [each.result() for each in futures] == [f"wrote {each}" for each in range(MOST + 10)]
    assert [len(each) for each in scribe.groups] == [1, MOST, 9]


def test_each_thread_hears_of_its_own_failure_only() -> None:
    futures = together(Scribe(), [1, 2, -3, 4])

    assert [futures[index].result() for index in (0, 1, 3)] == ["wrote 1", "wrote 2", "wrote 4"]
    with pytest.raises(LeaseLost, match="-3"):
        futures[2].result()


def test_what_nobody_foresaw_is_told_to_all_and_stops_nobody_after() -> None:
    class Broken(Scribe):
        @override
        def write(self, asks: Sequence[int]) -> Sequence[str | Exception]:
            answers = super().write(asks)
            if len(asks) > 1:
                raise OSError("the disk is full")
            return answers

    scribe = Broken()
    commit = Combiner(scribe.write)
    scribe.let_go.set()
    futures = together(Broken(), range(3))

    assert futures[0].result() == "wrote 0"
    for each in futures[1:]:
        with pytest.raises(OSError, match="disk is full"):
            each.result()
    assert commit(7) == "wrote 7"
    assert commit(8) == "wrote 8"
