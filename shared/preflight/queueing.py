"""Queueing: the time that a row which queues for a slot would get, were it loaded now."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.free_slots import FreeSlots, no_free_slot
from shared.domain.preflight import Problem
from shared.ledger.neighbours import Neighbour
from shared.preflight.engagements import Lane, Loaded, content_of
from shared.producer import Prepared

#: Returns the jobs that have slots of one account after an instant.
InSlots = Callable[[Lane, datetime], Sequence[Neighbour]]


class Queueing:
    """Gives out slots in the order of the rows; a row that was loaded has that of its job."""

    def __init__(self, in_slots: InSlots, now: datetime, loaded: Loaded) -> None:
        self._in_slots = in_slots
        self._loaded = loaded
        self._now = now
        self._queues: dict[Lane, _Queue] = {}

    def dated(self, row: Prepared) -> tuple[Prepared | None, list[Problem]]:
        """Return the row with its time, and what is wrong with that; None = it gets none."""
        if row.job.timetable is None:
            # That its account has no slots, or that its time cannot be read, was told with the row.
            timeless = row.row.queue or (row.row.flawed and row.job.run_at is None)
            return (None if timeless else row), []
        lane = (row.job.connection, row.job.post.account_id)
        if lane not in self._queues:
            jobs = self._in_slots(lane, self._now)
            self._queues[lane] = _Queue(jobs, self._now, self._loaded)
        at = self._queues[lane].slot(row)
        if at is None:
            return None, [Problem("queue", no_free_slot(*lane))]
        last = row.job.not_after
        late = [] if last is None or at <= last else [Problem("not_after", _before(at))]
        return replace(row, job=replace(row.job, run_at=at)), late


class _Queue:
    """The slots of one account."""

    def __init__(self, jobs: Sequence[Neighbour], now: datetime, loaded: Loaded) -> None:
        self._loaded = loaded
        self._own = {
            loaded.identity(each.ref, content_of(each.post)): each.run_at
            for each in jobs
            if loaded.may_be(each)
        }
        self._free = FreeSlots((each.run_at for each in jobs), now)

    def slot(self, row: Prepared) -> datetime | None:
        own = self._own.get(self._loaded.identity(row.job.ref, content_of(row.job.post)))
        if own is not None or row.job.timetable is None:
            return own
        return self._free.next(row.job.timetable)


def _before(at: datetime) -> str:
    return f"is before the next free slot, {at:%Y-%m-%d %H:%M}Z"
