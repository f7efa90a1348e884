"""What a plan comes to: when posts go and are out, how late, what they used and what held them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.busiest import busiest
from shared.domain.states import State
from shared.plan.backlog import PlannedJob
from shared.plan.model import Question, Spent
from shared.plan.simulation import Simulation

#: A post that leaves later than this after its time counts as late.
LATE = timedelta(minutes=1)

_OF_ACCOUNT = re.compile(r" of ([^/ ]+)/.+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPost:
    """One post as planned; an instant is None where the plan never comes to it."""

    ref: str
    campaign: str
    connection: str
    account: str
    run_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    state: State
    reason: str
    attempts: int

    @property
    def is_out(self) -> bool:
        return self.state is State.SUCCEEDED

    @property
    def lateness(self) -> timedelta:
        """How long after its time it is first sent; zero for one that never is."""
        return max((self.sent_at or self.run_at) - self.run_at, timedelta(0))

    @property
    def is_late(self) -> bool:
        return self.lateness > LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneUse:
    """What one account has: how many posts, from when to when."""

    connection: str
    account: str
    posts: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUsed:
    """The most that a window held at once, of what it admits."""

    words: str
    connection: str
    account: str | None
    limit: int
    peak: int
    total: int

    @property
    def share(self) -> float:
        return self.peak / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer to a question."""

    start: datetime
    posts: Sequence[PlannedPost]
    windows: Sequence[WindowUsed]
    #: Seconds that posts spent waiting, by what they waited for, the longest first.
    waits: Mapping[str, float]
    #: Posts of others that spend from the same windows: what waits already, what series bring.
    waiting: int = 0
    recurring: int = 0
    #: From then on series brought so much that it was left out.
    recurring_until: datetime | None = None

    @property
    def finish_at(self) -> datetime | None:
        """When the last of those that come out is known to be; None where none does."""
        ends = [each.settled_at for each in self.posts if each.is_out]
        return max((each for each in ends if each is not None), default=None)

    @property
    def missing(self) -> list[PlannedPost]:
        """The posts that do not come out."""
        return [each for each in self.posts if not each.is_out]

    @property
    def late(self) -> list[PlannedPost]:
        return [each for each in self.posts if each.is_late]

    @property
    def binding(self) -> str | None:
        return next(iter(self.waits), None)

    def lateness(self, share: float) -> timedelta:
        """Return how late this share of the posts is at most, by nearest rank."""
        ranked = sorted(each.lateness for each in self.posts)
        return ranked[round(share * (len(ranked) - 1))] if ranked else timedelta(0)

    def behind(self, deadline: datetime | None) -> list[PlannedPost]:
        """Return the posts that are not out by then, or never."""
        return [each for each in self.posts if not _is_out_by(each, deadline)]

    def fits(self, deadline: datetime | None) -> bool:
        return not self.behind(deadline)

    def fullest(self) -> list[WindowUsed]:
        """Return the windows of connections and, after them, the accounts', the fullest first."""
        return sorted(self.windows, key=lambda each: (each.account is not None, -each.share))

    def lanes(self) -> list[LaneUse]:
        """Return the accounts in the order in which their last post is out."""
        found: defaultdict[tuple[str, str], list[PlannedPost]] = defaultdict(list)
        for each in self.posts:
            found[each.connection, each.account].append(each)
        lanes = [_lane(key, posts) for key, posts in found.items()]
        return sorted(lanes, key=lambda each: (each.last is None, each.last))


def plan(question: Question, spent: Sequence[Spent] = ()) -> Plan:
    """Run a question through and return its answer."""
    simulation = Simulation(question, spent)
    simulation.run()
    about = [each for each in simulation.jobs if question.concerns(each.job.campaign)]
    waits: Counter[str] = Counter()
    for each in about:
        for why, seconds in each.waits.items():
            waits[_in_general(why)] += seconds
    return Plan(
        start=question.start,
        posts=[_post(each) for each in about],
        windows=list(_windows(simulation)),
        waits=dict(waits.most_common()),
        waiting=question.others,
        recurring=simulation.recurring.made,
        recurring_until=simulation.recurring.cut_at,
    )


def _post(planned: PlannedJob) -> PlannedPost:
    job = planned.job
    return PlannedPost(
        ref=job.ref,
        campaign=job.campaign,
        connection=job.connection,
        account=job.post.account_id,
        run_at=job.run_at,
        sent_at=job.first_sent_at,
        settled_at=job.settled_at,
        state=job.state,
        reason=job.reason,
        attempts=job.attempts,
    )


def _lane(key: tuple[str, str], posts: Sequence[PlannedPost]) -> LaneUse:
    sent = [each.sent_at for each in posts if each.sent_at]
    out = [each.settled_at for each in posts if each.is_out and each.settled_at]
    return LaneUse(
        connection=key[0],
        account=key[1],
        posts=len(posts),
        first=min(sent, default=None),
        last=max(out, default=None),
    )


def _is_out_by(post: PlannedPost, deadline: datetime | None) -> bool:
    if not post.is_out or post.settled_at is None:
        return False
    return deadline is None or post.settled_at <= deadline


def _in_general(why: str) -> str:
    """Return a limit of one account as the same limit of each."""
    return _OF_ACCOUNT.sub(r" of each account of \1", why)


def _windows(simulation: Simulation) -> Iterator[WindowUsed]:
    windows = simulation.windows
    for name, taken in sorted(windows.taken.items()):
        gauge = windows.gauges[name]
        yield WindowUsed(
            words=gauge.describe(gauge.requests),
            connection=gauge.connection,
            account=gauge.account,
            limit=gauge.requests,
            peak=busiest(taken, gauge.limit.per),
            total=sum(cost for _, cost in taken),
        )
