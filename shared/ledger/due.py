"""What is due in lanes, read through indexes: a few rows of each lane, however many wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, exists, func, select, true

from shared.domain.post import LIKENESS_LENGTH
from shared.domain.states import State
from shared.ledger.tables import BUSY, IN_FLIGHT, WAITING, job, lane, standing


@dataclass(frozen=True, slots=True)
class Due:
    """A job that may be released."""

    id: int
    lane_id: int
    state: State
    likeness: str


def due_jobs(
    tx: Connection, lanes: Sequence[int], horizon: datetime, per_lane: int
) -> dict[int, Due]:
    """Return the first due jobs of each lane, by id, in the order they should go.

    Of jobs whose posts look alike one goes at a time: after a lost answer nobody could say whose
    publish it is that the provider shows.
    """
    found: dict[int, Due] = {}
    seen: set[tuple[int, str]] = set()
    for row in _read_due(tx, lanes, horizon, per_lane):
        each = Due(row.id, row.lane_id, State(row.state), row.likeness)
        if (each.lane_id, each.likeness) not in seen:
            seen.add((each.lane_id, each.likeness))
            found[each.id] = each
    return found


def _read_due(
    tx: Connection, lanes: Sequence[int], horizon: datetime, per_lane: int
) -> Sequence[Any]:
    if tx.dialect.name == "sqlite":
        # No LATERAL, and no round trips either.
        return [row for each in lanes for row in tx.execute(_due_of(each, horizon, per_lane))]
    heads = _due_of(lane.c.id, horizon, per_lane).correlate(lane).lateral("due")
    query = (
        select(heads)
        .select_from(lane.join(heads, true()))
        .where(lane.c.id.in_(lanes))
        .order_by(heads.c.due_at, heads.c.id)
    )
    return tx.execute(query).all() if lanes else []


def _due_of(lane_id: Any, horizon: datetime, per_lane: int) -> Select[Any]:
    other = job.alias("other")
    twin_on_its_way = exists().where(
        other.c.lane_id == job.c.lane_id,
        _likeness(other) == _likeness(job),
        standing(*BUSY, of=other),
    )
    return (
        select(job.c.id, job.c.lane_id, job.c.state, job.c.due_at, _likeness(job).label("likeness"))
        .where(job.c.lane_id == lane_id, standing(*WAITING), job.c.due_at <= horizon)
        .where(~twin_on_its_way)
        .order_by(job.c.due_at, job.c.id)
        .limit(per_lane)
    )


def _likeness(of: FromClause) -> ColumnElement[str]:
    return func.substr(of.c.content_hash, 1, LIKENESS_LENGTH)


def count_in_flight(tx: Connection, lanes: Sequence[int]) -> Mapping[int, int]:
    """Return how many jobs of each lane are queued or publishing; none = left out."""
    query = (
        select(job.c.lane_id, func.count().label("jobs"))
        .where(job.c.lane_id.in_(lanes), standing(*BUSY), job.c.state.in_(IN_FLIGHT))
        .group_by(job.c.lane_id)
    )
    return {row.lane_id: row.jobs for row in tx.execute(query)}


def earliest_due(tx: Connection, lanes: Sequence[int]) -> dict[int, datetime | None]:
    """Return when the first waiting job of each lane is due; None where none waits."""
    first = (
        select(job.c.due_at)
        .where(job.c.lane_id == lane.c.id, standing(*WAITING))
        .order_by(job.c.due_at, job.c.id)
        .limit(1)
        .correlate(lane)
        .scalar_subquery()
    )
    query = select(lane.c.id, first.label("due_at")).where(lane.c.id.in_(lanes))
    return {row.id: row.due_at for row in tx.execute(query)}
