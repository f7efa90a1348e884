"""What SQL remembers of requests when Redis has forgotten them, and what it cannot.

SQL knows every block, every learnt limit and every publish call. It does not know uploads and
reads, so what was not counted is assumed:

- A window of up to 60 s is full until one window after the last moment at which any process may
  have sent what was admitted before: a moment after the rebuild, or the end of the limiter's lease
  if that was earlier. Nothing is admitted without a lease saved in SQL, so a first start, or one
  after a rest, is not held up.
- A longer window is full until that moment: what was admitted before has left then, and is in SQL.
  It starts with the publish calls there, plus the uploads and reads that the last
  snapshot (at most seconds old, since the lease is renewed with one) counted, plus, if it counts
  anything but publish calls, headroom: a tenth of the limit for what came after that snapshot.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import ADMITTED_FOR, Block, Call, LearntWindow, Limit, Scope, Unit
from shared.limits.adaptive import FORGOTTEN, adaptive_gauge
from shared.limits.books import LONGEST_CALL
from shared.limits.gauge import (
    UNTOLD,
    Gauge,
    gauge_of,
    instant,
    milliseconds,
    milliseconds_up,
    quoted,
)
from shared.limits.store import LimitStore

#: The row under which the lease stands in SQL; no connection can be called so.
LEASE_NAME = "*"

#: How long the lease reaches, and how old it may get before it is renewed.
LEASE = timedelta(seconds=30)
LEASE_RENEWED_WITHIN = timedelta(seconds=20)

_HEADROOM_SHARE = 10
_LEASE_LIMIT = Limit(requests=1, per=LEASE, source="learnt")


def save_lease(store: LimitStore, now: datetime) -> None:
    """Say in SQL that requests may be sent for one lease from now."""
    store.save_window(LEASE_NAME, None, _LEASE_LIMIT, 1, now + LEASE, now)


def blind_until(store: LimitStore, now: datetime) -> datetime | None:
    """Until when uncounted requests may have been sent; None if nothing ever was."""
    leases = [row for row in store.learnt(now) if row.connection == LEASE_NAME]
    ends = [row.saved_at + LEASE for row in leases]
    return min(max(ends), now + ADMITTED_FOR) if ends else None


def learnt_limits(rows: Iterable[LearntWindow], now: datetime) -> list[dict[str, Any]]:
    """Return the limits that answers taught or trial found, as the scripts take them."""
    known = [row for row in rows if row.connection != LEASE_NAME]
    learnt = [row for row in known if row.limit.source == "learnt"]
    return [
        *({"gauge": _gauge(row, now).wire(), "limit": row.limit.requests} for row in learnt),
        *map(_adaptive_form, filter(_is_adaptive, known)),
    ]


def _is_adaptive(row: LearntWindow) -> bool:
    has_limit = row.limit.requests < UNTOLD and row.resets_at is not None
    return row.limit.source == "adaptive" and has_limit


def _adaptive_form(row: LearntWindow) -> dict[str, Any]:
    """Tell the last cut: an adaptive limit is saved until it would be forgotten."""
    cut = (row.resets_at or row.saved_at) - FORGOTTEN
    gauge = adaptive_gauge(row.connection)
    return {"gauge": gauge.wire(), "limit": row.limit.requests, "cut": milliseconds(cut)}


def block_form(block: Block) -> dict[str, Any]:
    whom = quoted(block.connection)
    form = {
        "scope": whom if block.account is None else f"{whom}|{quoted(block.account)}",
        "connection": block.connection,
        "until": milliseconds_up(block.until),
        "why": block.why,
    }
    return form if block.account is None else form | {"account": block.account}


def block_of(form: Mapping[str, Any]) -> Block:
    return Block(form["connection"], form.get("account"), instant(form["until"]), form["why"])


def counted_ends(gauge: Gauge, store: LimitStore, now: datetime) -> list[int]:
    """Return when each request of a long window ended, or must have, in milliseconds."""
    since = instant(max(milliseconds(now) - gauge.per_ms, gauge.floor_ms))
    sent = _sent(gauge, store, since)
    ends = [min(moment + LONGEST_CALL, now) for moment in sent]
    row = _last_row(gauge, store.learnt(now), now)
    # The limit in force may be a learnt one, and higher than the declared one that is asked about.
    limit = max(gauge.requests, row.limit.requests) if row else gauge.requests
    if row is not None and row.saved_at > since:
        others = row.used - sum(moment <= row.saved_at for moment in sent)
        ends += [row.saved_at] * max(others, 0)
    ends += [now] * _headroom(gauge, limit)
    return sorted(map(milliseconds, ends))[-limit:]


def _sent(gauge: Gauge, store: LimitStore, since: datetime) -> Sequence[datetime]:
    if not gauge.limit.counts(Call.PUBLISH):
        return ()
    if gauge.limit.unit is Unit.CONTAINERS:
        return store.containers_since(gauge.connection, gauge.account, since)
    return store.sent_since(gauge.connection, gauge.account, since)


def _headroom(gauge: Gauge, limit: int) -> int:
    if gauge.limit.unit is not Unit.REQUESTS or gauge.limit.calls == {Call.PUBLISH}:
        return 0
    return math.ceil(min(limit, 10_000) / _HEADROOM_SHARE)


def _last_row(gauge: Gauge, rows: Iterable[LearntWindow], now: datetime) -> LearntWindow | None:
    same = (row for row in rows if _gauge(row, now).id == gauge.id)
    return max(same, key=lambda row: row.saved_at, default=None)


def _gauge(row: LearntWindow, now: datetime) -> Gauge:
    limit = replace(row.limit, requests=max(row.limit.requests, 1))
    return gauge_of(limit, Scope(row.connection, row.account), now)
