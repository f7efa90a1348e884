"""The tables of what comes again and of the slots of accounts, private to the ledger too."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from shared.ledger.columns import Id, Instant, Words
from shared.ledger.tables import Base


class SeriesRow(Base, table=True):
    """A post that comes again and again."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("name", name="uq_series_name"),
        Index(
            "ix_series_wake",
            "wake_at",
            sqlite_where=text("wake_at IS NOT NULL"),
            postgresql_where=text("wake_at IS NOT NULL"),
        ),
        Index(
            "ix_series_late",
            "id",
            sqlite_where=text("late_policy IS NOT NULL"),
            postgresql_where=text("late_policy IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    name: str
    campaign_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("campaign.id")])
    cron: str
    zone: str
    start_at: datetime | None = Field(default=None, sa_type=Instant)
    end_at: datetime | None = Field(default=None, sa_type=Instant)
    omissions: list[str] = Field(sa_type=JSON)
    provider: str
    connection: str
    post: dict[str, Any] = Field(sa_type=JSON)
    late_policy: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    paused: bool = False
    handled_until: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    #: When a tick must look here next; None while it is paused, and when it is over.
    wake_at: datetime | None = Field(default=None, sa_type=Instant)


class OccurrenceRow(Base, table=True):
    """One instant of a series, and the job that was made for it."""

    __tablename__ = "occurrence"
    __table_args__ = (UniqueConstraint("series_id", "at", name="uq_occurrence"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    series_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("series.id")])
    at: datetime = Field(sa_type=Instant)
    #: None = it went by without a job; `why` says it.
    job_id: int | None = Field(default=None, sa_type=Id, sa_column_args=[ForeignKey("job.id")])
    why: str = Field(sa_type=Words)
    noted_at: datetime = Field(sa_type=Instant)


class SlotRow(Base, table=True):
    """One slot of an account's queue that a job has taken."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("lane_id", "at", name="uq_slot"),
        UniqueConstraint("job_id", name="uq_slot_job"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    lane_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("lane.id")])
    at: datetime = Field(sa_type=Instant)
    job_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("job.id")])


class TimetableRow(Base, table=True):
    """The times of an account's slots, where a person set them by command."""

    __tablename__ = "timetable"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    zone: str
    times: list[str] = Field(sa_type=JSON)
    set_at: datetime = Field(sa_type=Instant)
    set_by: str


series = Base.metadata.tables["series"]
occurrence = Base.metadata.tables["occurrence"]
slot = Base.metadata.tables["slot"]
timetable = Base.metadata.tables["timetable"]
