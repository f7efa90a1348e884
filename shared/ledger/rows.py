"""Rows of the tables as the domain's values."""

from typing import Any

from sqlalchemy import ColumnElement, Row, select

from shared.domain.job import Attempt, Event, Job
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Post
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger.tables import attempt, campaign, event, job

_CAMPAIGN: ColumnElement[str] = (
    select(campaign.c.name)
    .where(campaign.c.id == job.c.campaign_id)
    .correlate(job)
    .scalar_subquery()
    .label("campaign")
)

#: Everything `read_job` needs; also behind RETURNING, where nothing can be joined.
JOB: tuple[ColumnElement[Any], ...] = (_CAMPAIGN, *job.c)
ATTEMPT: tuple[ColumnElement[Any], ...] = tuple(attempt.c)
EVENT: tuple[ColumnElement[Any], ...] = tuple(event.c)

#: Columns that a Job has under the same name and type.
_SAME = (
    "id",
    "campaign",
    "ref",
    "provider",
    "connection",
    "reason",
    "run_at",
    "due_at",
    "created_at",
    "not_after",
    "retry_of",
    "attempts",
    "deferrals",
    "rescues",
    "fence",
    "lease_until",
    "provider_status",
    "provider_publish_id",
    "permalink",
    "delivered_to_inbox",
    "prepared",
    "replay",
    "first_sent_at",
    "accepted_at",
    "settled_at",
    "queued_at",
    "rung_at",
    "rings",
    "next_poll_at",
    "polls",
    "looks",
    "lost_at",
    "next_look_at",
    "cancel_requested_at",
)


def read_job(row: Row[Any]) -> Job:
    values = row._mapping  # noqa: SLF001 - public in spite of its underscore
    return Job(
        post=Post.from_json(row.post),
        state=State(row.state),
        hold=Hold(row.hold) if row.hold is not None else None,
        fault=_read_fault(row),
        **{name: values[name] for name in _SAME},
    )


def read_attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=row.id,
        job_id=row.job_id,
        number=row.number,
        fence=row.fence,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        memo=row.memo,
        fault=_read_fault(row),
        publish_id=row.publish_id,
    )


def read_event(row: Row[Any]) -> Event:
    return Event(
        at=row.at,
        job_id=row.job_id,
        from_state=State(row.from_state) if row.from_state is not None else None,
        to_state=State(row.to_state),
        why=row.why,
        attempt=row.attempt,
        by=row.by,
    )


def fault_columns(fault: Fault | None) -> dict[str, str | None]:
    """Return a fault as the three columns that jobs and attempts have for it."""
    return {
        "error_class": None if fault is None else str(fault.error_class),
        "error_code": None if fault is None else fault.code,
        "error_message": None if fault is None else fault.message,
    }


def answer_columns(settlement: Settlement) -> dict[str, str | None]:
    """Return what an attempt keeps of the answer that came."""
    receipt = settlement.receipt or settlement.stray
    return {
        **fault_columns(settlement.fault),
        "publish_id": None if receipt is None else receipt.publish_id,
        "provider_status": None if receipt is None else receipt.provider_status,
        "permalink": None if receipt is None else receipt.permalink,
    }


def _read_fault(row: Row[Any]) -> Fault | None:
    if row.error_class is None:
        return None
    return Fault(
        error_class=ErrorClass(row.error_class),
        code=row.error_code,
        message=row.error_message or "",
    )
