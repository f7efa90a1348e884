"""What one answer says about limits: how long to wait, and how the tightest window stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import Reading, Reply
from shared.limits.moments import Stopwatch, read_number
from shared.limits.quotas import Quota, quotas

#: A longer wait is asked for again rather than believed.
LONGEST_WAIT = timedelta(days=7)

TOO_MANY_REQUESTS = 429


def read(reply: Reply) -> Reading:
    """Return what the answer tells; what makes no sense is as if it were not there."""
    return summary(reply, windows(reply))


def windows(reply: Reply) -> list[Quota]:
    """Return every window that the answer describes."""
    headers = _lower(reply.headers)
    return quotas(headers, _stopwatch(reply, headers))


def summary(reply: Reply, described: list[Quota]) -> Reading:
    """Put together the wait and the window that governs, out of those described."""
    tightest = min(described, key=_urgency, default=Quota())
    return Reading(
        wait=_wait(reply, described),
        limit=tightest.limit,
        remaining=tightest.remaining,
        reset_at=tightest.reset_at,
        window=tightest.per,
    )


def _wait(reply: Reply, described: list[Quota]) -> timedelta | None:
    """Return the longest wait that the server asks for.

    It asks by Retry-After, by a hint in the body, and by the reset of an exhausted window; on a
    429 the only window is exhausted even if it does not say so.
    """
    headers = _lower(reply.headers)
    watch = _stopwatch(reply, headers)
    moments = [*_retry_after(headers, watch), *_hints(reply.body, watch)]
    moments += [quota.reset_at for quota in described if _closed(quota, described, reply)]
    asked = [moment for moment in moments if moment is not None]
    if not asked:
        return None
    return min(max(max(asked) - reply.received_at, timedelta()), LONGEST_WAIT)


def _closed(quota: Quota, described: list[Quota], reply: Reply) -> bool:
    if quota.remaining is None:
        return reply.status == TOO_MANY_REQUESTS and len(described) == 1
    return quota.exhausted


def _retry_after(headers: Mapping[str, str], watch: Stopwatch) -> Iterator[datetime | None]:
    for name in ("retry-after", "x-retry-after", "x-ratelimit-retry-after"):
        if name in headers:
            yield watch.moment(headers[name])
    milliseconds = read_number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        yield watch.after(milliseconds / 1_000)


def _hints(body: Any, watch: Stopwatch) -> Iterator[datetime | None]:
    """Yield what the body asks for, in `error` and at its top level.

    PostEverywhere: `error.retryAfter` in seconds (D). Wonda: `deferUntil` (D), in `error` or at
    the top (A).
    """
    if not isinstance(body, Mapping):
        return
    for table in (body.get("error"), body):
        if isinstance(table, Mapping):
            for key in ("retryAfter", "retry_after", "deferUntil", "defer_until"):
                if isinstance(table.get(key), str | int | float):
                    yield watch.moment(table[key])


def _urgency(quota: Quota) -> tuple[float, float]:
    """Order windows: the least room first, and among equals the one that resets last."""
    return _room(quota), -quota.reset_at.timestamp() if quota.reset_at else 0.0


def _room(quota: Quota) -> float:
    """Return the share that is left; a window that does not tell comes last."""
    if quota.remaining is None:
        return 2.0
    return quota.remaining / quota.limit if quota.limit else float(quota.remaining > 0)


def _stopwatch(reply: Reply, headers: Mapping[str, str]) -> Stopwatch:
    return Stopwatch.started(reply.received_at, headers.get("date"))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {str(name).lower(): str(value).strip() for name, value in headers.items()}
