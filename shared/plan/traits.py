"""How long a modelled provider takes, where no habit tells; every figure is assumed (A)."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from shared.domain.habit import Habit
from shared.domain.post import Kind

#: From accepted to out (A); a habit that was learnt from this connection counts instead.
SETTLES: Mapping[Kind, timedelta] = {
    Kind.TEXT: timedelta(seconds=2),
    Kind.IMAGE: timedelta(seconds=8),
    Kind.STORY: timedelta(seconds=8),
    Kind.CAROUSEL: timedelta(seconds=20),
    Kind.VIDEO: timedelta(seconds=60),
}

#: A publish call that answers at once (A).
QUICK = timedelta(seconds=1)

#: One request that brings a file, and one that asks for statuses (A).
UPLOAD = timedelta(seconds=2)
STATUS = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """How long calls take; None = as assumed for the kind."""

    call: timedelta | None = None
    settle: timedelta | None = None
    upload: timedelta = UPLOAD
    status: timedelta = STATUS
    settles: Mapping[Kind, timedelta] = field(default_factory=lambda: SETTLES)

    def call_of(self, kind: Kind, *, synchronous: bool) -> timedelta:
        """Return how long a publish call takes; one that waits for the platform takes it all."""
        if self.call is not None:
            return self.call
        return QUICK + (self.settle_of(kind) if synchronous else timedelta(0))

    def settle_of(
        self, kind: Kind, habit: Habit | None = None, chance: random.Random | None = None
    ) -> timedelta:
        """Return how long a publish takes from accepted to out, drawn from a habit if known."""
        if self.settle is not None:
            return self.settle
        if habit is not None and chance is not None:
            return drawn(habit, chance.random())
        return self.settles[kind]


def drawn(habit: Habit, share: float) -> timedelta:
    """Return the duration within which this share of publishes settles, between the known ones."""
    known = [(0.0, habit.early), (0.1, habit.early), (0.5, habit.median), (0.9, habit.late)]
    for (low, begin), (high, end) in pairwise(known):
        if share <= high:
            return begin + (end - begin) * ((share - low) / (high - low))
    return habit.late
