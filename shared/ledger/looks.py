"""Looks: jobs whose answer was lost and whose provider is to be asked what became of them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from shared.domain.job import Attempt, Job
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.due import likeness
from shared.ledger.rows import ATTEMPT, read_attempt
from shared.ledger.selections import take_due
from shared.ledger.tables import attempt, job, lane, standing

#: How long before a job's own first call another job's publish may be mistaken for it.
RECENT = timedelta(days=2)


class Looks(Book):
    """Whoever takes a job has the lease's length to look; then another one may."""

    @writing
    def claim(
        self, tx: Connection, *, now: datetime, limit: int, lease: timedelta
    ) -> list[tuple[Job, Attempt]]:
        """Take uncertain jobs, longest due first, each with its last attempt."""
        condition = standing(State.UNCERTAIN)
        jobs = take_due(tx, job.c.next_look_at, condition, lease, now=now, limit=limit)
        last = (
            select(*ATTEMPT)
            .join(job, (job.c.id == attempt.c.job_id) & (job.c.last_attempt == attempt.c.number))
            .where(job.c.id.in_([each.id for each in jobs]))
        )
        attempts = {row.job_id: read_attempt(row) for row in tx.execute(last)}
        return [(each, attempts[each.id]) for each in jobs if each.id in attempts]

    @reading
    def claims_of_others(
        self, tx: Connection, connection: str, account_id: str, except_job: int
    ) -> dict[str, str]:
        """Return the publishes of this account that belong to other jobs, as far as they matter.

        With each comes the likeness of its job's post. Attempts know them, also those of jobs
        that have made another publish since.
        """
        called_at = select(func.coalesce(job.c.first_sent_at, job.c.created_at)).where(
            job.c.id == except_job
        )
        first: datetime | None = tx.execute(called_at).scalar_one_or_none()
        claimed = (
            select(attempt.c.publish_id, likeness(job).label("likeness"))
            .join(lane, lane.c.id == attempt.c.lane_id)
            .join(job, job.c.id == attempt.c.job_id)
            .where(
                lane.c.connection == connection,
                lane.c.account_id == account_id,
                attempt.c.publish_id.is_not(None),
                attempt.c.job_id != except_job,
            )
        )
        if first is not None:
            claimed = claimed.where(attempt.c.opened_at > first - RECENT)
        return {row.publish_id: row.likeness for row in tx.execute(claimed)}
