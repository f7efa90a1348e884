"""Which new rows of another tool's table are rows that were loaded before and edited since.

Such rows have refs made of their content, so an edited one has another. It is known by its account
and its time, or by its account and its content where only the time moved.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.states import FINAL, State

#: `<dialect>-<digest>/<platform>/<account>`: made by the readers of tables, not by a person.
_DERIVED = re.compile(r"([a-z]+-)[0-9a-f]{12}/")

#: Nothing of these is out or will be: an edited row takes their place as a job of its own.
_GIVEN_UP = frozenset({State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a row is known by when its ref has changed; `state` None = it is asked for."""

    ref: str
    connection: str
    account_id: str
    run_at: datetime | None
    content_hash: str
    state: State | None = None

    @property
    def lane(self) -> Hashable:
        """Return what an edit never changes: the dialect, and for whom it is."""
        return source(self.ref), self.ref.partition("/")[2], self.connection, self.account_id


def source(ref: str) -> str:
    """Return what a ref made of content begins with, such as `publer-`; '' = it is another's."""
    found = _DERIVED.match(ref)
    return found[1] if found else ""


def successors(asked: Iterable[Trace], stored: Iterable[Trace]) -> dict[str, str]:
    """Return, by the ref of a row that is new, the ref of the job that it is an edit of.

    Only what is certain counts: one row against one job.
    """
    asked, stored = list(asked), list(stored)
    there, wanted = {each.ref for each in stored}, {each.ref for each in asked}
    fresh = [each for each in asked if each.ref not in there]
    left = [each for each in stored if each.ref not in wanted and each.state not in _GIVEN_UP]
    found = _pairs([each for each in fresh if each.run_at], left, _place_and_time)
    fresh = [each for each in fresh if each.ref not in found]
    taken = set(found.values())
    # What has ended may be asked for once more, at another time.
    left = [each for each in left if each.ref not in taken and each.state not in FINAL]
    return found | _pairs(fresh, left, _place_and_content)


def _pairs(
    asked: Sequence[Trace], stored: Sequence[Trace], key: Callable[[Trace], Hashable]
) -> dict[str, str]:
    wanted, there = Counter(map(key, asked)), Counter(map(key, stored))
    by_key = {key(each): each.ref for each in stored}
    return {
        each.ref: by_key[key(each)]
        for each in asked
        if wanted[key(each)] == 1 and there[key(each)] == 1
    }


def _place_and_time(trace: Trace) -> Hashable:
    return trace.lane, trace.run_at


def _place_and_content(trace: Trace) -> Hashable:
    return trace.lane, trace.content_hash
