"""Which new rows of another tool's table are rows that were loaded before and edited since.

Such rows have refs made of their content, so an edited one has another. It is known by its account
and its content where only the time moved, or by its account and its time.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.states import FINAL, State

#: `<dialect>-<digest>/<platform>/<account>`: made by the readers of tables, not by a person.
_DERIVED = re.compile(r"([a-z]+-)[0-9a-f]{12}/")

#: Nothing of these is out or will be: an edited row takes their place as a job of its own.
_GIVEN_UP = frozenset({State.FAILED, State.CANCELLED})

#: What was sent is not sent again because its row was moved by less; what comes daily is further.
NEAR = timedelta(hours=12)


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
        """Return what an edit never changes: the dialect, and for whom it is.

        The account is taken as it is known, and not as the ref calls it: by its id or its name.
        """
        return source(self.ref), self.ref.split("/")[1], self.connection, self.account_id


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
    # Content first: in a table that was moved by an hour, a row stands where the next one stood.
    found = _pairs(fresh, [each for each in left if each.state not in FINAL], _place_and_content)
    fresh, left = _without(found, fresh, left)
    found |= _moved(fresh, [each for each in left if each.state in FINAL])
    fresh, left = _without(found, fresh, left)
    return found | _pairs([each for each in fresh if each.run_at], left, _place_and_time)


def _without(
    found: Mapping[str, str], fresh: Sequence[Trace], left: Sequence[Trace]
) -> tuple[list[Trace], list[Trace]]:
    """Return the rows and the jobs that are not paired yet."""
    taken = set(found.values())
    rows = [each for each in fresh if each.ref not in found]
    return rows, [each for each in left if each.ref not in taken]


def _moved(asked: Sequence[Trace], out: Sequence[Trace]) -> dict[str, str]:
    """Pair rows with posts that are out and whose time moved a little since.

    At a time far from it, the same may well be meant to go once more.
    """
    by_key: defaultdict[Hashable, list[Trace]] = defaultdict(list)
    for each in asked:
        by_key[_place_and_content(each)].append(each)
    near = [
        (each.ref, sent.ref)
        for sent in out
        for each in by_key.get(_place_and_content(sent), ())
        if _is_near(each, sent)
    ]
    rows, posts = Counter(row for row, _ in near), Counter(post for _, post in near)
    return {row: post for row, post in near if rows[row] == 1 and posts[post] == 1}


def _is_near(one: Trace, other: Trace) -> bool:
    if one.run_at is None or other.run_at is None:
        return False
    return abs(one.run_at - other.run_at) < NEAR


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
