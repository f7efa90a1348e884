"""Combining: what several threads ask for at once is carried out together by one of them.

A commit, or a round trip, is the dear part of a small request. Each thread still waits until its
own request is done, and hears of its own failure and no other.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

#: A larger group would keep the first of its threads waiting for too long.
MOST = 64


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Waiting(Generic[Ask, Answer]):
    ask: Ask
    #: Held until it is answered, or its thread is to lead: a bare lock wakes cheaper than an Event.
    turn: threading.Lock = field(default_factory=_held)
    answers: "list[Answer | Exception]" = field(default_factory=list)


class Combiner(Generic[Ask, Answer]):
    """Carries asks out together: whoever finds nobody at it works for all who wait by then."""

    def __init__(self, work: Callable[[Sequence[Ask]], Sequence[Answer | Exception]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Ask, Answer]] = deque()
        self._busy = False

    def __call__(self, ask: Ask) -> Answer:
        """Return the answer to this ask, or raise what came of it."""
        mine = _Waiting[Ask, Answer](ask)
        with self._lock:
            self._queue.append(mine)
            leads, self._busy = not self._busy, True
        if not leads:
            mine.turn.acquire()
        if not mine.answers:
            self._lead()
        answer = mine.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lead(self) -> None:
        """Work for the first who wait, and let the first of the rest work next."""
        with self._lock:
            group = [self._queue.popleft() for _ in range(min(len(self._queue), MOST))]
        try:
            answers = self._worked([each.ask for each in group])
            for each, answer in zip(group, answers, strict=True):
                each.answers.append(answer)
        finally:
            self._hand_over(group)

    def _worked(self, asks: Sequence[Ask]) -> Sequence[Answer | Exception]:
        try:
            return self._work(asks)
        except Exception as broken:  # noqa: BLE001 - each of the threads raises it
            return [broken] * len(asks)

    def _hand_over(self, group: Sequence[_Waiting[Ask, Answer]]) -> None:
        with self._lock:
            heir = self._queue[0] if self._queue else None
            self._busy = heir is not None
        for each in group:
            if not each.answers:
                each.answers.append(RuntimeError("the thread that worked for this one was ended"))
            each.turn.release()
        if heir is not None:
            heir.turn.release()
