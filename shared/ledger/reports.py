"""Reports: every job of a campaign in the few columns that a report is made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from shared.domain.fingerprint import Failures, fingerprint, grouped
from shared.domain.states import State
from shared.ledger.book import Book, reading
from shared.ledger.campaigns import id_of
from shared.ledger.tables import attempt, job


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedJob:
    """What a report says of one job."""

    id: int
    ref: str
    provider: str
    connection: str
    account_id: str
    platform: str
    kind: str
    state: State
    reason: str
    run_at: datetime
    first_sent_at: datetime | None
    settled_at: datetime | None
    attempts: int
    deferrals: int
    retry_of: int | None
    permalink: str | None
    error_class: str | None
    error_code: str | None
    error_message: str | None

    @property
    def late_s(self) -> float | None:
        """How many seconds after its `run_at` it was first sent; None = not yet."""
        if self.first_sent_at is None:
            return None
        return (self.first_sent_at - self.run_at).total_seconds()

    @property
    def fingerprint(self) -> str | None:
        if self.error_class is None:
            return None
        return fingerprint(self.error_class, self.error_code, self.error_message or "")


@dataclass(frozen=True, slots=True)
class PublishCall:
    """One attempt to publish, by whom and when."""

    provider: str
    connection: str
    account_id: str
    at: datetime


class Reports(Book):
    """Reads for people; each costs as much as the campaign has jobs."""

    @reading
    def jobs(self, tx: Connection, campaign: str) -> list[ReportedJob]:
        """Return every job of a campaign, the oldest first; raises UnknownName."""
        query = select(*_COLUMNS).where(job.c.campaign_id == id_of(tx, campaign))
        return [_as_reported(row) for row in tx.execute(query.order_by(job.c.id))]

    @reading
    def calls(self, tx: Connection, campaign: str) -> list[PublishCall]:
        """Return every publish call of a campaign, the oldest first; raises UnknownName."""
        query = (
            select(job.c.provider, job.c.connection, job.c.account_id, attempt.c.opened_at)
            .join(job, job.c.id == attempt.c.job_id)
            .where(job.c.campaign_id == id_of(tx, campaign))
            .order_by(attempt.c.opened_at)
        )
        return [PublishCall(*row) for row in tx.execute(query)]

    @reading
    def failures(self, tx: Connection, campaign: str) -> list[Failures]:
        """Return what jobs failed of, by cause, the commonest first; raises UnknownName."""
        said = (job.c.error_class, job.c.error_code, job.c.error_message)
        query = (
            select(*said, func.count().label("jobs"), func.min(job.c.id).label("example"))
            .where(job.c.campaign_id == id_of(tx, campaign), job.c.state == State.FAILED)
            .group_by(*said)
        )
        return grouped(
            Failures(
                error_class=row.error_class or "",
                code=row.error_code,
                message=row.error_message or "",
                jobs=row.jobs,
                example=row.example,
            )
            for row in tx.execute(query)
        )


_COLUMNS = (
    job.c.id,
    job.c.ref,
    job.c.provider,
    job.c.connection,
    job.c.account_id,
    job.c.post["platform"].as_string().label("platform"),
    job.c.post["kind"].as_string().label("kind"),
    job.c.state,
    job.c.reason,
    job.c.run_at,
    job.c.first_sent_at,
    job.c.settled_at,
    job.c.attempts,
    job.c.deferrals,
    job.c.retry_of,
    job.c.permalink,
    job.c.error_class,
    job.c.error_code,
    job.c.error_message,
)


def _as_reported(row: Any) -> ReportedJob:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - public in spite of its underscore
    return ReportedJob(**values | {"state": State(row.state)})
