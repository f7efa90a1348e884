"""Endings: what came of several claims, written by a few statements where they end alike."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection, bindparam, select, update

from shared.domain.states import State, advance
from shared.ledger.changes import changed_columns
from shared.ledger.ending import Change, Ending, NotTogether
from shared.ledger.endings_in_one import end_in_one
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.moves import AFTER, follow
from shared.ledger.tables import attempt, job


def end_together(tx: Connection, endings: Sequence[Ending]) -> None:
    """Move every job out of `publishing` and close its attempt, or raise NotTogether.

    It serves what came of a call that was made, under claims that are all still the last.
    """
    now = max(each.stamp.now for each in endings)
    groups: defaultdict[tuple[State, str, tuple[str, ...]], list[Change]] = defaultdict(list)
    for each in sorted(endings, key=lambda ending: ending.job.id):
        to, outcome = each.settlement.to, each.settlement.outcome
        if to is None or outcome is None:
            raise NotTogether
        advance(State.PUBLISHING, to)
        columns = changed_columns(State.PUBLISHING, each.settlement, now)
        groups[to, each.stamp.by, tuple(sorted(columns))].append(Change(each, columns))
    for (to, by, _), changes in groups.items():
        _move(tx, changes, to, Stamp(now, by))


def _move(tx: Connection, changes: Sequence[Change], to: State, stamp: Stamp) -> None:
    rows: Sequence[Any]
    if tx.dialect.name == "postgresql":
        rows = end_in_one(tx, changes, to, stamp)
    else:
        rows = _end(tx, changes, to, stamp)
    for row in rows:
        follow(tx, row, to, stamp)


def _end(tx: Connection, changes: Sequence[Change], to: State, stamp: Stamp) -> Sequence[Any]:
    _change_jobs(tx, changes)
    _close_attempts(tx, changes, stamp)
    whys = {each.ending.job.id: each.ending.settlement.why for each in changes}
    rows = tx.execute(select(*AFTER).where(job.c.id.in_(whys)).order_by(job.c.id)).all()
    moves = [Moved(row.id, State.PUBLISHING, to, whys[row.id], row.last_attempt) for row in rows]
    write_events(tx, moves, stamp)
    return rows


def _change_jobs(tx: Connection, changes: Sequence[Change]) -> None:
    first = changes[0].columns
    stated = {name for name, value in first.items() if isinstance(value, ClauseElement)}
    bound = first.keys() - stated
    changed = (
        update(job)
        .where(
            job.c.id == bindparam("of_job"),
            job.c.fence == bindparam("of_fence"),
            job.c.state == State.PUBLISHING,
        )
        .values(
            {name: first[name] for name in stated}
            | {name: bindparam(f"new_{name}", type_=job.c[name].type) for name in bound}
        )
    )
    _each(
        tx,
        changed,
        [
            change.guard | {f"new_{name}": change.columns[name] for name in bound}
            for change in changes
        ],
    )


def _close_attempts(tx: Connection, changes: Sequence[Change], stamp: Stamp) -> None:
    closed = update(attempt).where(
        attempt.c.job_id == bindparam("of_job"),
        attempt.c.fence == bindparam("of_fence"),
        attempt.c.closed_at.is_(None),
    )
    columns = changes[0].answer
    values = {name: bindparam(f"new_{name}", type_=attempt.c[name].type) for name in columns}
    _each(
        tx,
        closed.values(values | {"closed_at": stamp.now}),
        [
            change.guard | {f"new_{name}": value for name, value in change.answer.items()}
            for change in changes
        ],
    )


def _each(tx: Connection, statement: Any, parameters: Sequence[dict[str, Any]]) -> None:
    """Run a statement once for each; every one of them must find its row."""
    if tx.execute(statement, list(parameters)).rowcount != len(parameters):
        raise NotTogether
