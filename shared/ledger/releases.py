"""Releases: due jobs handed to the broker, as many of each lane as the caller chooses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.release import Lane
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.due import Due, count_in_flight, due_jobs, earliest_due
from shared.ledger.events import Stamp
from shared.ledger.tables import BUSY, IN_FLIGHT, UNSENT, WAITING, job, lane, standing

#: A lane that still has due jobs is looked at again no sooner, whatever its limits say.
PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DueLane:
    """A lane that dispatch should look at, and how many of its jobs are on their way."""

    id: int
    connection: str
    account_id: str
    in_flight: int


@dataclass(frozen=True, slots=True)
class Released:
    """A job to ring for."""

    job_id: int
    due_at: datetime
    connection: str


class Releases(Book):
    """What dispatch needs; its work depends on what is due, not on how much waits."""

    @reading
    def due_lanes(self, tx: Connection, horizon: datetime, limit: int) -> list[DueLane]:
        """Return the lanes to look at, the longest due first."""
        query = (
            select(lane)
            .where(~lane.c.paused, lane.c.wake_at <= horizon)
            .order_by(lane.c.wake_at, lane.c.id)
            .limit(limit)
        )
        rows = tx.execute(query).all()
        counts = count_in_flight(tx, [row.id for row in rows])
        return [
            DueLane(row.id, row.connection, row.account_id, counts.get(row.id, 0)) for row in rows
        ]

    @reading
    def in_flight(self, tx: Connection) -> dict[str, int]:
        """Return how many jobs of each connection are queued or publishing."""
        query = (
            select(job.c.connection, func.count().label("jobs"))
            .where(standing(*BUSY), job.c.state.in_(IN_FLIGHT))
            .group_by(job.c.connection)
        )
        return {row.connection: row.jobs for row in tx.execute(query)}

    @writing
    def release(  # noqa: PLR0913 - the whole of a decision of dispatch
        self,
        tx: Connection,
        lanes: Sequence[int],
        choose: Callable[[Sequence[Lane]], Sequence[int]],
        *,
        horizon: datetime,
        per_lane: int,
        wake: Mapping[int, datetime],
        now: datetime,
        by: str,
    ) -> list[Released]:
        """Queue the jobs that `choose` picks of those due; lanes that others hold are left out."""
        held = _lock(tx, lanes)
        due = due_jobs(tx, [row.id for row in held], horizon, per_lane)
        chosen = choose(_as_lanes(tx, held, due))
        released = _queue(tx, chosen, due, Stamp(now, by))
        _wake_later(tx, [row.id for row in held], horizon, wake, now)
        return released

    @writing
    def too_late(self, tx: Connection, *, now: datetime, by: str, limit: int = 1000) -> int:
        """Fail jobs that must not go out any more; a replay may be out already and goes on."""
        expired = (
            select(job.c.id)
            .where(standing(*UNSENT), job.c.not_after < now, ~job.c.replay)
            .order_by(job.c.not_after)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(tx.execute(expired).scalars())
        failed = _failed_too_late("its not_after has passed")
        where = job.c.id.in_(ids) & ~job.c.replay & (job.c.not_after < now)
        return len(move_all(tx, where, UNSENT, failed, Stamp(now, by))) if ids else 0

    @writing
    def late(
        self,
        tx: Connection,
        connection: str,
        run_before: datetime,
        to: State,
        *,
        now: datetime,
        by: str,
    ) -> int:
        """Fail or hold jobs whose `run_at` went by before anything of them was tried."""
        where = (
            standing(*WAITING)
            & job.c.first_sent_at.is_(None)
            & (job.c.deferrals == literal_column("0"))
            & (job.c.connection == connection)
            & (job.c.run_at < run_before)
        )
        why = "its time went by before it could go out"
        settlement = _failed_too_late(why)
        if to is State.HELD:
            settlement = Settlement(to=to, why=why, hold=Hold.LATE)
        return len(move_all(tx, where, WAITING, settlement, Stamp(now, by)))

    @reading
    def next_due(self, tx: Connection) -> datetime | None:
        """Return when dispatch will next have something to look at."""
        earliest: datetime | None = tx.execute(
            select(lane.c.wake_at)
            .where(~lane.c.paused, lane.c.wake_at.is_not(None))
            .order_by(lane.c.wake_at)
            .limit(1)
        ).scalar_one_or_none()
        return earliest

    @writing
    def pull_forward(self, tx: Connection, lanes: set[int], now: datetime) -> None:
        """Let dispatch look at these lanes at once."""
        tx.execute(
            update(lane).where(lane.c.id.in_(lanes), lane.c.wake_at > now).values(wake_at=now)
        )


def _lock(tx: Connection, lanes: Sequence[int]) -> list[Any]:
    # NO KEY: a submission to the lane need not wait for us to check its foreign key.
    query = (
        select(lane.c.id, lane.c.connection, lane.c.account_id)
        .where(lane.c.id.in_(lanes), ~lane.c.paused)
        .with_for_update(key_share=True, skip_locked=True)
    )
    found = {row.id: row for row in tx.execute(query)} if lanes else {}
    return [found[each] for each in dict.fromkeys(lanes) if each in found]


def _as_lanes(tx: Connection, rows: Sequence[Any], due: Mapping[int, Due]) -> list[Lane]:
    counts = count_in_flight(tx, [row.id for row in rows])
    of_lane: dict[int, list[int]] = {row.id: [] for row in rows}
    for each in due.values():
        of_lane[each.lane_id].append(each.id)
    return [
        Lane(
            id=row.id,
            connection=row.connection,
            account_id=row.account_id,
            in_flight=counts.get(row.id, 0),
            due=of_lane[row.id],
        )
        for row in rows
    ]


def _queue(
    tx: Connection, chosen: Sequence[int], due: Mapping[int, Due], stamp: Stamp
) -> list[Released]:
    queued = Settlement(to=State.QUEUED, why="handed to the broker")
    rows: list[Any] = []
    for state in WAITING:
        ids = [each for each in chosen if due[each].state is state]
        if ids:
            rows += move_all(tx, job.c.id.in_(ids), [state], queued, stamp)
    released = {row.id: Released(row.id, row.due_at, row.connection) for row in rows}
    return [released[each] for each in chosen if each in released]


def _wake_later(
    tx: Connection,
    lanes: Sequence[int],
    horizon: datetime,
    wake: Mapping[int, datetime],
    now: datetime,
) -> None:
    """Say when each lane is worth another look: at its next due job, not before it may go."""
    if not lanes:
        return
    soonest = {each: wake.get(each, now) for each in lanes}
    times = [
        {"lane_id": each, "at": due_at and _next_look(due_at, soonest[each], horizon, now)}
        for each, due_at in earliest_due(tx, lanes).items()
    ]
    tx.execute(
        update(lane).where(lane.c.id == bindparam("lane_id")).values(wake_at=bindparam("at")), times
    )


def _next_look(due_at: datetime, soonest: datetime, horizon: datetime, now: datetime) -> datetime:
    left_over = due_at <= horizon
    return max(due_at, soonest, now + PAUSE if left_over else due_at)


def _failed_too_late(why: str) -> Settlement:
    fault = Fault(error_class=ErrorClass.TOO_LATE, message=why)
    return Settlement(to=State.FAILED, why=why, fault=fault)
