"""Jobs whose time has come for one sort of work, taken so that two takers never share one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, select, update

from shared.domain.job import Job
from shared.ledger.rows import JOB, read_job
from shared.ledger.tables import job


def take_due(
    tx: Connection,
    column: "Column[datetime]",
    condition: ColumnElement[bool],
    lease: timedelta,
    *,
    now: datetime,
    limit: int,
) -> list[Job]:
    """Return the longest due jobs and put their time off by the lease."""
    due = longest_due(select(job.c.id), column, condition, by=now, limit=limit)
    return take(tx, list(tx.execute(due).scalars()), column, until=now + lease)


def longest_due(
    query: Select[Any],
    column: "Column[datetime]",
    condition: ColumnElement[bool],
    *,
    by: datetime,
    limit: int,
) -> Select[Any]:
    """Narrow a query to the jobs that are due by then and that nobody else is taking."""
    return (
        query.where(condition, column <= by)
        .order_by(column, job.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=job)
    )


def take(
    tx: Connection, ids: Sequence[int], column: "Column[datetime]", *, until: datetime
) -> list[Job]:
    """Put the time of these locked jobs off and return them in this order."""
    if not ids:
        return []
    taken = update(job).where(job.c.id.in_(ids)).values({column: until}).returning(*JOB)
    jobs = {row.id: read_job(row) for row in tx.execute(taken)}
    return [jobs[each] for each in ids]
