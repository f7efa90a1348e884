"""Rows of a planned file that were loaded already: which are out, and which slots are theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.domain.free_slots import FreeSlots, no_free_slot
from shared.domain.job import NewJob
from shared.domain.states import State
from shared.errors import InputError
from shared.ledger.neighbours import Neighbour
from shared.plan.model import Place

#: A post of these is out, or on its way.
_SENT = (State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN, State.SUCCEEDED)

_Row = tuple[str, str, str, str]


def unsent(parts: Parts, jobs: Sequence[NewJob]) -> Sequence[NewJob]:
    """Return the jobs of a file that are still to go, and say how many are out, and whose.

    They are known by the ref, the account, the content and the time, where a row says one.
    """
    found: dict[_Row, list[Neighbour]] = {}
    for each in parts.ledger.neighbours.named({job.ref for job in jobs}, _SENT):
        found.setdefault(_row_of(each), []).append(each)
    left: list[NewJob] = []
    campaigns: set[str] = set()
    for job in jobs:
        out = [each for each in found.get(_row(job), ()) if _at_its_time(job, each)]
        campaigns.update(each.campaign for each in out)
        left += [] if out else [job]
    if campaigns:
        tell(
            f"{len(jobs) - len(left)} of the file's posts are out or on their way as jobs of"
            f" {' and '.join(sorted(campaigns))}, and are not planned; --alone plans all of it"
        )
    return left


def in_slots(parts: Parts, jobs: Sequence[NewJob], start: datetime) -> Iterator[NewJob]:
    """Yield the jobs, those that queue for a slot with the one that they have or would be given.

    Raises InputError when an account has no free slot left.
    """
    queues: dict[Place, _Queue] = {}
    for job in jobs:
        if job.timetable is None:
            yield job
            continue
        place = (job.connection, job.post.account_id)
        if place not in queues:
            queues[place] = _Queue(parts.ledger.neighbours.in_slots(place, start), start)
        run_at = queues[place].slot(job)
        if run_at is None:
            raise InputError(f"{no_free_slot(*place)} (ref {job.ref})")
        yield replace(job, run_at=run_at)


class _Queue:
    """The slots of one account."""

    def __init__(self, taken: Sequence[Neighbour], start: datetime) -> None:
        self._own = {_row_of(each): each.run_at for each in taken}
        self._free = FreeSlots((each.run_at for each in taken), start)

    def slot(self, job: NewJob) -> datetime | None:
        own = self._own.get(_row(job))
        if own is not None or job.timetable is None:
            return own
        return self._free.next(job.timetable)


def _row(job: NewJob) -> _Row:
    return job.ref, job.connection, job.post.account_id, job.post.content_hash


def _row_of(job: Neighbour) -> _Row:
    return job.ref, job.connection, job.account_id, job.post.content_hash


def _at_its_time(job: NewJob, sent: Neighbour) -> bool:
    return sent.retried or job.run_at in {None, sent.run_at}
