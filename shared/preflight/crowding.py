"""Crowding: a schedule denser than an account's caps, named before it piles up."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.connected import Connected
from shared.domain.duration import show_duration
from shared.domain.limit import Call, Limit, Reach, Unit, Window
from shared.preflight.engagements import Engagement, Lane
from shared.rows import RowProblem


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of one account, and what it counts of each post."""

    limit: Limit
    words: str
    weigh: Callable[[Engagement], int]


def caps_of(connected: Connected, account_id: str) -> list[Cap]:
    """Return what is declared or configured for the account, and TikTok's cap of drafts."""
    own = connected.account_limits.get(account_id, ())
    shared = [each for each in connected.limits(None) if each.reach is Reach.ACCOUNT]
    caps = [_cap(each) for each in (*own, *shared) if each.counts(Call.PUBLISH)]
    drafts = connected.provider.capabilities.drafts_per_day
    return caps if drafts is None else [*caps, _drafts(drafts)]


def _cap(limit: Limit) -> Cap:
    words = f"{limit.amount(limit.requests)} per {show_duration(limit.per)}"
    if limit.unit is Unit.CONTAINERS:
        return Cap(limit, words, lambda each: each.containers)
    return Cap(limit, words, lambda _: 1)


def _drafts(count: int) -> Cap:
    day = Limit(requests=count, per=timedelta(days=1), window=Window.ROLLING, unit=Unit.POSTS)
    return Cap(day, f"{count} waiting drafts per 24h at TikTok", lambda each: int(each.is_draft))


def crowding(
    engagements: Sequence[Engagement], caps: Mapping[Lane, Sequence[Cap]]
) -> Iterator[RowProblem]:
    """Warn once for each stretch that is too dense, at the first row that goes over."""
    by_lane: defaultdict[Lane, list[Engagement]] = defaultdict(list)
    for each in engagements:
        by_lane[each.lane].append(each)
    for lane, posts in by_lane.items():
        posts.sort(key=lambda each: each.at)
        for cap in caps.get(lane, ()):
            yield from _over(posts, cap)


def _over(posts: Sequence[Engagement], cap: Cap) -> Iterator[RowProblem]:
    told_until: datetime | None = None
    first, total = 0, 0
    for last, post in enumerate(posts):
        total += cap.weigh(post)
        while not _together(posts[first], post, cap.limit):
            total -= cap.weigh(posts[first])
            first += 1
        over = total > cap.limit.requests and cap.weigh(post) > 0
        if over and post.place and (told_until is None or post.at > told_until):
            told_until = post.at + cap.limit.per
            yield post.warning("run_at", _words(posts[first : last + 1], total, cap))


def _together(one: Engagement, other: Engagement, limit: Limit) -> bool:
    """Whether both fall into one window; a fixed one may begin at any post."""
    if limit.window is Window.DAY:
        zone = ZoneInfo(limit.zone)
        return one.at.astimezone(zone).date() == other.at.astimezone(zone).date()
    return other.at - one.at < limit.per


def _words(posts: Sequence[Engagement], total: int, cap: Cap) -> str:
    counted = [each for each in posts if cap.weigh(each)]
    unit = "containers" if cap.limit.unit is Unit.CONTAINERS else "posts"
    names = f"from {counted[0].name} to here" if len(counted) > 1 else "alone"
    return (
        f"makes {total} {unit} of this account within {_span(cap.limit)} ({names});"
        f" the limit is {cap.words}, so it goes later"
    )


def _span(limit: Limit) -> str:
    return f"a day in {limit.zone}" if limit.window is Window.DAY else show_duration(limit.per)
