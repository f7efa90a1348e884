"""Polls: jobs at a provider whose status is to be asked for, or whose cancelling is."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_

from shared.domain.job import Job
from shared.domain.states import State
from shared.ledger.book import Book, writing
from shared.ledger.selections import take_due
from shared.ledger.tables import ASKED, job, standing


class Polls(Book):
    """Whoever takes a job has the lease's length to ask; then another one may."""

    @writing
    def claim(self, tx: Connection, *, now: datetime, limit: int, lease: timedelta) -> list[Job]:
        """Take jobs in flight, and held ones that have a publish id, oldest first."""
        known = or_(job.c.state == State.IN_PROGRESS, job.c.provider_publish_id.is_not(None))
        condition = standing(*ASKED) & known
        return take_due(tx, job.c.next_poll_at, condition, lease, now=now, limit=limit)

    @writing
    def cancels(self, tx: Connection, now: datetime, limit: int, lease: timedelta) -> list[Job]:
        """Take jobs that a person wants cancelled at their provider."""
        condition = standing(State.IN_PROGRESS)
        return take_due(tx, job.c.next_cancel_at, condition, lease, now=now, limit=limit)
