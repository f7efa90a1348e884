"""How reading and publishing share a window, by the rules of looking.lua.

While one side has found no room within the last window, the other is held to its part: reading
to its share, publishing to the rest. While it wants nothing, nothing is kept for it.
"""

import math
from dataclasses import dataclass

from shared.limits.books import READS, SENDS


@dataclass(frozen=True, slots=True)
class Want:
    """So many slots for one side of a window, and the share of it that is left to reads."""

    cost: int
    side: str
    share: float
    #: A read with no others behind it.
    is_alone: bool = False

    @property
    def other(self) -> str:
        return SENDS if self.side == READS else READS

    def part(self, whole: int, keeps: float) -> int:
        """Return what this side may have of so many slots; each has one where there are two.

        Where reads want fewer than their share, no more than they want is kept for them.
        """
        if whole < 2:  # noqa: PLR2004 - a single slot cannot be shared
            return whole
        for_reads = min(max(1, math.ceil(self.share * whole - 1e-9)), whole - 1)
        return for_reads if self.side == READS else whole - int(min(for_reads, keeps))


@dataclass(frozen=True, slots=True)
class Room:
    """How many slots are free and, where these are too few, when enough of them will be."""

    free: int
    opens: int | None
