"""A job: one post for one account at one time, and the attempts made to publish it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.domain.outcome import Fault
from shared.domain.post import Post
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.domain.timetable import Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the ledger as everybody else sees it; it changes only through the ledger."""

    id: int
    campaign: str
    ref: str
    provider: str
    connection: str
    post: Post
    state: State
    #: Why the job is where it is, for people: a limit, a fault, a pause.
    reason: str
    #: The user's; never moved by us.
    run_at: datetime
    #: The one due rule; deferral, backoff and spacing move it.
    due_at: datetime
    created_at: datetime
    not_after: datetime | None = None
    retry_of: int | None = None
    #: Failed attempts and the one in the making; deferrals do not count.
    attempts: int = 0
    deferrals: int = 0
    rescues: int = 0
    #: Raised by each claim; writes of an older claim find no row.
    fence: int = 0
    lease_until: datetime | None = None
    provider_status: str | None = None
    provider_publish_id: str | None = None
    permalink: str | None = None
    delivered_to_inbox: bool = False
    #: What earlier attempts prepared and later ones may reuse, such as uploaded media ids.
    prepared: Mapping[str, Any] = field(default_factory=dict)
    #: The next attempt must send the same bytes as the last one (an idempotent replay).
    replay: bool = False
    first_sent_at: datetime | None = None
    accepted_at: datetime | None = None
    settled_at: datetime | None = None
    queued_at: datetime | None = None
    #: When workers were told of it last, and how often since it was queued.
    rung_at: datetime | None = None
    rings: int = 0
    next_poll_at: datetime | None = None
    polls: int = 0
    #: Looks after a lost answer that found nothing.
    looks: int = 0
    #: When the request whose answer was lost could last have run.
    lost_at: datetime | None = None
    next_look_at: datetime | None = None
    hold: Hold | None = None
    cancel_requested_at: datetime | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One publish call, opened in SQL before its first byte left."""

    id: int
    job_id: int
    number: int
    fence: int
    opened_at: datetime
    #: When the answer came or was known to be lost; None while the call may still run.
    closed_at: datetime | None = None
    #: succeeded, accepted, deferred, failed, uncertain; None while open.
    outcome: str | None = None
    #: What the adapter wrote down before sending: the watermark, the key, the body.
    memo: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    publish_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that a producer asks for; `run_at` None = now."""

    ref: str
    provider: str
    connection: str
    post: Post
    run_at: datetime | None = None
    not_after: datetime | None = None
    retry_of: int | None = None
    #: It goes in the next free slot of these, and has no `run_at`; None = it does not queue.
    timetable: Timetable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One move of one job: when, from, to, why, in which attempt, by whom."""

    at: datetime
    job_id: int
    from_state: State | None
    to_state: State
    why: str
    attempt: int | None
    by: str
