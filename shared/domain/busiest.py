"""How many calls fell into the busiest stretch of time: what a limit of that length saw."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def busiest(moments: Sequence[datetime], stretch: timedelta) -> int:
    """Return the most moments within any `stretch`; they are in order."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= stretch:
            first += 1
        most = max(most, last - first + 1)
    return most
