"""What every benchmark gives back: figures, each beside a peer or a limit taken in the same run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Protocol


class Size(StrEnum):
    """How much is measured: smoke sees in seconds that it works, full gives figures to quote."""

    SMOKE = "smoke"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`what` came to `value`, where `beside` came to `bound`; `target` says what it should be."""

    what: str
    value: float
    unit: str
    beside: str = ""
    bound: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.bound if self.bound else None

    def shape(self) -> dict[str, object]:
        return {
            "what": self.what,
            "value": round(self.value, 4),
            "unit": self.unit,
            "beside": self.beside,
            "beside_value": None if self.bound is None else round(self.bound, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "target": self.target,
        }


class Benchmark(Protocol):
    """What `python -m bench` runs: a function of the size that yields figures as it has them."""

    def __call__(self, size: Size) -> Iterator[Figure]:
        """Measure; everything that was started is stopped again."""


def per_second(times: int, work: Callable[[], object]) -> float:
    """Return how often `work` does its `times` things in a second."""
    started = perf_counter()
    work()
    return times / (perf_counter() - started)
