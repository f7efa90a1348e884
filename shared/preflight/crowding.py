"""Crowding: a schedule denser than an account's caps, named before it piles up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.connected import Connected
from shared.domain.cap import Cap as PlatformCap
from shared.domain.duration import show_duration
from shared.domain.limit import Call, Limit, Reach, Unit, Window
from shared.domain.post import Kind
from shared.preflight.engagements import Engagement, Lane
from shared.rows import RowProblem

#: What comes of a post over a limit: our own limiter puts it off, a platform does not take it.
_LATER = "so it goes later"
_REFUSED = "which may refuse what is over it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit of one account, and what it counts of each post."""

    limit: Limit
    words: str
    then: str = _LATER
    #: None named = every kind.
    kinds: frozenset[Kind] = frozenset()
    drafts_only: bool = False

    def weigh(self, post: Engagement) -> int:
        if (self.drafts_only and not post.is_draft) or (self.kinds and post.kind not in self.kinds):
            return 0
        return post.containers if self.limit.unit is Unit.CONTAINERS else 1

    def covers(self, other: "Cap") -> bool:
        """Whether whatever goes over the other goes over this one, too."""
        mine, its = self.limit, other.limit
        counts_all = not self.drafts_only and not self.kinds
        counts_as_much = mine.unit is Unit.CONTAINERS or its.unit is not Unit.CONTAINERS
        days = mine.window is its.window and mine.zone == its.zone
        as_wide = mine.per >= its.per and (mine.window is not Window.DAY or days)
        return counts_all and counts_as_much and as_wide and mine.requests <= its.requests


def caps_of(connected: Connected, account_id: str, of_platform: Iterable[PlatformCap]) -> list[Cap]:
    """Return what is configured or declared for the account and those of its platform's caps.

    A cap that one before it covers is left out.
    """
    own = connected.account_limits.get(account_id, ())
    shared = [each for each in connected.limits(None) if each.reach is Reach.ACCOUNT]
    caps = [_own(each) for each in (*own, *shared) if each.counts(Call.PUBLISH)]
    drafts = connected.provider.capabilities.drafts_per_day
    caps += [] if drafts is None else [_drafts(drafts)]
    for cap in map(_platform, of_platform):
        if not any(each.covers(cap) for each in caps):
            caps.append(cap)
    return caps


def _own(limit: Limit) -> Cap:
    return Cap(limit=limit, words=_figure(limit))


def _drafts(count: int) -> Cap:
    day = Limit(requests=count, per=timedelta(days=1), window=Window.ROLLING, unit=Unit.POSTS)
    words = f"{count} waiting drafts per 24h at TikTok"
    return Cap(limit=day, words=words, then=_REFUSED, drafts_only=True)


def _platform(cap: PlatformCap) -> Cap:
    words = f"{_figure(cap.limit)} at {cap.platform} (cap {cap.name})"
    return Cap(limit=cap.limit, words=words, then=_REFUSED, kinds=cap.kinds)


def _figure(limit: Limit) -> str:
    return f"{limit.amount(limit.requests)} per {show_duration(limit.per)}"


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
            yield post.warning(post.time_field, _words(posts[first : last + 1], total, cap))


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
        f" the limit is {cap.words}, {cap.then}"
    )


def _span(limit: Limit) -> str:
    return f"a day in {limit.zone}" if limit.window is Window.DAY else show_duration(limit.per)
