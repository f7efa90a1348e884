"""How much fell into the busiest stretch of time: what a limit of that length saw."""

from collections.abc import Sequence
from datetime import datetime, timedelta

#: When something was taken, and how much.
Taken = tuple[datetime, int]


def busiest(taken: Sequence[Taken], stretch: timedelta) -> int:
    """Return the most that was taken within any `stretch`; what was taken when is in order."""
    most = held = first = 0
    for at, cost in taken:
        held += cost
        while at - taken[first][0] >= stretch:
            held -= taken[first][1]
            first += 1
        most = max(most, held)
    return most
