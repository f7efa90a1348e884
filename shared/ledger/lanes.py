"""Lanes: opened with the first job of an account, paused and resumed by people."""

from datetime import datetime

from sqlalchemy import Connection, select, tuple_, update

from shared.ledger.book import Book, writing
from shared.ledger.statements import chunks, insert_into
from shared.ledger.tables import lane, stream

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
        changed = list(tx.execute(change.returning(lane.c.id)).scalars())
        for some in chunks(changed):
            looked_at = None if paused else now
            tx.execute(update(stream).where(stream.c.lane_id.in_(some)).values(wake_at=looked_at))
        return len(changed)


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
