"""What one round of polls has shown, written by a statement for all jobs that change alike."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, column, update, values

from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.states import FINAL, State, advance
from shared.ledger.changes import changed_columns
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job

#: What of a job must still be as it was seen.
_GUARD = ("id", "fence", "polls", "looks")

#: The state in which jobs are polled by the hundred; held ones are few.
_POLLED = State.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class _Change:
    seen: Job
    settlement: Settlement
    columns: Mapping[str, Any]


def write_polled(
    tx: Connection, polled: Sequence[tuple[Job, Settlement]], stamp: Stamp
) -> set[int]:
    """Write the settlements of jobs in flight and return the ids of those that were as seen."""
    alike: defaultdict[tuple[State | None, frozenset[str]], list[_Change]] = defaultdict(list)
    # One order for everybody who locks several.
    for seen, settlement in sorted(polled, key=lambda each: each[0].id):
        columns = changed_columns(_POLLED, settlement, stamp.now)
        columns.pop("provider_publish_id", None)
        if columns:
            key = (settlement.to, frozenset(columns))
            alike[key].append(_Change(seen, settlement, columns))
    written: set[int] = set()
    for (to, _), changes in alike.items():
        written |= _write(tx, to, changes, stamp)
    return written


def _write(tx: Connection, to: State | None, changes: Sequence[_Change], stamp: Stamp) -> set[int]:
    if to is not None:
        advance(_POLLED, to)
    rows = _update(tx, changes)
    if to is not None:
        why = {each.seen.id: each.settlement.why for each in changes}
        write_events(tx, [_moved(row, to, why[row.id]) for row in rows], stamp)
    if to in FINAL:
        wake(tx, [_turn_given_up(row, stamp) for row in rows if row.turn is not None])
    return {row.id for row in rows}


def _update(tx: Connection, changes: Sequence[_Change]) -> Sequence[Any]:
    """Change the jobs that are as they were seen, and return their rows."""
    common = _common(changes)
    varying = sorted(changes[0].columns.keys() - common)
    names = (*_GUARD, *(f"new_{name}" for name in varying))
    types = (*(job.c[name].type for name in _GUARD), *(job.c[name].type for name in varying))
    new = (
        values(*map(column, names, types), name="new")
        .data([_row(each, varying) for each in changes])
        .cte("new")
    )
    return tx.execute(
        update(job)
        .where(job.c.state == _POLLED, *(job.c[name] == new.c[name] for name in _GUARD))
        .values(common | {name: new.c[f"new_{name}"] for name in varying})
        .returning(
            job.c.id,
            job.c.lane_id,
            job.c.campaign_id,
            job.c.connection,
            job.c.turn,
            job.c.last_attempt,
        )
    ).all()


def _common(changes: Sequence[_Change]) -> dict[str, Any]:
    """Return the columns that become the same for all."""
    first = changes[0].columns
    return {
        name: value
        for name, value in first.items()
        if all(each.columns[name] == value for each in changes)
    }


def _row(change: _Change, varying: Sequence[str]) -> tuple[Any, ...]:
    guard = tuple(getattr(change.seen, name) for name in _GUARD)
    return (*guard, *(change.columns[name] for name in varying))


def _moved(row: Any, to: State, why: str) -> Moved:
    return Moved(row.id, _POLLED, to, why, row.last_attempt or None)


def _turn_given_up(row: Any, stamp: Stamp) -> Waiting:
    return Waiting(row.lane_id, row.campaign_id, row.connection, stamp.now)
