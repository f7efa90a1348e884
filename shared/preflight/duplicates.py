"""Duplicates: the same content to the same account within a window."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from shared.preflight.engagements import Engagement, apart
from shared.rows import RowProblem


def duplicates(engagements: Sequence[Engagement], window: timedelta) -> Iterator[RowProblem]:
    """Warn once of each post of a row that says what its account says shortly before or after it.

    Of two rows the later one is warned of.
    """
    told: set[tuple[str, str]] = set()
    alike: defaultdict[tuple[object, str], list[Engagement]] = defaultdict(list)
    for each in engagements:
        alike[each.lane, each.content].append(each)
    for same in alike.values():
        for earlier, later in pairwise(sorted(same, key=lambda each: (each.at, not each.job))):
            row, other = (later, earlier) if later.place else (earlier, later)
            near = later.at - earlier.at <= window
            if near and row.place and (row.place, row.ref) not in told:
                told.add((row.place, row.ref))
                when = apart(row.at, other.at)
                message = f"says the same to the same account as {other.name}, {when}"
                yield row.warning(row.field, message)
