"""Jobs whose time has come for one sort of work, taken so that two takers never share one."""

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, select, update

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
    due = (
        select(job.c.id)
        .where(condition, column <= now)
        .order_by(column, job.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.execute(due).scalars())
    if not ids:
        return []
    taken = update(job).where(job.c.id.in_(ids)).values({column: now + lease}).returning(*JOB)
    jobs = {row.id: read_job(row) for row in tx.execute(taken)}
    return [jobs[each] for each in ids]
