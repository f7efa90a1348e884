"""Rescues: claims whose worker fell silent, and queued jobs whose message may be lost."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select, update

from shared.domain.job import Attempt, Job
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.releases import Released
from shared.ledger.rows import ATTEMPT, JOB, read_attempt, read_job
from shared.ledger.tables import attempt, job, standing


class Rescues(Book):
    """Finds work that nobody carries on."""

    @reading
    def expired(
        self, tx: Connection, *, now: datetime, limit: int
    ) -> list[tuple[Job, Attempt | None]]:
        """Return jobs whose lease ran out, longest ago first, with their open attempt."""
        query = (
            select(*JOB)
            .where(standing(State.PUBLISHING), job.c.lease_until < now)
            .order_by(job.c.lease_until)
            .limit(limit)
        )
        jobs = [read_job(row) for row in tx.execute(query)]
        open_ones = select(*ATTEMPT).where(
            attempt.c.job_id.in_([each.id for each in jobs]), attempt.c.closed_at.is_(None)
        )
        attempts = {row.job_id: read_attempt(row) for row in tx.execute(open_ones)}
        return [(each, attempts.get(each.id)) for each in jobs]

    @writing
    def ring_again(
        self,
        tx: Connection,
        *,
        now: datetime,
        everything: bool,
        first_pause: timedelta,
        cap: timedelta,
        limit: int,
    ) -> list[Released]:
        """Take queued jobs to ring for once more, the longest unheard first.

        The pause doubles with every ring up to the cap; `everything` (the broker's memory is
        gone) asks for no pause.
        """
        unheard = job.c.rung_at < now if everything else _pause_is_over(now, first_pause, cap)
        query = (
            select(job.c.id)
            .where(standing(State.QUEUED), unheard)
            .order_by(job.c.rung_at, job.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(tx.execute(query).scalars())
        if not ids:
            return []
        rung = (
            update(job)
            .where(job.c.id.in_(ids))
            .values(rung_at=now, rings=job.c.rings + 1)
            .returning(job.c.id, job.c.due_at, job.c.connection)
        )
        found = {row.id: Released(row.id, row.due_at, row.connection) for row in tx.execute(rung)}
        return [found[each] for each in ids]


def _pause_is_over(now: datetime, first: timedelta, cap: timedelta) -> ColumnElement[bool]:
    pauses = [min(first, cap)]
    while pauses[-1] < cap:
        pauses.append(min(pauses[-1] * 2, cap))
    conditions = [
        (job.c.rings == rings) & (job.c.rung_at < now - pause) for rings, pause in enumerate(pauses)
    ]
    conditions.append((job.c.rings >= len(pauses)) & (job.c.rung_at < now - cap))
    return (job.c.rung_at < now - pauses[0]) & or_(*conditions)
