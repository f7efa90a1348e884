"""Lanes: opened with the first job of an account."""

from sqlalchemy import Connection, select, tuple_

from shared.ledger.statements import chunks, insert_into
from shared.ledger.tables import lane

#: Connection and account id.
Place = tuple[str, str]


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
