"""The record of moves: one row for each change of a job's state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from shared.domain.states import State
from shared.ledger.copying import add_all
from shared.ledger.tables import event


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is done, and by whom."""

    now: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One job that changed its state."""

    job_id: int
    from_state: State | None
    to_state: State
    why: str
    attempt: int | None = None


def write_events(tx: Connection, moves: Iterable[Moved], stamp: Stamp) -> None:
    rows = [
        {
            "job_id": moved.job_id,
            "at": stamp.now,
            "from_state": moved.from_state,
            "to_state": moved.to_state,
            "why": moved.why,
            "attempt": moved.attempt,
            "by": stamp.by,
        }
        for moved in moves
    ]
    add_all(tx, event, rows)
