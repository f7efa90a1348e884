"""Series: added, listed, paused, resumed and removed by people."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from shared.domain.cron import Cron
from shared.domain.omission import read_omissions
from shared.domain.post import Post
from shared.domain.recurrence import Recurrence
from shared.domain.release import read_late_policy
from shared.domain.series import NewSeries, Series, Step, begin
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.errors import InputError, UnknownName
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.events import Stamp
from shared.ledger.opening import open_campaign
from shared.ledger.series_tables import occurrence, series
from shared.ledger.tables import campaign, job, standing

#: One job of a series waits at a time, or a few behind a limit; no further back is looked.
_MOST_WAITING = 1_000

#: In these a job may be that was never tried; held only because of its account.
UNTRIED = (State.SCHEDULED, State.HELD)


class SeriesBook(Book):
    """What people do with series. Methods that name one raise UnknownName."""

    @writing
    def add(self, tx: Connection, asked: NewSeries, *, now: datetime) -> Series:
        """Add a series; InputError when there is one of that name."""
        if tx.execute(select(series.c.id).where(series.c.name == asked.name)).one_or_none():
            raise InputError(f"there is a series {asked.name!r} already; nothing was written")
        campaign_id, _ = open_campaign(tx, asked.campaign, None, now)
        columns = _columns(asked) | {"campaign_id": campaign_id, "created_at": now}
        columns |= step_columns(begin(asked.recurrence, now))
        tx.execute(insert(series).values(columns))
        return _one(tx, asked.name)

    @reading
    def get(self, tx: Connection, name: str) -> Series:
        return _one(tx, name)

    @reading
    def due(self, tx: Connection, now: datetime, limit: int) -> list[Series]:
        """Return the series that are worth a look now, the longest due first."""
        due = _ALL.where(series.c.wake_at <= now).order_by(series.c.wake_at, series.c.id)
        return [read_series(row) for row in tx.execute(due.limit(limit))]

    @reading
    def list(self, tx: Connection) -> list[Series]:
        """Return every series by name."""
        return [read_series(row) for row in tx.execute(_ALL.order_by(series.c.name))]

    @writing
    def pause(self, tx: Connection, name: str, *, now: datetime, by: str) -> bool:
        """Let nothing come of it any more, and take back what waits; False = it was paused."""
        found = _locked(tx, name)
        stopped = {"paused": True, "next_at": None, "wake_at": None}
        tx.execute(update(series).where(series.c.id == found.id).values(stopped))
        _take_back(tx, found.id, "its series is paused", Stamp(now, by))
        return not found.paused

    @writing
    def resume(self, tx: Connection, name: str, *, now: datetime) -> bool:
        """Let it come again from now on; False = it was not paused."""
        found = _locked(tx, name)
        if not found.paused:
            return False
        columns = step_columns(begin(_one(tx, name).recurrence, now)) | {"paused": False}
        tx.execute(update(series).where(series.c.id == found.id).values(columns))
        return True

    @writing
    def remove(self, tx: Connection, name: str, *, now: datetime, by: str) -> int:
        """Forget a series and cancel what waits of it; return how many jobs that were."""
        found = _locked(tx, name)
        cancelled = _take_back(tx, found.id, "its series is removed", Stamp(now, by))
        tx.execute(delete(occurrence).where(occurrence.c.series_id == found.id))
        tx.execute(delete(series).where(series.c.id == found.id))
        return cancelled


_ALL = select(series, campaign.c.name.label("campaign")).join(
    campaign, campaign.c.id == series.c.campaign_id
)


def _one(tx: Connection, name: str) -> Series:
    row = tx.execute(_ALL.where(series.c.name == name)).one_or_none()
    if row is None:
        raise UnknownName(f"there is no series {name!r}; `dropline series list` shows them")
    return read_series(row)


def _locked(tx: Connection, name: str) -> Row[Any]:
    row = tx.execute(select(series).where(series.c.name == name).with_for_update()).one_or_none()
    if row is None:
        raise UnknownName(f"there is no series {name!r}; `dropline series list` shows them")
    return row


def untried(series_id: int) -> ColumnElement[bool]:
    """Say that a job is one of this series and that nothing of it was ever tried."""
    jobs = (
        select(occurrence.c.job_id)
        .where(occurrence.c.series_id == series_id, occurrence.c.job_id.is_not(None))
        .order_by(occurrence.c.at.desc())
        .limit(_MOST_WAITING)
    )
    return (
        job.c.id.in_(jobs)
        & standing(*UNTRIED)
        & or_(job.c.state == State.SCHEDULED, job.c.hold == Hold.ACCOUNT)
        & job.c.first_sent_at.is_(None)
        & (job.c.deferrals == 0)
    )


def _take_back(tx: Connection, series_id: int, why: str, stamp: Stamp) -> int:
    """Cancel the jobs that wait, and forget their occurrences: should it go on, they come again."""
    settlement = Settlement(to=State.CANCELLED, why=why)
    cancelled = move_all(tx, untried(series_id), UNTRIED, settlement, stamp)
    ids = [row.id for row in cancelled]
    tx.execute(delete(occurrence).where(occurrence.c.job_id.in_(ids)))
    return len(ids)


def _columns(asked: NewSeries) -> dict[str, Any]:
    recurrence = asked.recurrence
    return {
        "name": asked.name,
        "cron": recurrence.cron.text,
        "zone": recurrence.zone.key,
        "start_at": recurrence.start,
        "end_at": recurrence.end,
        "omissions": recurrence.omissions.words(),
        "provider": asked.provider,
        "connection": asked.connection,
        "post": asked.post.to_json(),
        "late_policy": None if asked.late is None else str(asked.late),
    }


def step_columns(step: Step) -> dict[str, datetime | None]:
    return {
        "handled_until": step.handled_until,
        "next_at": step.next_at,
        "wake_at": step.wake_at,
    }


def read_series(row: Row[Any]) -> Series:
    return Series(
        id=row.id,
        name=row.name,
        campaign=row.campaign,
        recurrence=Recurrence(
            cron=Cron(row.cron),
            zone=ZoneInfo(row.zone),
            start=row.start_at,
            end=row.end_at,
            omissions=read_omissions(row.omissions),
        ),
        provider=row.provider,
        connection=row.connection,
        post=Post.from_json(row.post),
        late=read_late_policy(row.late_policy),
        created_at=row.created_at,
        paused=row.paused,
        handled_until=row.handled_until,
        next_at=row.next_at,
    )
