"""Backlogs: what is due and not sent yet, counted through indexes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from shared.domain.crowd import Crowd
from shared.ledger.book import Book, reading
from shared.ledger.campaigns import id_of
from shared.ledger.rules import rules_of
from shared.ledger.tables import UNSENT, WAITING, job, lane, standing, stream


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneBacklog:
    """What a campaign has not sent yet on one lane."""

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
        late = job.c.run_at <= now
        query = (
            select(
                lane.c.connection,
                lane.c.account_id,
                lane.c.paused,
                func.count().label("waiting"),
                func.sum(case((late, 1), else_=0)).label("overdue"),
                func.max(case((late, job.c.due_at))).label("ready_at"),
            )
            .select_from(job.join(lane, lane.c.id == job.c.lane_id))
            .where(job.c.campaign_id == id_of(tx, name), standing(*UNSENT))
            .group_by(lane.c.id, lane.c.connection, lane.c.account_id, lane.c.paused)
            .order_by(lane.c.id)
        )
        return [_as_backlog(row) for row in tx.execute(query)]

    @reading
    def at_connection(
        self, tx: Connection, connection: str, now: datetime, at_most: int | None = None
    ) -> list[Crowd]:
        """Return what is due at a connection, by campaign; paused lanes are left out."""
        return crowds(tx, lane.c.connection == connection, now, at_most)


def crowds(
    tx: Connection, lanes: ColumnElement[bool], now: datetime, at_most: int | None
) -> list[Crowd]:
    """Return the due jobs of these lanes by campaign; no more than `at_most` are counted."""
    due = (
        select(job.c.campaign_id, job.c.lane_id)
        .select_from(lane.join(stream, stream.c.lane_id == lane.c.id).join(job, _of_stream()))
        .where(
            lanes,
            ~lane.c.paused,
            # Of a campaign that has ended, nothing is looked at.
            stream.c.wake_at.is_not(None),
            standing(*WAITING),
            job.c.due_at <= now,
        )
        .limit(at_most)
        .subquery("due")
    )
    query = select(
        due.c.campaign_id,
        func.count().label("jobs"),
        func.count(due.c.lane_id.distinct()).label("lanes"),
    ).group_by(due.c.campaign_id)
    rows = tx.execute(query).all()
    rules = rules_of(tx, [row.campaign_id for row in rows])
    return [
        Crowd(
            campaign_id=row.campaign_id,
            weight=rules[row.campaign_id].priority.weight,
            jobs=row.jobs,
            lanes=row.lanes,
        )
        for row in rows
    ]


def _of_stream() -> ColumnElement[bool]:
    return and_(job.c.lane_id == stream.c.lane_id, job.c.campaign_id == stream.c.campaign_id)


def _as_backlog(row: Any) -> LaneBacklog:
    return LaneBacklog(
        connection=row.connection,
        account_id=row.account_id,
        paused=row.paused,
        waiting=row.waiting,
        overdue=int(row.overdue),
        ready_at=row.ready_at,
    )
