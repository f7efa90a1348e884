"""A strict meter of requests: one window, fixed from the epoch or sliding."""

import math
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How the window stands after a request: what is left, and when there will be more."""

    admitted: bool
    remaining: int
    resets_at: float


class Meter:
    """Admits so many requests per window; a refused request is not counted. Times are Unix's."""

    def __init__(self, limit: int, per_s: float, *, fixed: bool) -> None:
        self.limit = limit
        self.per_s = per_s
        self._fixed = fixed
        self._counted: deque[float] = deque()

    def fill(self, now: float) -> None:
        """Use the window up, as somebody else would."""
        self._counted.extend([now] * self.limit)

    def admit(self, now: float) -> Standing:
        start = self._start(now)
        while self._counted and self._counted[0] < start:
            self._counted.popleft()
        admitted = len(self._counted) < self.limit
        if admitted:
            self._counted.append(now)
        resets_at = start if self._fixed else self._counted[0]
        return Standing(admitted, self.limit - len(self._counted), resets_at + self.per_s)

    def _start(self, now: float) -> float:
        return math.floor(now / self.per_s) * self.per_s if self._fixed else now - self.per_s
