"""A plan as rows of counts over time: what every picture of it is drawn from."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.plan.outcome import Plan, PlannedPost


@dataclass(frozen=True, slots=True)
class Row:
    """How many posts of one account, or of all of a connection, leave in each step of time."""

    name: str
    is_connection: bool
    counts: Sequence[int]
    #: Posts that leave more than a minute after their time.
    late: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows over the same steps of time."""

    begins: datetime
    step: timedelta
    rows: Sequence[Row]
    left_out: int

    @property
    def steps(self) -> int:
        return len(self.rows[0].counts) if self.rows else 0

    @property
    def ends(self) -> datetime:
        return self.begins + self.step * self.steps


def chart(plan: Plan, steps: int, accounts: int, until: datetime | None = None) -> Chart:
    """Return the plan in so many steps, up to its end or `until`.

    Of the accounts only the busiest are drawn, so many of them; all count for their connection.
    """
    sent = [each for each in plan.posts if each.sent_at is not None]
    ends = [each.sent_at for each in sent if each.sent_at] + ([until] if until else [])
    span = max(max(ends, default=plan.start) - plan.start, timedelta(seconds=1))
    step = span / (steps - 1)
    lanes: defaultdict[tuple[str, str], list[PlannedPost]] = defaultdict(list)
    whole: defaultdict[str, list[PlannedPost]] = defaultdict(list)
    for each in sent:
        lanes[each.connection, each.account].append(each)
        whole[each.connection].append(each)
    ranked = sorted(lanes.items(), key=lambda each: (-len(each[1]), each[0]))
    shown = sorted(ranked[:accounts])
    rows = []
    for name, posts in sorted(whole.items()):
        rows.append(_row(name, posts, plan.start, step, steps, whole=True))
        rows += [
            _row(account, some, plan.start, step, steps, whole=False)
            for (connection, account), some in shown
            if connection == name
        ]
    return Chart(plan.start, step, rows, len(lanes) - len(shown))


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
    return Row(name, whole, counts, late)
