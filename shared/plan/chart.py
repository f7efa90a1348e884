"""A plan as rows of counts over time: what every picture of it is drawn from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.plan.model import Place
from shared.plan.outcome import Plan, PlannedPost

#: A deadline is drawn if it lies no further off than so many times what the plan takes.
IN_SIGHT = 2


@dataclass(frozen=True, slots=True)
class Row:
    """How many posts of one account, or of all of a connection, leave in each step of time."""

    name: str
    is_connection: bool
    #: How many there are, with those that never leave.
    posts: int
    counts: Sequence[int]
    #: Posts that leave more than a minute after their time.
    late: Sequence[int]

    @property
    def total(self) -> str:
        """Say how many leave, and of how many where not all do."""
        sent = sum(self.counts)
        return f"{sent}" if sent == self.posts else f"{sent} of {self.posts}"


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows over the same steps of time."""

    begins: datetime
    step: timedelta
    steps: int
    rows: Sequence[Row]
    left_out: int

    @property
    def ends(self) -> datetime:
        return self.begins + self.step * self.steps

    def share(self, moment: datetime) -> float | None:
        """Return how far along a moment lies, from 0 to 1; None = outside."""
        share: float = (moment - self.begins) / (self.ends - self.begins)
        return share if 0 <= share <= 1 else None


def chart(
    plan: Plan,
    steps: int,
    accounts: int,
    deadline: datetime | None = None,
    names: Mapping[Place, str] | None = None,
) -> Chart:
    """Return the plan in so many steps, up to its end, or up to the deadline if that is near.

    Of the accounts only the busiest are drawn, so many of them; all count for their connection.
    """
    ends = [each.settled_at or each.sent_at or plan.start for each in plan.posts if each.sent_at]
    span = max(max(ends, default=plan.start) - plan.start, timedelta(seconds=1))
    if deadline is not None and timedelta(0) < deadline - plan.start <= IN_SIGHT * span:
        span = max(span, deadline - plan.start)
    step = span / (steps - 1)
    lanes: defaultdict[Place, list[PlannedPost]] = defaultdict(list)
    whole: defaultdict[str, list[PlannedPost]] = defaultdict(list)
    for each in plan.posts:
        lanes[each.connection, each.account].append(each)
        whole[each.connection].append(each)
    ranked = sorted(lanes, key=lambda place: (-len(lanes[place]), place))
    shown = sorted(ranked[:accounts])
    called = names or {}
    rows = []
    for connection, posts in sorted(whole.items()):
        rows.append(_row(connection, posts, plan.start, step, steps, whole=True))
        rows += [
            _row(called.get(place, place[1]), lanes[place], plan.start, step, steps, whole=False)
            for place in shown
            if place[0] == connection
        ]
    return Chart(plan.start, step, steps, rows, len(lanes) - len(shown))


def shortened(name: str, most: int) -> str:
    """Return a name in at most so many characters; names often differ at their ends."""
    if len(name) <= most:
        return name
    end = most // 2
    return f"{name[: most - end - 1]}…{name[-end:]}"


def _row(
    name: str,
    posts: Sequence[PlannedPost],
    start: datetime,
    step: timedelta,
    steps: int,
    *,
    whole: bool,
) -> Row:
    counts, late = [0] * steps, [0] * steps
    for each in posts:
        if each.sent_at is not None:
            place = min((each.sent_at - start) // step, steps - 1)
            counts[place] += 1
            late[place] += each.is_late
    return Row(name, whole, len(posts), counts, late)
