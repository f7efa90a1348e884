"""One figure: a rate, and the rate of what it is compared with, taken in the same run."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """`what` happened `rate` times a second, where `beside` happened `bound` times."""

    what: str
    rate: float
    beside: str
    bound: float

    @property
    def ratio(self) -> float:
        return self.rate / self.bound

    def shape(self) -> dict[str, object]:
        return {
            "what": self.what,
            "per_second": round(self.rate, 1),
            "beside": self.beside,
            "beside_per_second": round(self.bound, 1),
            "ratio": round(self.ratio, 3),
        }


def per_second(times: int, work: Callable[[], object]) -> float:
    """Return how often `work` does its `times` things in a second."""
    started = perf_counter()
    work()
    return times / (perf_counter() - started)
