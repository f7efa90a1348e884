"""Occurrences: each becomes one job, written down together with how far its series has come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from shared.domain.job import NewJob
from shared.domain.recurrence import Occurrence
from shared.domain.series import Series, Step
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger.accounts import hold_if_unfit
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.events import Stamp
from shared.ledger.rules import series_key
from shared.ledger.series import UNTRIED, step_columns, untried
from shared.ledger.series_tables import occurrence, series
from shared.ledger.statements import insert_into
from shared.ledger.stops import STOPPED
from shared.ledger.submission import submit
from shared.ledger.tables import job

MISSED = "went by while no scheduler ran"
REPLACED = "a later occurrence of its series goes in its place"
ON_ITS_WAY = "went by; the occurrence before it is only now on its way"
LATE = "its time went by before it could go out"

#: Something of the post may still go out, or has to be found out.
_MOVING = (
    State.QUEUED,
    State.PUBLISHING,
    State.IN_PROGRESS,
    State.RETRYING,
    State.UNCERTAIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An occurrence as it was written down; without a job, `why` says why there is none."""

    at: datetime
    why: str
    job_id: int | None
    state: State | None


class Occurrences(Book):
    """What has come of series."""

    @writing
    def advance(
        self, tx: Connection, of: Series, step: Step, *, now: datetime, by: str
    ) -> int | None:
        """Take a step of a series that stands as `of` does; return the job that was made.

        Who comes second - another scheduler, or one that saw the series before it was paused -
        finds that it stands otherwise, and does nothing.
        """
        moved = (
            update(series)
            .where(
                series.c.id == of.id,
                series.c.handled_until == of.handled_until,
                series.c.wake_at.is_not(None),
            )
            .values(step_columns(step))
        )
        if not tx.execute(moved).rowcount:
            return None
        stamp = Stamp(now, by)
        _note(tx, of, step.missed, MISSED, stamp)
        return None if step.made is None else _make(tx, of, step, step.made, stamp)

    @reading
    def recent(self, tx: Connection, series_id: int, limit: int) -> list[Noted]:
        """Return what was written down last, the newest first."""
        query = (
            select(occurrence.c.at, occurrence.c.why, occurrence.c.job_id, job.c.state)
            .select_from(occurrence.outerjoin(job, job.c.id == occurrence.c.job_id))
            .where(occurrence.c.series_id == series_id)
            .order_by(occurrence.c.at.desc())
            .limit(limit)
        )
        return [
            Noted(
                at=row.at,
                why=row.why,
                job_id=row.job_id,
                state=None if row.state is None else State(row.state),
            )
            for row in tx.execute(query)
        ]


def _make(tx: Connection, of: Series, step: Step, made: Occurrence, stamp: Stamp) -> int | None:
    if step.late and _on_its_way(tx, of, made.at):
        _note(tx, of, [made], ON_ITS_WAY, stamp)
        return None
    if not _note(tx, of, [made], "", stamp):
        return None
    _replace(tx, untried(of.id) if step.late else _stuck(of), stamp)
    job_id = _job(tx, of, of.job(made), stamp)
    tx.execute(
        update(occurrence)
        .where(occurrence.c.series_id == of.id, occurrence.c.at == made.at)
        .values(job_id=job_id)
    )
    if step.held:
        held = Settlement(to=State.HELD, why=LATE, hold=Hold.LATE)
        move_all(tx, job.c.id == job_id, [State.SCHEDULED], held, stamp)
    hold_if_unfit(tx, job_id, stamp)
    return job_id


def _stuck(of: Series) -> ColumnElement[bool]:
    """Say of jobs that stand still, untried, that a later occurrence has gone by meanwhile.

    Once their account can post, or is resumed, one post is due and not a row of the same.
    """
    earlier = select(occurrence.c.job_id).where(
        occurrence.c.series_id == of.id, occurrence.c.at < of.handled_until
    )
    stands = or_(job.c.state == State.HELD, STOPPED)
    return untried(of.id) & job.c.id.in_(earlier) & stands


def _replace(tx: Connection, which: ColumnElement[bool], stamp: Stamp) -> None:
    move_all(tx, which, UNTRIED, Settlement(to=State.CANCELLED, why=REPLACED), stamp)


def _note(tx: Connection, of: Series, which: Sequence[Occurrence], why: str, stamp: Stamp) -> int:
    """Write down occurrences, but for those that are; return how many."""
    if not which:
        return 0
    rows = [
        {"series_id": of.id, "at": each.at, "why": why, "noted_at": stamp.now} for each in which
    ]
    noted = insert_into(tx, occurrence).values(rows).on_conflict_do_nothing()
    return len(tx.execute(noted.returning(occurrence.c.id)).all())


def _on_its_way(tx: Connection, of: Series, at: datetime) -> bool:
    """Whether the post before this one is being sent, or was sent after this one's time."""
    before = (
        select(job.c.state, job.c.first_sent_at)
        .join(occurrence, occurrence.c.job_id == job.c.id)
        .where(occurrence.c.series_id == of.id, occurrence.c.at < at)
        .order_by(occurrence.c.at.desc())
        .limit(1)
    )
    row = tx.execute(before).one_or_none()
    if row is None:
        return False
    return row.state in _MOVING or (row.first_sent_at is not None and row.first_sent_at >= at)


def _job(tx: Connection, of: Series, asked: NewJob, stamp: Stamp) -> int:
    """Submit the job, or return the one that is there under its ref."""
    submitted = submit(tx, of.campaign, [asked], stamp)
    there = [*submitted.added, *submitted.existing][0]
    job_id = there if submitted.added else _anew(tx, of, asked, there, stamp)
    if of.late is not None:
        tx.execute(update(job).where(job.c.id == job_id).values(late_key=series_key(of.id)))
    return job_id


def _anew(tx: Connection, of: Series, asked: NewJob, there: int, stamp: Stamp) -> int:
    """Return the newest job under this ref, or one in its place where that was taken back.

    A series that was paused, or removed and added once more, comes upon what it made before.
    """
    newest = there
    while newer := tx.execute(select(job.c.id).where(job.c.retry_of == newest)).scalar():
        newest = newer
    row = tx.execute(select(job.c.state, job.c.first_sent_at).where(job.c.id == newest)).one()
    if row.state != State.CANCELLED or row.first_sent_at is not None:
        return newest
    [job_id] = submit(tx, of.campaign, [replace(asked, retry_of=newest)], stamp).added
    return job_id
