"""Rows of another tool's table that were edited since they were loaded, under their first refs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection, select

from shared.domain.job import NewJob
from shared.domain.states import State
from shared.domain.succession import Trace, source, successors
from shared.ledger.tables import job

_FIRST = 100


@dataclass(frozen=True, slots=True)
class Followed:
    """Jobs to be gone through as often as need be, with the refs that they were loaded under."""

    jobs: Iterable[NewJob]
    refs: Mapping[str, str]

    def __iter__(self) -> Iterator[NewJob]:
        for each in self.jobs:
            ref = self.refs.get(each.ref)
            yield each if ref is None else replace(each, ref=ref)


def follow(tx: Connection, campaign_id: int, jobs: Iterable[NewJob]) -> Iterable[NewJob]:
    """Return the jobs, those that are edits of stored ones by the refs of these."""
    # A file is one table, as its first rows tell; most are new, and then nothing of them is held.
    table = next(filter(None, (source(each.ref) for each in islice(jobs, _FIRST))), "")
    stored = list(_stored(tx, campaign_id, table)) if table else []
    if not stored:
        return jobs
    asked = (_asked(each) for each in jobs if source(each.ref) == table)
    refs = successors(asked, stored)
    return Followed(jobs, refs) if refs else jobs


def _asked(new: NewJob) -> Trace:
    return Trace(
        ref=new.ref,
        connection=new.connection,
        account_id=new.post.account_id,
        run_at=new.run_at,
        content_hash=new.post.content_hash,
    )


def _stored(tx: Connection, campaign_id: int, table: str) -> Iterator[Trace]:
    columns = (job.c.ref, job.c.connection, job.c.account_id, job.c.run_at, job.c.content_hash)
    query = select(*columns, job.c.state).where(
        job.c.campaign_id == campaign_id,
        job.c.retry_of.is_(None),
        job.c.ref.startswith(table, autoescape=True),
    )
    for row in tx.execute(query):
        if source(row.ref):
            yield Trace(**dict(row._mapping) | {"state": State(row.state)})  # noqa: SLF001 - public
