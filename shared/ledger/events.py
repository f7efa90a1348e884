"""The record of moves: one row for each change of a job's state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from shared.domain.states import State
from shared.ledger.copying import add_all
from shared.ledger.tables import event

#: Why a job has its first state.
SUBMITTED = "submitted"


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


def write_first_events(tx: Connection, job_ids: Sequence[int], stamp: Stamp) -> None:
    """Record that these jobs were submitted, in one statement where the database can unfold ids."""
    if tx.dialect.name != "postgresql":
        moves = (Moved(each, None, State.SCHEDULED, SUBMITTED) for each in job_ids)
        write_events(tx, moves, stamp)
        return
    told = {"at": stamp.now, "to_state": State.SCHEDULED, "why": SUBMITTED, "by": stamp.by}
    ids = func.unnest(literal(list(job_ids), ARRAY(BigInteger)))
    values = [literal(value, event.c[name].type) for name, value in told.items()]
    tx.execute(insert(event).from_select(["job_id", *told], select(ids, *values)))
