"""Polls: jobs at a provider whose status is to be asked for, or whose cancelling is."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.events import Stamp
from shared.ledger.polled import write_polled
from shared.ledger.rows import JOB, read_job
from shared.ledger.selections import longest_due, take, take_due
from shared.ledger.tables import ASKED, job, standing

#: In flight, or held with a publish id.
_KNOWN = standing(*ASKED) & or_(
    job.c.state == State.IN_PROGRESS, job.c.provider_publish_id.is_not(None)
)


class Polls(Book):
    """Whoever takes a job has the lease's length to ask; then another one may."""

    @reading
    def due(self, tx: Connection, connections: Collection[str], now: datetime) -> list[str]:
        """Return those connections at which a job is due to be asked about."""
        if not connections:
            return []
        columns = [
            exists().where(_at(name), job.c.next_poll_at <= now).label(f"c{number}")
            for number, name in enumerate(connections)
        ]
        found = tx.execute(select(*columns)).one()
        return [name for name, is_due in zip(connections, found, strict=True) if is_due]

    @writing
    def claim(
        self, tx: Connection, connection: str, *, now: datetime, limit: int, lease: timedelta
    ) -> list[Job]:
        """Take jobs in flight, and held ones that have a publish id, the longest due first."""
        return take_due(tx, job.c.next_poll_at, _at(connection), lease, now=now, limit=limit)

    @writing
    def claim_more(  # noqa: PLR0913 - a claim, and whom it may take
        self,
        tx: Connection,
        connection: str,
        *,
        rides: Callable[[Job], bool],
        by: datetime,
        now: datetime,
        limit: int,
        lease: timedelta,
    ) -> list[Job]:
        """Take jobs that are due by then as well, of those that may ride along, soonest first.

        A claim that is alive has more of its lease left than `by`, so that nobody's job is taken.
        """
        later = _at(connection) & (job.c.next_poll_at > now)
        soon = longest_due(select(*JOB), job.c.next_poll_at, later, by=by, limit=limit)
        riding = [each.id for each in map(read_job, tx.execute(soon)) if rides(each)]
        return take(tx, riding, job.c.next_poll_at, until=now + lease)

    @writing
    def settle(
        self,
        tx: Connection,
        polled: Sequence[tuple[Job, Settlement]],
        *,
        now: datetime,
        by: str,
    ) -> set[int]:
        """Write what polls have shown of jobs in flight, by few statements; return whose it was.

        A job that has moved meanwhile, or was polled by another, stays as it is. Publish ids are
        not written: a status is of the publish that the job has.
        """
        return write_polled(tx, polled, Stamp(now, by))

    @writing
    def cancels(self, tx: Connection, now: datetime, limit: int, lease: timedelta) -> list[Job]:
        """Take jobs that a person wants cancelled at their provider."""
        condition = standing(State.IN_PROGRESS)
        return take_due(tx, job.c.next_cancel_at, condition, lease, now=now, limit=limit)


def _at(connection: str) -> ColumnElement[bool]:
    return and_(job.c.connection == connection, _KNOWN)
