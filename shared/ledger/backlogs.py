"""Backlogs: what is due and not sent yet, counted through indexes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from shared.domain.crowd import Crowd
from shared.ledger.book import Book, reading
from shared.ledger.campaigns import id_of
from shared.ledger.rules import rules_of
from shared.ledger.stops import stopped
from shared.ledger.tables import UNSENT, WAITING, job, lane, standing, stream


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneBacklog:
    """What a campaign has not sent yet on one lane."""

    campaign_id: int
    connection: str
    account_id: str
    paused: bool
    waiting: int
    #: Those whose `run_at` has passed.
    overdue: int
    #: When the last of the overdue ones may go, by its own `due_at`.
    ready_at: datetime | None


class Backlogs(Book):
    """Counts that cost as much as what is due, or as one campaign has left to send."""

    @reading
    def of_campaign(self, tx: Connection, name: str, now: datetime) -> list[LaneBacklog]:
        """Return what a campaign has not sent yet, by lane; raises UnknownName."""
        campaign_id = id_of(tx, name)
        late = job.c.run_at <= now
        query = (
            select(
                lane.c.connection,
                lane.c.account_id,
                func.count().label("waiting"),
                func.sum(case((late, 1), else_=0)).label("overdue"),
                func.max(case((late, job.c.due_at))).label("ready_at"),
                func.max(case((stopped(), 1), else_=0)).label("stopped"),
            )
            .select_from(job.join(lane, lane.c.id == job.c.lane_id))
            .where(job.c.campaign_id == campaign_id, standing(*UNSENT))
            .group_by(lane.c.id, lane.c.connection, lane.c.account_id)
            .order_by(lane.c.id)
        )
        return [_as_backlog(row, campaign_id) for row in tx.execute(query)]

    @reading
    def at_connection(
        self, tx: Connection, connection: str, now: datetime
    ) -> dict[str, list[Crowd]]:
        """Return what is due at a connection, by account and campaign; not on paused lanes."""
        due = _due(lane.c.connection == connection, now).subquery("due")
        keys = (due.c.account_id, due.c.campaign_id)
        rows = tx.execute(select(*keys, func.count().label("jobs")).group_by(*keys)).all()
        weights = _weights(tx, rows)
        found: defaultdict[str, list[Crowd]] = defaultdict(list)
        for row in rows:
            weight = weights[row.campaign_id]
            crowd = Crowd(campaign_id=row.campaign_id, weight=weight, jobs=row.jobs)
            found[row.account_id].append(crowd)
        return dict(found)


def crowds(tx: Connection, lanes: ColumnElement[bool], now: datetime, at_most: int) -> list[Crowd]:
    """Return the due jobs of these lanes by campaign; no more than `at_most` are counted."""
    due = _due(lanes, now).limit(at_most).subquery("due")
    query = select(
        due.c.campaign_id,
        func.count().label("jobs"),
        func.count(due.c.account_id.distinct()).label("lanes"),
    ).group_by(due.c.campaign_id)
    rows = tx.execute(query).all()
    weights = _weights(tx, rows)
    return [
        Crowd(
            campaign_id=row.campaign_id,
            weight=weights[row.campaign_id],
            jobs=row.jobs,
            lanes=row.lanes,
        )
        for row in rows
    ]


def _due(lanes: ColumnElement[bool], now: datetime) -> Select[Any]:
    of_stream = and_(job.c.lane_id == stream.c.lane_id, job.c.campaign_id == stream.c.campaign_id)
    return (
        select(stream.c.campaign_id, lane.c.account_id)
        .select_from(lane.join(stream, stream.c.lane_id == lane.c.id).join(job, of_stream))
        .where(
            lanes,
            ~lane.c.paused,
            # Of a campaign that has nothing left, nothing is read.
            stream.c.wake_at.is_not(None),
            standing(*WAITING),
            job.c.due_at <= now,
        )
    )


def _weights(tx: Connection, rows: Sequence[Any]) -> dict[int, int]:
    rules = rules_of(tx, {row.campaign_id for row in rows})
    return {each: of.priority.weight for each, of in rules.items()}


def _as_backlog(row: Any, campaign_id: int) -> LaneBacklog:
    return LaneBacklog(
        campaign_id=campaign_id,
        connection=row.connection,
        account_id=row.account_id,
        paused=bool(row.stopped),
        waiting=row.waiting,
        overdue=int(row.overdue),
        ready_at=row.ready_at,
    )
