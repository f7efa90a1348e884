"""Slots: the next free one of an account is a job's alone, by constraint."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from shared.domain.free_slots import FreeSlots, no_free_slot
from shared.domain.job import NewJob
from shared.domain.states import State
from shared.domain.timetable import Timetable
from shared.errors import InputError
from shared.ledger.book import Book, reading, writing
from shared.ledger.lanes import Place
from shared.ledger.series_tables import slot, timetable
from shared.ledger.statements import insert_into
from shared.ledger.tables import job, lane

Key = TypeVar("Key")


class Slots(Book):
    """The timetables that people set, and which slots are taken."""

    @writing
    def set(
        self,
        tx: Connection,
        connection: str,
        account_id: str,
        table: Timetable,
        now: datetime,
        by: str,
    ) -> None:
        """Give an account these slots from now on; jobs that have one keep it."""
        said = {
            "zone": table.zone.key,
            "times": list(table.entries),
            "set_at": now,
            "set_by": by,
        }
        written = insert_into(tx, timetable).values(
            connection=connection, account_id=account_id, **said
        )
        keys = ["connection", "account_id"]
        tx.execute(written.on_conflict_do_update(index_elements=keys, set_=said))

    @writing
    def clear(self, tx: Connection, connection: str, account_id: str) -> bool:
        """Forget what was set for an account; False = nothing was."""
        whose = (timetable.c.connection == connection) & (timetable.c.account_id == account_id)
        return tx.execute(delete(timetable).where(whose)).rowcount > 0

    @reading
    def timetables(self, tx: Connection) -> dict[Place, Timetable]:
        """Return the timetables that were set, by connection and account."""
        return {
            (row.connection, row.account_id): Timetable(ZoneInfo(row.zone), tuple(row.times))
            for row in tx.execute(select(timetable))
        }

    @reading
    def taken(self, tx: Connection, place: Place, after: datetime) -> list[datetime]:
        """Return the slots of an account that are taken, the first one first."""
        connection, account_id = place
        whose = select(lane.c.id).where(
            lane.c.connection == connection, lane.c.account_id == account_id
        )
        lane_id = tx.execute(whose).scalar_one_or_none()
        return [] if lane_id is None else sorted(_taken(tx, lane_id, after))


def assign_slots(
    tx: Connection, new: Mapping[Key, NewJob], lanes: Mapping[Place, int], now: datetime
) -> dict[Key, NewJob]:
    """Return the jobs, those that queue with the time of the next free slot, in their order.

    Their lanes are locked, so that of two producers the second finds what the first one took.
    Raises InputError when an account has no free slot left.
    """
    queueing: defaultdict[int, list[tuple[Key, NewJob, Timetable]]] = defaultdict(list)
    for key, each in new.items():
        if each.timetable is not None:
            lane_id = lanes[each.connection, each.post.account_id]
            queueing[lane_id].append((key, each, each.timetable))
    assigned = dict(new)
    for lane_id, jobs in sorted(queueing.items()):
        locked = select(lane.c.id).where(lane.c.id == lane_id)
        tx.execute(locked.with_for_update(key_share=True))
        free = FreeSlots(_taken(tx, lane_id, now), now)
        for key, each, table in jobs:
            assigned[key] = replace(each, run_at=_next(free, each, table))
    return assigned


def _next(free: FreeSlots, asked: NewJob, table: Timetable) -> datetime:
    at = free.next(table)
    if at is None:
        why = no_free_slot(asked.connection, asked.post.account_id)
        raise InputError(f"{why} (ref {asked.ref}); nothing was written")
    return at


def take_slots(tx: Connection, jobs: Mapping[int, NewJob], lanes: Mapping[Place, int]) -> None:
    """Write down which job has which slot; those of jobs that gave theirs up are theirs no more."""
    rows = [
        {"lane_id": lanes[each.connection, each.post.account_id], "at": each.run_at, "job_id": id_}
        for id_, each in jobs.items()
        if each.timetable is not None
    ]
    for row in rows:
        there = (slot.c.lane_id == row["lane_id"]) & (slot.c.at == row["at"])
        holder = select(job.c.id).where(job.c.id == slot.c.job_id, ~_holds())
        tx.execute(delete(slot).where(there, holder.correlate(slot).exists()))
    if rows:
        tx.execute(insert(slot), rows)


def has_slot(after: datetime) -> ColumnElement[bool]:
    """Say that a job has a slot after an instant."""
    its_own = select(slot.c.job_id).where(slot.c.job_id == job.c.id, slot.c.at > after, _holds())
    return its_own.correlate(job).exists()


def _taken(tx: Connection, lane_id: int, after: datetime) -> set[datetime]:
    query = (
        select(slot.c.at)
        .join(job, job.c.id == slot.c.job_id)
        .where(slot.c.lane_id == lane_id, slot.c.at > after, _holds())
    )
    return set(tx.execute(query).scalars())


def _holds() -> ColumnElement[bool]:
    """Say that a job still has its slot: it was neither cancelled nor given another time."""
    return and_(job.c.state != State.CANCELLED, job.c.run_at == slot.c.at)
