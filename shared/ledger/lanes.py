"""Lanes: opened with the first job of an account, woken when a job waits, paused by people."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, or_, select, tuple_, update

from shared.ledger.book import Book, writing
from shared.ledger.columns import Instant
from shared.ledger.statements import chunks, insert_into
from shared.ledger.tables import lane

#: Connection and account id.
Place = tuple[str, str]


class Lanes(Book):
    """What people do with lanes."""

    @writing
    def pause(  # noqa: PLR0913, PLR0917 - which, how, why, when and by whom
        self,
        tx: Connection,
        connection: str,
        account_id: str | None,
        paused: bool,  # noqa: FBT001 - the new value
        why: str,
        now: datetime,
        by: str,
    ) -> int:
        """Pause or resume a lane, or all lanes a connection has by now; return how many."""
        if account_id is not None:
            open_lanes(tx, {(connection, account_id)})
        change = (
            update(lane)
            .where(lane.c.connection == connection, lane.c.paused != paused)
            .values(paused=paused, paused_why=why, paused_by=by, paused_at=now)
        )
        if account_id is not None:
            change = change.where(lane.c.account_id == account_id)
        return tx.execute(change).rowcount


def open_lanes(tx: Connection, places: set[Place]) -> dict[Place, int]:
    """Return the lanes of these places, those opened now that were missing."""
    lanes = _find(tx, places)
    missing = sorted(places - lanes.keys())
    if missing:
        rows = [{"connection": connection, "account_id": each} for connection, each in missing]
        tx.execute(insert_into(tx, lane).on_conflict_do_nothing(), rows)
        lanes |= _find(tx, set(missing))
    return lanes


def _find(tx: Connection, places: set[Place]) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for some in chunks(sorted(places)):
        query = select(lane).where(tuple_(lane.c.connection, lane.c.account_id).in_(some))
        found |= {(row.connection, row.account_id): row.id for row in tx.execute(query)}
    return found


def wake(tx: Connection, due: Iterable[tuple[int, datetime]]) -> None:
    """Let dispatch look at these lanes when their jobs are due, if it was not going to before."""
    earliest: dict[int, datetime] = {}
    for lane_id, due_at in due:
        earliest[lane_id] = min(due_at, earliest.get(lane_id, due_at))
    if not earliest:
        return
    # Written even where it stays as it is: a release that is looking at the lane right now cannot
    # see our jobs yet and may put it to sleep, so we must wait for it and have the last word.
    sooner = or_(lane.c.wake_at.is_(None), lane.c.wake_at > bindparam("due_at"))
    wake_at = case((sooner, bindparam("due_at", type_=Instant)), else_=lane.c.wake_at)
    tx.execute(
        update(lane).where(lane.c.id == bindparam("lane_id")).values(wake_at=wake_at),
        [{"lane_id": each, "due_at": earliest[each]} for each in sorted(earliest)],
    )
