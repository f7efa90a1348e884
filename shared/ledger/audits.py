"""Jobs with their whole history, a page at a time, and lanes that nobody would wake for theirs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, exists, func, select

from shared.domain.job import Attempt, Event, Job
from shared.ledger.book import Book, reading
from shared.ledger.rows import ATTEMPT, EVENT, JOB, read_attempt, read_event, read_job
from shared.ledger.stops import STOPPED
from shared.ledger.tables import (
    UNFINISHED,
    WAITING,
    attempt,
    event,
    job,
    standing,
    stream,
)


@dataclass(frozen=True, slots=True)
class Record:
    """One job, its attempts and its events, all read at one moment."""

    job: Job
    attempts: list[Attempt]
    events: list[Event]


class Audits(Book):
    """What an audit reads."""

    @reading
    def page(self, tx: Connection, after: int, limit: int) -> list[Record]:
        """Return the next jobs by id, each with its attempts and events."""
        query = select(*JOB).where(job.c.id > after).order_by(job.c.id).limit(limit)
        jobs = [read_job(row) for row in tx.execute(query)]
        ids = [each.id for each in jobs]
        attempts = _by_job(tx, ATTEMPT, attempt, ids, attempt.c.number)
        events = _by_job(tx, EVENT, event, ids, event.c.id)
        return [
            Record(
                each,
                [read_attempt(row) for row in attempts[each.id]],
                [read_event(row) for row in events[each.id]],
            )
            for each in jobs
        ]

    @reading
    def asleep(self, tx: Connection) -> list[tuple[int, int]]:
        """Return (lane, job) where a job waits in a stream that dispatch will never look at.

        Where order is kept a stream sleeps rightly while a job before its waiting ones goes on.
        """
        first = (
            select(job.c.lane_id, job.c.campaign_id, func.min(job.c.id).label("job_id"))
            .where(standing(*WAITING))
            .group_by(job.c.lane_id, job.c.campaign_id)
            .subquery()
        )
        looked_at = exists().where(
            stream.c.lane_id == first.c.lane_id,
            stream.c.campaign_id == first.c.campaign_id,
            stream.c.wake_at.is_not(None),
        )
        before = exists().where(
            job.c.lane_id == first.c.lane_id,
            job.c.campaign_id == first.c.campaign_id,
            job.c.turn.is_not(None),
            standing(*UNFINISHED),
            job.c.state.not_in(WAITING),
        )
        paused = exists().where(job.c.id == first.c.job_id, STOPPED)
        query = select(first.c.lane_id, first.c.job_id).where(~looked_at, ~before, ~paused)
        return [(row.lane_id, row.job_id) for row in tx.execute(query)]


def _by_job(
    tx: Connection,
    columns: Sequence[ColumnElement[Any]],
    table: Table,
    ids: Sequence[int],
    order: ColumnElement[Any],
) -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    if ids:
        query = select(*columns).where(table.c.job_id.in_(ids)).order_by(table.c.job_id, order)
        for row in tx.execute(query):
            found[row.job_id].append(row)
    return found
