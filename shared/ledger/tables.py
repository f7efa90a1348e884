"""The tables, private to the ledger; the rest of Dropline sees the domain's types."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlmodel import Field, SQLModel

from shared.domain.states import State
from shared.ledger.columns import Id, Instant, Words

#: The order is part of each partial index's text, and SQLite takes an index only for equal text.
WAITING = (State.SCHEDULED, State.RETRYING)
IN_FLIGHT = (State.QUEUED, State.PUBLISHING)
BUSY = (State.QUEUED, State.PUBLISHING, State.UNCERTAIN)
ASKED = (State.IN_PROGRESS, State.HELD)
SENT = (State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN)
UNSENT = (State.SCHEDULED, State.RETRYING, State.QUEUED)
UNFINISHED = (
    State.SCHEDULED,
    State.QUEUED,
    State.PUBLISHING,
    State.IN_PROGRESS,
    State.RETRYING,
    State.UNCERTAIN,
    State.HELD,
)


class Base(SQLModel):
    """One metadata for the ledger's tables and nobody else's."""

    metadata = MetaData()


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(
        name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )


def _states(states: Sequence[State]) -> str:
    return ", ".join(f"'{state}'" for state in states)


def _while(states: Sequence[State], and_also: str = "") -> str:
    return f"state IN ({_states(states)}){and_also}"


class CampaignRow(Base, table=True):
    """A named set of jobs."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("name", name="uq_campaign_name"),
        _partial("ix_campaign_late", "id", where="late_policy IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    name: str
    created_at: datetime = Field(sa_type=Instant)
    priority: str = Field(default="normal", sa_column_kwargs={"server_default": "normal"})
    ordered: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    spacing_ms: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    jitter_ms: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    #: In the words of the settings; None = as the connection says.
    late_policy: str | None = None


class LaneRow(Base, table=True):
    """What the jobs of one account at one connection share."""

    __tablename__ = "lane"
    __table_args__ = (UniqueConstraint("connection", "account_id", name="uq_lane_account"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    connection: str
    account_id: str
    paused: bool = False
    paused_why: str = Field(default="", sa_type=Words)
    paused_by: str = ""
    paused_at: datetime | None = Field(default=None, sa_type=Instant)


class PauseRow(Base, table=True):
    """A campaign, connection or provider that is paused; of accounts the lane says so."""

    __tablename__ = "pause"

    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    #: Of a campaign.
    campaign_id: int | None = Field(
        default=None, sa_type=Id, sa_column_args=[ForeignKey("campaign.id")]
    )
    by: str
    why: str = Field(sa_type=Words)
    since: datetime = Field(sa_type=Instant)


_AWAKE = "due_share IS NOT NULL AND wake_at IS NOT NULL"
_ASLEEP = "due_share IS NULL AND wake_at IS NOT NULL"


class StreamRow(Base, table=True):
    """The jobs of one campaign on one lane."""

    __tablename__ = "stream"
    __table_args__ = (
        UniqueConstraint("lane_id", "campaign_id", name="uq_stream"),
        _partial("ix_stream_wake", "due_share", "wake_at", where=_AWAKE),
        _partial("ix_stream_asleep", "wake_at", where=_ASLEEP),
        _partial("ix_stream_lane", "lane_id", "wake_at", where="wake_at IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    lane_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("lane.id")])
    campaign_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("campaign.id")])
    #: Campaign and connection in one word: dispatch goes round the shares, whatever their size.
    share: str
    #: The share again once `wake_at` has come, so that the round does not pass those that sleep.
    due_share: str | None = None
    #: When dispatch must look here next; None while nothing waits or the lane is paused.
    wake_at: datetime | None = Field(default=None, sa_type=Instant)


class JobRow(Base, table=True):
    """One post for one account at one time."""

    __tablename__ = "job"
    __table_args__ = (
        _partial("uq_job_ref", "campaign_id", "ref", where="retry_of IS NULL", unique=True),
        _partial("uq_job_retry", "retry_of", where="retry_of IS NOT NULL", unique=True),
        _partial(
            "uq_job_publish",
            "connection",
            "provider_publish_id",
            where="provider_publish_id IS NOT NULL",
            unique=True,
        ),
        Index("ix_job_campaign", "campaign_id", "state"),
        _partial("ix_job_due", "lane_id", "campaign_id", "due_at", "id", where=_while(WAITING)),
        _partial(
            "ix_job_turn",
            "lane_id",
            "campaign_id",
            "turn",
            "id",
            where=_while(UNFINISHED, " AND turn IS NOT NULL"),
        ),
        _partial(
            "ix_job_late",
            "late_key",
            "run_at",
            where=_while(WAITING, " AND first_sent_at IS NULL AND deferrals = 0"),
        ),
        _partial(
            "ix_job_not_after", "not_after", where=_while(UNSENT, " AND not_after IS NOT NULL")
        ),
        _partial("ix_job_busy", "lane_id", "content_hash", where=_while(BUSY)),
        _partial("ix_job_rung", "rung_at", where=_while([State.QUEUED])),
        _partial("ix_job_lease", "lease_until", where=_while([State.PUBLISHING])),
        _partial("ix_job_poll", "connection", "next_poll_at", where=_while(ASKED)),
        _partial("ix_job_cancel", "next_cancel_at", where=_while([State.IN_PROGRESS])),
        _partial("ix_job_look", "next_look_at", where=_while([State.UNCERTAIN])),
        _partial("ix_job_held", "lane_id", where=_while([State.HELD])),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    campaign_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("campaign.id")])
    lane_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("lane.id")])
    retry_of: int | None = Field(default=None, sa_type=Id, sa_column_args=[ForeignKey("job.id")])
    ref: str
    provider: str
    connection: str
    account_id: str
    #: Key order is kept (not jsonb): what was asked for is sent as it was asked for.
    post: dict[str, Any] = Field(sa_type=JSON)
    content_hash: str
    state: str
    reason: str = Field(sa_type=Words)
    run_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    #: Where the campaign keeps order: the place in it, its `run_at`.
    turn: datetime | None = Field(default=None, sa_type=Instant)
    #: Whose late policy counts: its campaign's, or its connection's.
    late_key: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    not_after: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    deferrals: int = 0
    rescues: int = 0
    #: The number of the newest attempt row; deferred attempts have rows too.
    last_attempt: int = 0
    fence: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    provider_status: str | None = Field(default=None, sa_type=Words)
    provider_publish_id: str | None = Field(default=None, sa_type=Words)
    permalink: str | None = Field(default=None, sa_type=Words)
    delivered_to_inbox: bool = False
    prepared: dict[str, Any] = Field(sa_type=JSON)
    replay: bool = False
    first_sent_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    queued_at: datetime | None = Field(default=None, sa_type=Instant)
    rung_at: datetime | None = Field(default=None, sa_type=Instant)
    rings: int = 0
    next_poll_at: datetime | None = Field(default=None, sa_type=Instant)
    polls: int = 0
    looks: int = 0
    lost_at: datetime | None = Field(default=None, sa_type=Instant)
    next_look_at: datetime | None = Field(default=None, sa_type=Instant)
    hold: str | None = None
    cancel_requested_at: datetime | None = Field(default=None, sa_type=Instant)
    #: When the provider is to be asked to cancel; None = not asked for, or answered.
    next_cancel_at: datetime | None = Field(default=None, sa_type=Instant)
    error_class: str | None = None
    error_code: str | None = Field(default=None, sa_type=Words)
    error_message: str | None = Field(default=None, sa_type=Words)


class AttemptRow(Base, table=True):
    """One publish call, written down before its first byte left."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("job_id", "number", name="uq_attempt_number"),
        _partial("uq_attempt_open", "job_id", where="closed_at IS NULL", unique=True),
        Index("ix_attempt_lane", "lane_id", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    job_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("job.id")])
    lane_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("lane.id")])
    number: int
    fence: int
    opened_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None
    memo: dict[str, Any] = Field(sa_type=JSON)
    publish_id: str | None = Field(default=None, sa_type=Words)
    provider_status: str | None = Field(default=None, sa_type=Words)
    permalink: str | None = Field(default=None, sa_type=Words)
    error_class: str | None = None
    error_code: str | None = Field(default=None, sa_type=Words)
    error_message: str | None = Field(default=None, sa_type=Words)


class EventRow(Base, table=True):
    """One move of one job."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_job", "job_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=Id)
    job_id: int = Field(sa_type=Id, sa_column_args=[ForeignKey("job.id")])
    at: datetime = Field(sa_type=Instant)
    from_state: str | None = None
    to_state: str
    why: str = Field(sa_type=Words)
    attempt: int | None = None
    by: str


class AccountRow(Base, table=True):
    """A social account as its provider listed it last."""

    __tablename__ = "account"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    provider: str
    platform: str
    username: str = Field(sa_type=Words)
    display_name: str = Field(sa_type=Words)
    can_post: bool
    reason: str = Field(sa_type=Words)
    inbox_only: bool
    account_type: str = Field(sa_type=Words)
    caption_max: int | None = None
    kinds: list[str] | None = Field(default=None, sa_type=JSON)
    synced_at: datetime = Field(sa_type=Instant)


class BlockRow(Base, table=True):
    """A scope in which nothing is sent before an instant; account '' = the whole connection."""

    __tablename__ = "block"

    connection: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Instant)
    why: str = Field(sa_type=Words)
    saved_at: datetime = Field(sa_type=Instant)


class LearntLimitRow(Base, table=True):
    """A window that answers taught us; account '' = the whole connection."""

    __tablename__ = "learnt_limit"

    connection: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    per_ms: int = Field(primary_key=True, sa_type=Id)
    unit: str = Field(primary_key=True)
    calls: str = Field(primary_key=True)
    zone: str = Field(primary_key=True)
    reach: str
    requests: int
    source: str
    used: int
    resets_at: datetime = Field(sa_type=Instant)
    saved_at: datetime = Field(sa_type=Instant)


class HeartbeatRow(Base, table=True):
    """When a process last said that it lives."""

    __tablename__ = "heartbeat"

    name: str = Field(primary_key=True)
    kind: str
    beat_at: datetime = Field(sa_type=Instant)
    facts: dict[str, Any] = Field(sa_type=JSON)


class HabitRow(Base, table=True):
    """How long publishes of one sort took at a connection, as weights of buckets of durations."""

    __tablename__ = "habit"

    connection: str = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    weights: dict[str, float] = Field(sa_type=JSON)
    learnt_at: datetime = Field(sa_type=Instant)


class MarkRow(Base, table=True):
    """A remembered fact of which there is one: the epoch of Redis, the last sync of accounts."""

    __tablename__ = "mark"

    name: str = Field(primary_key=True)
    value: str
    at: datetime = Field(sa_type=Instant)


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


campaign = _table("campaign")
lane = _table("lane")
pause = _table("pause")
stream = _table("stream")
job = _table("job")
attempt = _table("attempt")
event = _table("event")
account = _table("account")
block = _table("block")
learnt_limit = _table("learnt_limit")
heartbeat = _table("heartbeat")
habit = _table("habit")
mark = _table("mark")


def standing(*states: State, of: FromClause = job) -> ColumnElement[bool]:
    """Say `state IN (...)` in the words of the partial indexes, so that these serve the query."""
    return of.c.state.in_([literal_column(f"'{state}'") for state in states])
