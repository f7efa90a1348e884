"""A gate that remembers the memos it was opened with, or refuses as a lost lease would."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from shared.errors import LeaseLost


class RecordingGate:
    """Stands for the worker's claim."""

    def __init__(self, *, lost: bool = False) -> None:
        self.memos: list[Mapping[str, Any]] = []
        self._lost = lost

    def ready(self) -> None:
        """Every job is due."""

    def resting(self) -> AbstractContextManager[None]:
        return nullcontext()

    def open(self, memo: Mapping[str, Any]) -> None:
        if self._lost:
            raise LeaseLost
        self.memos.append(memo)
