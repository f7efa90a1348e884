"""Attempt rows: closed with the answer, however late it comes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from shared.domain.outcome import Receipt
from shared.domain.settlement import Settlement
from shared.ledger.rows import answer_columns
from shared.ledger.tables import attempt

UNCERTAIN = "uncertain"


def insert_closed(tx: Connection, job: Row[Any], settlement: Settlement, now: datetime) -> int:
    """Insert an attempt that ended while it was being prepared, and return its number."""
    number: int = job.last_attempt + 1
    tx.execute(
        insert(attempt).values(
            job_id=job.id,
            lane_id=job.lane_id,
            number=number,
            fence=job.fence,
            opened_at=now,
            closed_at=now,
            outcome=settlement.outcome,
            memo={},
            **answer_columns(settlement),
        )
    )
    return number


def close(tx: Connection, job_id: int, settlement: Settlement, now: datetime) -> int | None:
    """Close the open attempt and return its number; one that nobody judged is uncertain."""
    number: int | None = tx.execute(
        update(attempt)
        .where(attempt.c.job_id == job_id, attempt.c.closed_at.is_(None))
        .values(
            closed_at=now, outcome=settlement.outcome or UNCERTAIN, **answer_columns(settlement)
        )
        .returning(attempt.c.number)
    ).scalar_one_or_none()
    return number


def store_late_answer(
    tx: Connection, job_id: int, fence: int, settlement: Settlement, now: datetime
) -> bool:
    """Write an answer that came after its claim was lost; False when there is one already."""
    stored = tx.execute(
        update(attempt)
        .where(
            attempt.c.job_id == job_id,
            attempt.c.fence == fence,
            attempt.c.outcome == UNCERTAIN,
        )
        .values(closed_at=now, outcome=settlement.outcome, **answer_columns(settlement))
    )
    return stored.rowcount > 0


def name_publish(tx: Connection, job_id: int, number: int, receipt: Receipt) -> None:
    """Write on an attempt which publish it turned out to have made."""
    tx.execute(
        update(attempt)
        .where(
            attempt.c.job_id == job_id,
            attempt.c.number == number,
            attempt.c.publish_id.is_(None),
        )
        .values(publish_id=receipt.publish_id)
    )
