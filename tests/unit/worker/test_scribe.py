"""What came of attempts is written in groups, each answered for itself, and none is forgotten."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared.domain.outcome import Receipt
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.embedded.waiting import until
from shared.errors import PartUnreachable, PublishClaimed
from shared.ledger.claims import Settled
from shared.ledger.ending import Ending
from tests.support.clock import FakeClock
from worker.records import Records
from worker.scribe import MANY, Scribe

PATIENCE_S = 10
Answers = Sequence[Settled | Exception]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Ledger:
    """Notes the groups that are written, and answers as it is told."""

    def __init__(self, *answers: Callable[[Ending], Settled | Exception]) -> None:
        self.claims = self
        self.groups: list[list[int]] = []
        self.written: list[Ending] = []
        self._answers = list(answers)
        self.gate = threading.Event()
        self.gate.set()

    def settle_all(self, endings: Sequence[Ending]) -> Answers:
        self.groups.append([each.job.id for each in endings])
        assert self.gate.wait(PATIENCE_S)
        answer = self._answers.pop(0) if self._answers else None
        answers = [answer(each) if answer else Settled.MOVED for each in endings]
        self.written += [
            each for each, said in zip(endings, answers, strict=True) if said is Settled.MOVED
        ]
        return answers


def job(number: int) -> Any:
    return SimpleNamespace(id=number, connection="c")


def done(publish_id: str = "p") -> Settlement:
    receipt = Receipt(publish_id=publish_id, provider_status="done")
    return Settlement(to=State.SUCCEEDED, why="published", outcome="succeeded", receipt=receipt)


def records(ledger: Ledger) -> Records:
    return Records(ledger, FakeClock(NOW), "w")  # type: ignore[arg-type]


@contextmanager
def scribe(ledger: Ledger, gather: timedelta = timedelta(0)) -> Iterator[Scribe]:
    made = Scribe(records(ledger), gather)
    made.start()
    try:
        yield made
    finally:
        ledger.gate.set()
        made.close()


def ends(stored: list[int], number: int) -> Callable[[], None]:
    return lambda: stored.append(number)


def test_what_comes_in_during_a_write_is_written_together() -> None:
    ledger, stored = Ledger(), list[int]()
    ledger.gate.clear()
    with scribe(ledger) as writer:
        writer.record(job(0), done(), ends(stored, 0))
        assert until(lambda: ledger.groups == [[0]], timedelta(seconds=PATIENCE_S))
        for number in range(1, 4):
            writer.record(job(number), done(), ends(stored, number))
        assert stored == []
        ledger.gate.set()
        assert until(lambda: len(stored) == 4, timedelta(seconds=PATIENCE_S))
    assert ledger.groups == [[0], [1, 2, 3]]


def test_while_there_is_much_to_do_a_group_is_waited_for() -> None:
    ledger, stored = Ledger(), list[int]()
    ledger.gate.clear()
    with scribe(ledger, gather=timedelta(seconds=PATIENCE_S)) as writer:
        writer.record(job(0), done(), ends(stored, 0))
        assert until(lambda: ledger.groups == [[0]], timedelta(seconds=PATIENCE_S))
        for number in range(2):
            writer.record(job(number), done(), ends(stored, number))
        ledger.gate.set()
        assert until(lambda: len(stored) == 3, timedelta(seconds=PATIENCE_S))
        for number in range(MANY):
            writer.record(job(number), done(), ends(stored, number))
        assert until(lambda: len(stored) == 3 + MANY, timedelta(seconds=PATIENCE_S))
    assert [len(group) for group in ledger.groups] == [1, 2, MANY]


def test_what_is_left_is_written_when_it_closes() -> None:
    ledger, stored = Ledger(), list[int]()
    ledger.gate.clear()
    with scribe(ledger) as writer:
        for number in range(100):
            writer.record(job(number), done(), ends(stored, number))
    assert sorted(stored) == list(range(100))
    assert sum(map(len, ledger.groups)) == 100


def test_an_answer_is_written_again_until_sql_is_back_and_the_others_only_once() -> None:
    away = PartUnreachable("gone")
    ledger, stored = Ledger(lambda each: away if each.job.id else Settled.MOVED), list[int]()
    records(ledger).write([Ending(job(number), done(), None) for number in range(3)])  # type: ignore[arg-type]
    assert ledger.groups == [[0, 1, 2], [1, 2]]
    assert stored == []


def test_a_publish_of_another_job_is_written_as_held() -> None:
    ledger = Ledger(lambda _: PublishClaimed("publish p belongs to another job already"))
    records(ledger).record(job(1), done(), lambda: None)
    [held] = ledger.written
    assert held.settlement.to is State.HELD
    assert held.settlement.stray == done().receipt


def test_what_can_never_be_written_is_said_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    log = SimpleNamespace(error=lambda words, **_: said.append(words))
    log.bind = lambda **_: log
    monkeypatch.setattr("worker.records.log", log)
    stored: list[int] = []
    ledger = Ledger(lambda _: ValueError("not a settlement"))
    records(ledger).record(job(7), done(), ends(stored, 7))
    assert stored == [7]
    assert said == ["a settlement cannot be written; the lease brings its job back"]


def test_one_that_cannot_be_written_keeps_no_other_back() -> None:
    stored: list[int] = []
    ledger = Ledger(lambda each: ValueError("no") if each.job.id == 0 else Settled.MOVED)
    with scribe(ledger) as writer:
        for number in range(2):
            writer.record(job(number), done(), ends(stored, number))
    assert sorted(stored) == [0, 1]
    assert [each.job.id for each in ledger.written][-1] == 1
