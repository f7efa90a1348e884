"""Moves: the one way a single job's row changes, under a guard, with its event and its attempt."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, update
from sqlalchemy.exc import IntegrityError

from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.states import FINAL, State, advance
from shared.errors import PublishClaimed
from shared.ledger.attempts import close, insert_closed, name_publish
from shared.ledger.book import Book, writing
from shared.ledger.changes import changed_columns
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import WAITING, job
from shared.ledger.troubles import violates

AFTER = (
    job.c.id,
    job.c.lane_id,
    job.c.campaign_id,
    job.c.connection,
    job.c.turn,
    job.c.due_at,
    job.c.fence,
    job.c.last_attempt,
    job.c.cancel_requested_at,
)


class Moves(Book):
    """Moves made by whoever saw a job and decided: compare-and-set on what was seen."""

    @writing
    def apply(
        self, tx: Connection, job: Job, settlement: Settlement, *, now: datetime, by: str
    ) -> bool:
        """Write the settlement; False, and nothing is changed, when the job has moved meanwhile.

        Raises PublishClaimed when the publish belongs to another job.
        """
        moved = move(tx, _as_seen(job), job.state, settlement, Stamp(now, by))
        return moved is not None


def _as_seen(seen: Job) -> ColumnElement[bool]:
    guard = (
        (job.c.id == seen.id)
        & (job.c.fence == seen.fence)
        & (job.c.polls == seen.polls)
        & (job.c.looks == seen.looks)
    )
    if seen.state is State.PUBLISHING:
        # A claim that was renewed meanwhile is alive and not to be taken back.
        guard &= job.c.lease_until == seen.lease_until
    return guard


def move(
    tx: Connection,
    guard: ColumnElement[bool],
    current: State,
    settlement: Settlement,
    stamp: Stamp,
) -> Row[Any] | None:
    """Change the job that the guard finds in its current state; None when it finds none."""
    if settlement.to is not None:
        advance(current, settlement.to)
    row = _update(tx, guard, current, settlement, stamp.now)
    if row is None:
        return None
    number = _close_attempt(tx, row, current, settlement, stamp.now)
    if settlement.to is not None:
        moved = Moved(row.id, current, settlement.to, settlement.why, number)
        write_events(tx, [moved], stamp)
        follow(tx, row, settlement.to, stamp)
    return row


def _update(
    tx: Connection,
    guard: ColumnElement[bool],
    current: State,
    settlement: Settlement,
    now: datetime,
) -> Row[Any] | None:
    columns = changed_columns(current, settlement, now)
    # The current state is written again where nothing else is, as an UPDATE sets something.
    changed = update(job).where(guard, job.c.state == current).values(columns or {"state": current})
    try:
        return tx.execute(changed.returning(*AFTER)).one_or_none()
    except IntegrityError as error:
        if settlement.receipt is None or not violates(
            error, "uq_job_publish", "job.provider_publish_id"
        ):
            raise
        publish_id = settlement.receipt.publish_id
        raise PublishClaimed(f"publish {publish_id} belongs to another job already") from None


def _close_attempt(
    tx: Connection, row: Row[Any], current: State, settlement: Settlement, now: datetime
) -> int | None:
    """Close what the move ends and return the number of the attempt that it is about."""
    if current is not State.PUBLISHING:
        if settlement.receipt is not None and current in {State.UNCERTAIN, State.HELD}:
            name_publish(tx, row.id, row.last_attempt, settlement.receipt)
        return row.last_attempt or None
    if settlement.to is None and settlement.outcome is None:
        return None
    number = close(tx, row.id, settlement, now)
    if number is None and settlement.outcome is not None:
        number = insert_closed(tx, row, settlement, now)
        tx.execute(update(job).where(job.c.id == row.id).values(last_attempt=number))
    return number


def follow(tx: Connection, row: Any, to: State, stamp: Stamp) -> None:
    """Wake the stream of a job that waits again or gives up its turn; cancel it if asked to."""
    if to in FINAL and row.turn is not None:
        wake(tx, [Waiting(row.lane_id, row.campaign_id, row.connection, stamp.now)])
    if to not in WAITING:
        return
    if row.cancel_requested_at is not None:
        cancelled = Settlement(to=State.CANCELLED, why="cancelled, as was asked for")
        move(tx, job.c.id == row.id, to, cancelled, stamp)
        return
    wake(tx, [Waiting.of(row)])
