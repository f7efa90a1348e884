"""How long publishes of one sort usually take from accepted to settled, learnt from those that did.

A tally counts durations in buckets that are a tenth wide, and lets older ones fade, so that it is
small, can be added to in any order, and follows a provider that changes its ways.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

#: Each bucket ends at this many times its beginning.
RATIO = 1.1

#: So many durations are remembered; what comes on top makes older ones fade.
MEMORY = 2_000

#: Fewer are no habit.
ENOUGH = 8

#: What has faded to less than this is forgotten.
TRACE = 0.01

SHORTEST = timedelta(milliseconds=100)
LONGEST = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A tenth of publishes settles within `early`, half within `median`, nine of ten in `late`."""

    early: timedelta
    median: timedelta
    late: timedelta


@dataclass(frozen=True, slots=True)
class Tally:
    """Weights of buckets by their number; bucket n begins at RATIO ** n seconds."""

    weights: Mapping[int, float] = field(default_factory=dict)

    def learn(self, durations: Iterable[timedelta]) -> "Tally":
        """Return the tally with these durations in it, and older ones faded to make room."""
        added = [_bucket(duration) for duration in durations]
        room = max(MEMORY - len(added), 0)
        fading = min(room / self._total, 1.0) if self.weights else 1.0
        weights = {bucket: weight * fading for bucket, weight in self.weights.items()}
        for bucket in added:
            weights[bucket] = weights.get(bucket, 0.0) + 1.0
        return Tally({each: weight for each, weight in weights.items() if weight >= TRACE})

    def habit(self) -> Habit | None:
        """Return the habit; None while too little is known."""
        if self._total < ENOUGH:
            return None
        return Habit(early=self._within(0.1), median=self._within(0.5), late=self._within(0.9))

    @property
    def _total(self) -> float:
        return sum(self.weights.values())

    def _within(self, share: float) -> timedelta:
        """Return the middle of the bucket in which this share of the weight is reached."""
        left = share * self._total
        for bucket, weight in sorted(self.weights.items()):
            left -= weight
            if left <= 0:
                return timedelta(seconds=RATIO ** (bucket + 0.5))
        return timedelta(seconds=RATIO ** (max(self.weights) + 0.5))


def _bucket(duration: timedelta) -> int:
    within = min(max(duration, SHORTEST), LONGEST)
    return math.floor(math.log(within.total_seconds(), RATIO))
