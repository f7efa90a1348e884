"""Which window an answer speaks of: one that we count already, or one it is the first to name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.limit import Limit, Reach, Scope, Unit
from shared.limits.books import Lesson
from shared.limits.gauge import UNTOLD, Gauge, gauge_of, milliseconds_up
from shared.limits.quotas import Quota

#: How long windows usually are; a reset tells no more than that the window is at least so long.
_USUAL = (
    timedelta(minutes=1),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=30),
)

#: A reset may seem further away than the window is long, by travel and whole seconds.
_SLACK = timedelta(seconds=2)


def lessons(
    described: Iterable[Quota], gauges: Sequence[Gauge], scope: Scope, now: datetime
) -> list[Lesson]:
    """Match what an answer describes to the windows that count its call."""
    matched = (_lesson(quota, gauges, scope, now) for quota in map(_sound, described))
    return [lesson for lesson in matched if lesson is not None]


def _sound(quota: Quota) -> Quota:
    """Drop what nobody can count with: a percentage, no requests at all, a reset in the past."""
    if quota.is_percentage or not quota.limit:
        quota = replace(quota, limit=None)
    if quota.is_percentage and not quota.exhausted:
        quota = replace(quota, remaining=None)
    return quota


def _lesson(quota: Quota, gauges: Sequence[Gauge], scope: Scope, now: datetime) -> Lesson | None:
    reset_at = quota.reset_at if quota.reset_at and quota.reset_at > now else None
    if quota.limit is None and (quota.remaining is None or reset_at is None):
        return None
    gauge = _known(quota, gauges, reset_at, now) or _new(quota, scope, reset_at, now)
    if gauge is None:
        return None
    return Lesson(
        gauge=gauge,
        limit=quota.limit,
        remaining=quota.remaining,
        reset_ms=None if reset_at is None else milliseconds_up(reset_at),
    )


def _known(
    quota: Quota, gauges: Sequence[Gauge], reset_at: datetime | None, now: datetime
) -> Gauge | None:
    """Find the declared window: the one so long, else of so many requests, else the widest.

    Headers count requests, or posts where only publish calls are counted; never containers.
    """
    gauges = [gauge for gauge in gauges if gauge.limit.unit is not Unit.CONTAINERS]
    if quota.per is not None:
        alike = [gauge for gauge in gauges if gauge.limit.per == quota.per]
        return _same_requests(alike, quota) or _first(sorted(alike, key=_narrowness))
    exact = _same_requests(gauges, quota)
    if exact is not None:
        return exact
    ahead = (reset_at - now if reset_at else timedelta()) - _SLACK
    return _first(
        gauge
        for gauge in sorted(gauges, key=lambda gauge: gauge.limit.per)
        if gauge.limit.reach is Reach.CONNECTION
        and not _is_narrow(gauge)
        and gauge.limit.per >= ahead
    )


def _same_requests(gauges: Iterable[Gauge], quota: Quota) -> Gauge | None:
    return _first(gauge for gauge in gauges if gauge.requests == quota.limit)


def _narrowness(gauge: Gauge) -> tuple[bool, bool]:
    return gauge.limit.reach is Reach.ACCOUNT, _is_narrow(gauge)


def _is_narrow(gauge: Gauge) -> bool:
    return bool(gauge.limit.calls) or gauge.limit.unit is not Unit.REQUESTS


def _first(gauges: Iterable[Gauge]) -> Gauge | None:
    return next(iter(gauges), None)


def _new(quota: Quota, scope: Scope, reset_at: datetime | None, now: datetime) -> Gauge | None:
    per = quota.per or _guess(reset_at, now)
    if per is None:
        return None
    limit = Limit(requests=quota.limit or UNTOLD, per=per, source="learnt")
    return gauge_of(limit, Scope(scope.connection), now)


def _guess(reset_at: datetime | None, now: datetime) -> timedelta | None:
    if reset_at is None:
        return None
    ahead = reset_at - now - _SLACK
    return next((per for per in _USUAL if per >= ahead), None)
