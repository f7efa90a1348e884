"""What is due in streams, read through indexes: a few rows of each, however many wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    select,
    true,
)

from shared.domain.post import LIKENESS_LENGTH
from shared.domain.states import State
from shared.ledger.tables import BUSY, IN_FLIGHT, WAITING, job, standing, stream

#: So many due jobs of a stream may be waiting for their look-alikes before nobody looks past them.
TWINS_PASSED = 32


@dataclass(frozen=True, slots=True)
class Due:
    """A job that may be released."""

    id: int
    lane_id: int
    campaign_id: int
    state: State
    due_at: datetime
    likeness: str
    provider: str


def due_jobs(
    tx: Connection, streams: Sequence[Any], horizon: datetime, per_lane: int
) -> dict[int, Due]:
    """Return the first due jobs of each stream, by id, in the order they should go.

    Of jobs whose posts look alike one goes at a time: after a lost answer nobody could say whose
    publish it is that the provider shows.
    """
    found: dict[int, Due] = {}
    seen: set[tuple[int, str]] = set()
    for row in _read_due(tx, streams, horizon, per_lane):
        each = read_due(row)
        if (each.lane_id, each.likeness) not in seen:
            seen.add((each.lane_id, each.likeness))
            found[each.id] = each
    return found


def read_due(row: Any) -> Due:
    state = State(row.state)
    whose = (row.id, row.lane_id, row.campaign_id)
    return Due(*whose, state, row.due_at, row.likeness, row.provider)


def _read_due(
    tx: Connection, streams: Sequence[Any], horizon: datetime, per_lane: int
) -> Sequence[Any]:
    limits = {"horizon": horizon, "most": per_lane, "looked_at": per_lane + TWINS_PASSED}
    if tx.dialect.name == "sqlite":
        # No LATERAL, and no round trips either.
        whose = ({"lane": each.lane_id, "campaign": each.campaign_id} for each in streams)
        return [row for each in whose for row in tx.execute(_DUE_OF_ONE, limits | each)]
    if not streams:
        return []
    return tx.execute(_DUE_OF_ALL, limits | {"streams": [each.id for each in streams]}).all()


def _first_of(lane_id: Any, campaign_id: Any) -> Select[Any]:
    return (
        select(*CANDIDATE)
        .where(
            job.c.lane_id == lane_id,
            job.c.campaign_id == campaign_id,
            standing(*WAITING),
            job.c.due_at <= bindparam("horizon"),
        )
        .order_by(job.c.due_at, job.c.id)
        .limit(bindparam("looked_at", type_=Integer))
    )


def _past_twins(first: FromClause) -> Select[Any]:
    return (
        select(first)
        .where(~_twin_on_its_way(first))
        .order_by(first.c.due_at, first.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def _twin_on_its_way(of: FromClause) -> ColumnElement[bool]:
    other = job.alias("other")
    return exists().where(
        other.c.lane_id == of.c.lane_id,
        likeness(other) == of.c.likeness,
        standing(*BUSY, of=other),
    )


def likeness(of: FromClause) -> ColumnElement[str]:
    return func.substr(of.c.content_hash, 1, LIKENESS_LENGTH)


#: The columns of a job that may be due.
CANDIDATE = (
    job.c.id,
    job.c.lane_id,
    job.c.campaign_id,
    job.c.state,
    job.c.due_at,
    likeness(job).label("likeness"),
    job.c.provider,
)


def _of_all() -> Select[Any]:
    first = _first_of(stream.c.lane_id, stream.c.campaign_id).correlate(stream).lateral("first")
    due = _past_twins(first).lateral("due")
    query = select(due).select_from(stream.join(due, true()))
    wanted = stream.c.id.in_(bindparam("streams", expanding=True))
    return query.where(wanted).order_by(due.c.due_at, due.c.id)


# Built once: an alias of a wide table costs as much as the query it is for.
_DUE_OF_ALL = _of_all()
_DUE_OF_ONE = _past_twins(_first_of(bindparam("lane"), bindparam("campaign")).subquery("first"))


def count_in_flight(tx: Connection, lanes: Sequence[int]) -> Mapping[int, int]:
    """Return how many jobs of each lane are queued or publishing; none = left out."""
    query = (
        select(job.c.lane_id, func.count().label("jobs"))
        .where(job.c.lane_id.in_(lanes), standing(*BUSY), job.c.state.in_(IN_FLIGHT))
        .group_by(job.c.lane_id)
    )
    return {row.lane_id: row.jobs for row in tx.execute(query)}
