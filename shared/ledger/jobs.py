"""Jobs as they are now, with their attempts and events."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, exists, func, literal, select, update

from shared.domain.job import Attempt, Event, Job
from shared.domain.states import State
from shared.errors import UnknownName
from shared.ledger.book import Book, reading, writing
from shared.ledger.rows import ATTEMPT, EVENT, JOB, read_attempt, read_event, read_job
from shared.ledger.tables import SENT, account, attempt, campaign, event, job, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are meant; None = any."""

    campaign: str | None = None
    states: Collection[State] | None = None
    provider: str | None = None
    connection: str | None = None
    #: An id, or the @username of accounts wherever they are.
    account_id: str | None = None
    error_class: str | None = None
    ids: Collection[int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        equal = {
            "provider": self.provider,
            "connection": self.connection,
            "error_class": self.error_class,
        }
        conditions = [job.c[name] == value for name, value in equal.items() if value is not None]
        if self.account_id is not None:
            conditions.append(_of_account(self.account_id))
        if self.campaign is not None:
            named = select(campaign.c.id).where(campaign.c.name == self.campaign)
            conditions.append(job.c.campaign_id == named.scalar_subquery())
        if self.states is not None:
            conditions.append(job.c.state.in_(self.states))
        if self.ids is not None:
            conditions.append(job.c.id.in_(self.ids))
        return conditions


def _of_account(word: str) -> ColumnElement[bool]:
    if not word.startswith("@"):
        return job.c.account_id == word
    named = exists().where(
        account.c.connection == job.c.connection,
        account.c.account_id == job.c.account_id,
        func.lower(account.c.username).in_([word.lower(), word[1:].lower()]),
    )
    return named.correlate(job)


class Jobs(Book):
    """Single jobs and pages of them."""

    @reading
    def get(self, tx: Connection, id: int) -> Job:  # noqa: A002 - what everybody calls it
        """Return a job, or raise UnknownName."""
        row = tx.execute(select(*JOB).where(job.c.id == id)).one_or_none()
        if row is None:
            raise UnknownName(f"there is no job {id}; `dropline jobs list` shows them")
        return read_job(row)

    @reading
    def attempts(self, tx: Connection, id: int) -> list[Attempt]:  # noqa: A002
        rows = select(*ATTEMPT).where(attempt.c.job_id == id).order_by(attempt.c.number)
        return [read_attempt(row) for row in tx.execute(rows)]

    @reading
    def open_attempt(self, tx: Connection, id: int) -> Attempt | None:  # noqa: A002
        """Return the attempt whose call may still run."""
        open_one = select(*ATTEMPT).where(attempt.c.job_id == id, attempt.c.closed_at.is_(None))
        row = tx.execute(open_one).one_or_none()
        return None if row is None else read_attempt(row)

    @reading
    def last_attempt(self, tx: Connection, id: int) -> Attempt | None:  # noqa: A002
        newest = select(*ATTEMPT).where(attempt.c.job_id == id).order_by(attempt.c.number.desc())
        row = tx.execute(newest.limit(1)).one_or_none()
        return None if row is None else read_attempt(row)

    @reading
    def events(self, tx: Connection, id: int) -> list[Event]:  # noqa: A002
        """Return every move of a job, the first one first."""
        rows = select(*EVENT).where(event.c.job_id == id).order_by(event.c.id)
        return [read_event(row) for row in tx.execute(rows)]

    @reading
    def page(
        self, tx: Connection, which: JobFilter, limit: int, before: int | None = None
    ) -> list[Job]:
        """Return the newest jobs, of those with an id below `before`."""
        query = select(*JOB).where(*which.conditions()).order_by(job.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(job.c.id < before)
        return [read_job(row) for row in tx.execute(query)]

    @reading
    def retries_of(self, tx: Connection, id: int) -> int | None:  # noqa: A002
        """Return the job that is the retry of this one."""
        retry: int | None = tx.execute(
            select(job.c.id).where(job.c.retry_of == id)
        ).scalar_one_or_none()
        return retry

    @writing
    def request_cancel(
        self,
        tx: Connection,
        id: int,  # noqa: A002
        *,
        ask: bool,
        now: datetime,
        by: str,
    ) -> State | None:
        """Note that a job which was sent is to be cancelled; None when it was not, or has ended.

        With `ask` its provider is asked to, once it has the post. Should the job have to wait
        again before that, it is cancelled instead.
        """
        there = job.c.state == State.IN_PROGRESS
        asked = (
            update(job)
            .where(job.c.id == id, standing(*SENT))
            .values(
                cancel_requested_at=now,
                next_cancel_at=now if ask else None,
                reason=case((there, literal(f"{by} wants it cancelled")), else_=job.c.reason),
            )
            .returning(job.c.state)
        )
        found = tx.execute(asked).scalar_one_or_none()
        return None if found is None else State(found)

    @writing
    def cancel_answered(self, tx: Connection, id: int, *, now: datetime) -> None:  # noqa: A002
        """Ask no more: the provider said that it will not cancel."""
        reason = f"the provider did not cancel it ({now:%Y-%m-%d %H:%M:%S} UTC)"
        tx.execute(
            update(job)
            .where(job.c.id == id, job.c.next_cancel_at.is_not(None))
            .values(next_cancel_at=None, reason=reason)
        )
