"""The rules of campaigns as their rows hold them, and what keeping order and distance means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.release import LOOK_AHEAD, LatePolicy, read_late_policy
from shared.ledger.due import CANDIDATE, Due, likeness, read_due
from shared.ledger.streams import PAUSE
from shared.ledger.tables import (
    BUSY,
    UNFINISHED,
    WAITING,
    attempt,
    campaign,
    job,
    standing,
)

#: How the late keys of jobs begin whose series has a late policy of its own.
SERIES_KEYS = "series/"

_MILLISECOND = timedelta(milliseconds=1)


def late_key(connection: str, campaign_id: int, late: LatePolicy | None) -> str:
    """Return under whose late policy a job stands, as its row says it."""
    return connection if late is None else campaign_key(campaign_id)


def campaign_key(campaign_id: int) -> str:
    # No connection has a slash in its name: `accounts` of the settings splits by it.
    return f"campaign/{campaign_id}"


def series_key(series_id: int) -> str:
    return f"{SERIES_KEYS}{series_id}"


def read_rules(row: Row[Any]) -> CampaignRules:
    return CampaignRules(
        priority=Priority(row.priority),
        ordered=row.ordered,
        spacing=row.spacing_ms * _MILLISECOND,
        jitter=row.jitter_ms * _MILLISECOND,
        late=read_late_policy(row.late_policy),
    )


def rules_columns(rules: CampaignRules) -> dict[str, Any]:
    return {
        "priority": rules.priority,
        "ordered": rules.ordered,
        "spacing_ms": rules.spacing // _MILLISECOND,
        "jitter_ms": rules.jitter // _MILLISECOND,
        "late_policy": None if rules.late is None else str(rules.late),
    }


def rules_of(tx: Connection, campaigns: Collection[int]) -> dict[int, CampaignRules]:
    query = select(campaign).where(campaign.c.id.in_(campaigns))
    return {row.id: read_rules(row) for row in tx.execute(query)}


@dataclass(frozen=True, slots=True)
class Head:
    """The only job of a stream that may go next, and from when on; None = it is woken then."""

    due: Due
    at: datetime | None


def heads(
    tx: Connection, streams: Sequence[Any], rules: Mapping[int, CampaignRules], horizon: datetime
) -> dict[int, Head]:
    """Return, by stream, the heads of those whose campaigns keep order or distance.

    One that must wait for something which cannot be foretold is to be looked at again soon.
    """
    found: dict[int, Head] = {}
    for stream in streams:
        of = rules[stream.campaign_id]
        first = first_in_turn(tx, stream, ordered=of.ordered) if of.ordered or of.spaced else None
        if first is not None:
            found[stream.id] = Head(first, _ready_at(tx, stream, first, of, horizon))
    return found


def first_in_turn(tx: Connection, stream: Any, *, ordered: bool) -> Due | None:
    """Return the first job that waits; where order is kept the first that has not ended."""
    query = select(*CANDIDATE).where(_of(stream)).limit(1)
    if ordered:
        unfinished = standing(*UNFINISHED) & job.c.turn.is_not(None)
        query = query.where(unfinished).order_by(job.c.turn, job.c.id)
    else:
        query = query.where(standing(*WAITING)).order_by(job.c.due_at, job.c.id)
    row = tx.execute(query).one_or_none()
    return None if row is None else read_due(row)


def _ready_at(
    tx: Connection, stream: Any, first: Due, of: CampaignRules, horizon: datetime
) -> datetime | None:
    if first.state not in WAITING:
        return None
    others = tx.execute(
        select(job.c.campaign_id, likeness(job).label("likeness")).where(
            job.c.lane_id == stream.lane_id, standing(*BUSY)
        )
    ).all()
    ours_goes = of.spaced and any(each.campaign_id == stream.campaign_id for each in others)
    if ours_goes or any(each.likeness == first.likeness for each in others):
        return horizon + PAUSE
    since = horizon - LOOK_AHEAD - of.spacing - of.jitter
    last = last_sent(tx, stream, since) if of.spaced else None
    return first.due_at if last is None else max(first.due_at, last + of.gap(first.id))


def last_sent(tx: Connection, stream: Any, since: datetime) -> datetime | None:
    """Return when a publish call of this stream was last made, if that was after `since`."""
    last: datetime | None = tx.execute(
        select(func.max(attempt.c.opened_at))
        .join(job, job.c.id == attempt.c.job_id)
        .where(
            attempt.c.lane_id == stream.lane_id,
            attempt.c.opened_at >= since,
            job.c.campaign_id == stream.campaign_id,
        )
    ).scalar_one()
    return last


def _of(stream: Any) -> ColumnElement[bool]:
    return and_(job.c.lane_id == stream.lane_id, job.c.campaign_id == stream.campaign_id)
