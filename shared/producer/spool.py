"""Checked jobs on their way into the ledger, kept on disk so that no file is too large."""

import pickle
import tempfile
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from shared.domain.job import NewJob


class Spool:
    """Jobs in the order they were added, to be gone through as often as need be."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="dropline-")  # noqa: SIM115 - closed on exit
        self._count = 0
        #: Told how many jobs were handed out so far.
        self.told: Callable[[int], None] = _nobody

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def add(self, job: NewJob) -> None:
        pickle.dump(job, self._file, pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[NewJob]:
        self._file.seek(0)
        for number in range(1, self._count + 1):
            # Nobody but us has ever had this file: it has no name.
            job: NewJob = pickle.load(self._file)  # noqa: S301
            self.told(number)
            yield job


def _nobody(_: int) -> None:
    pass
