"""Retries: jobs that ended badly, what is known of their cause, and the new jobs in their place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, select

from shared.domain.audit import TAKEN
from shared.domain.fingerprint import fingerprint
from shared.domain.job import NewJob
from shared.domain.post import Post
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.events import Stamp
from shared.ledger.jobs import JobFilter
from shared.ledger.statements import chunks, one_of
from shared.ledger.submission import Submitted, submit
from shared.ledger.tables import account, attempt, campaign, job


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A job that somebody may want to retry, and all that speaks for or against it."""

    id: int
    campaign: str
    campaign_id: int
    provider: str
    connection: str
    account_id: str
    state: State
    hold: Hold | None
    error_class: str | None
    error_code: str | None
    error_message: str
    #: The job that is its retry already.
    retried_as: int | None
    #: Why its account cannot post, as the provider listed it last; None = it can, or who knows.
    unfit: str | None
    #: An answer that came after it had ended says that the post is out.
    answered_late: bool

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.error_class or "", self.error_code, self.error_message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Between which instants a job ended; None = whenever."""

    since: datetime | None = None
    until: datetime | None = None


class Retries(Book):
    """What a retry of many jobs reads and writes, each in one transaction."""

    @reading
    def candidates(
        self, tx: Connection, which: JobFilter, ended: Ended | None = None
    ) -> list[Candidate]:
        """Return the jobs of a filter as candidates, the oldest first."""
        ended = ended or Ended()
        conditions = which.conditions()
        if ended.since is not None:
            conditions.append(job.c.settled_at >= ended.since)
        if ended.until is not None:
            conditions.append(job.c.settled_at <= ended.until)
        rows = tx.execute(_CANDIDATES.where(*conditions).order_by(job.c.id))
        return [_as_candidate(row) for row in rows]

    @writing
    def add(
        self,
        tx: Connection,
        ids: Mapping[str, Sequence[int]],
        *,
        now: datetime,
        by: str,
    ) -> Submitted:
        """Put a new job, due now, in the place of each of these, by campaign; all or none.

        A job that has one already gets no second one: the campaigns are locked meanwhile. Nor does
        one whose answer has come since somebody looked, and says that the post is out.
        """
        done = Submitted()
        for name in sorted(ids):
            copies = [_copy(row) for row in _read(tx, ids[name])]
            added = submit(tx, name, copies, Stamp(now, by))
            done.added += added.added
            done.existing += added.existing
            done.lanes |= added.lanes
        return done


_ANSWERED_LATE = exists().where(
    attempt.c.job_id == job.c.id,
    attempt.c.outcome.in_(sorted(TAKEN)),
    attempt.c.closed_at > job.c.settled_at,
)


def _candidates() -> Any:
    retry = job.alias("retry")
    same_account = and_(
        account.c.connection == job.c.connection, account.c.account_id == job.c.account_id
    )
    return select(
        job.c.id,
        campaign.c.name.label("campaign"),
        job.c.campaign_id,
        job.c.provider,
        job.c.connection,
        job.c.account_id,
        job.c.state,
        job.c.hold,
        job.c.error_class,
        job.c.error_code,
        job.c.error_message,
        retry.c.id.label("retried_as"),
        account.c.can_post,
        account.c.reason,
        _ANSWERED_LATE.label("answered_late"),
    ).select_from(
        job.join(campaign, campaign.c.id == job.c.campaign_id)
        .outerjoin(retry, retry.c.retry_of == job.c.id)
        .outerjoin(account, same_account)
    )


# Built once: aliases of a wide table cost as much as the query they are for.
_CANDIDATES = _candidates()


def _as_candidate(row: Row[Any]) -> Candidate:
    unfit = row.can_post is not None and not row.can_post
    return Candidate(
        id=row.id,
        campaign=row.campaign,
        campaign_id=row.campaign_id,
        provider=row.provider,
        connection=row.connection,
        account_id=row.account_id,
        state=State(row.state),
        hold=None if row.hold is None else Hold(row.hold),
        error_class=row.error_class,
        error_code=row.error_code,
        error_message=row.error_message or "",
        retried_as=row.retried_as,
        unfit=row.reason if unfit else None,
        answered_late=row.answered_late,
    )


def _read(tx: Connection, ids: Sequence[int]) -> list[Any]:
    columns = (job.c.id, job.c.ref, job.c.provider, job.c.connection, job.c.post)
    found: list[Any] = []
    for some in chunks(ids):
        ended = job.c.state.in_([State.FAILED, State.CANCELLED])
        sure = ended & ~_ANSWERED_LATE
        query = select(*columns).where(one_of(tx, job.c.id, some), sure).order_by(job.c.id)
        found += tx.execute(query).all()
    return found


def _copy(row: Any) -> NewJob:
    return NewJob(
        ref=row.ref,
        provider=row.provider,
        connection=row.connection,
        post=Post.from_json(row.post),
        retry_of=row.id,
    )
