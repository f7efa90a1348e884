"""Many jobs moved alike by a few statements, each move with its event."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from shared.domain.settlement import Settlement
from shared.domain.states import FINAL, State, advance
from shared.ledger.changes import changed_columns
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job


def move_all(
    tx: Connection,
    where: ColumnElement[bool],
    from_states: Sequence[State],
    settlement: Settlement,
    stamp: Stamp,
    also: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Move every job of `where` that stands in one of these states, and return their rows.

    `also` names columns whose new value differs from job to job; its `reason` becomes the why.
    """
    rows: list[Any] = []
    moves: list[Moved] = []
    for state in from_states:
        to = advance(state, settlement.to or state)
        columns = changed_columns(state, settlement, stamp.now) | dict(also or {})
        moved = (
            update(job)
            .where(where, job.c.state == state)
            .values(columns)
            .returning(
                job.c.id,
                job.c.lane_id,
                job.c.campaign_id,
                job.c.connection,
                job.c.turn,
                job.c.due_at,
                job.c.reason,
                job.c.last_attempt,
            )
        )
        found = tx.execute(moved).all()
        rows += found
        moves += [Moved(row.id, state, to, row.reason, row.last_attempt or None) for row in found]
        if to in FINAL:
            wake(tx, (_turn_given_up(row, stamp) for row in found if row.turn is not None))
    write_events(tx, moves, stamp)
    return rows


def _turn_given_up(row: Any, stamp: Stamp) -> Waiting:
    return Waiting(row.lane_id, row.campaign_id, row.connection, stamp.now)
