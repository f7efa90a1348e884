"""Openings: the attempt rows of calls that are about to be made, however many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, literal, tuple_, update

from shared.domain.job import Attempt, Job
from shared.domain.states import State
from shared.errors import LeaseLost
from shared.ledger.columns import Instant
from shared.ledger.rows import ATTEMPT, read_attempt
from shared.ledger.tables import attempt, job


@dataclass(frozen=True, slots=True)
class Opening:
    """A call that is about to be made under a claim, and what is written down with it."""

    job: Job
    memo: Mapping[str, Any]
    now: datetime


def open_attempts(tx: Connection, openings: Sequence[Opening]) -> list[Attempt | LeaseLost]:
    """Open an attempt for each claim that is still the last one; LeaseLost for the others.

    Raises IntegrityError when an attempt of one of the jobs was opened this moment.
    """
    now = max(each.now for each in openings)
    counted = _count(tx, [each.job for each in openings], now)
    rows = [_row(each, counted[each.job.id], now) for each in openings if each.job.id in counted]
    opened = _insert(tx, rows)
    return [opened.get(each.job.id) or lost(each.job) for each in openings]


def _count(tx: Connection, claims: Sequence[Job], now: datetime) -> dict[int, Row[Any]]:
    open_already = exists().where(attempt.c.job_id == job.c.id, attempt.c.closed_at.is_(None))
    counted = (
        update(job)
        .where(
            tuple_(job.c.id, job.c.fence).in_([(each.id, each.fence) for each in claims]),
            job.c.state == State.PUBLISHING,
            job.c.lease_until > now,
            ~open_already,
        )
        .values(
            attempts=job.c.attempts + 1,
            last_attempt=job.c.last_attempt + 1,
            first_sent_at=func.coalesce(job.c.first_sent_at, literal(now, Instant)),
        )
        .returning(job.c.id, job.c.lane_id, job.c.fence, job.c.last_attempt)
    )
    return {row.id: row for row in tx.execute(counted)}


def _row(opening: Opening, counted: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "job_id": counted.id,
        "lane_id": counted.lane_id,
        "number": counted.last_attempt,
        "fence": counted.fence,
        "opened_at": now,
        "memo": dict(opening.memo),
    }


def _insert(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[int, Attempt]:
    if not rows:
        return {}
    inserted = tx.execute(insert(attempt).returning(*ATTEMPT), list(rows))
    return {row.job_id: read_attempt(row) for row in inserted}


def lost(claim: Job) -> LeaseLost:
    return LeaseLost(f"the claim on job {claim.id} is no longer ours; nothing was sent")
