"""The rhythm of a drop: when each of its posts goes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Times are kept as the ledger shows them.
_GRAIN = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How far apart posts are, and in which waves they go."""

    #: Two posts are at least so far apart ...
    spacing: timedelta = timedelta()
    #: ... and at most so much further; the seed decides.
    jitter: timedelta = timedelta()
    #: Posts of a wave; None = all of them are one.
    wave_size: int | None = None
    #: From the beginning of a wave to that of the next one, or longer where it is not over.
    wave_every: timedelta = timedelta()
    seed: str = ""

    def times(self, start: datetime, count: int) -> Iterator[datetime]:
        """Yield when each of so many posts goes; the first one goes at `start`."""
        chance = random.Random(self.seed)
        at = start
        for number in range(count):
            if number:
                at += self.spacing + chance.random() * self.jitter // _GRAIN * _GRAIN
            if number and self.wave_of(number) > self.wave_of(number - 1):
                at = max(at, start + self.wave_of(number) * self.wave_every)
            yield at

    def wave_of(self, number: int) -> int:
        """Return which wave a post belongs to; both are counted from 0."""
        return number // self.wave_size if self.wave_size else 0
