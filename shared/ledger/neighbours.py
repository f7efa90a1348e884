"""Neighbours: what the ledger already has on some accounts around some time.

A person asks for it now and then: it reads the jobs once through, without an index of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, tuple_

from shared.domain.post import Post
from shared.domain.states import State
from shared.ledger.book import Book, reading
from shared.ledger.campaigns import id_of
from shared.ledger.slots import has_slot
from shared.ledger.statements import chunks, one_of
from shared.ledger.tables import campaign, job, lane

#: What is out, on its way, or will be.
_LIVE = tuple(state for state in State if state not in {State.FAILED, State.CANCELLED})

_A_DAY = timedelta(days=1)

#: Accounts asked about in one statement.
_CHUNK = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A job on one of the accounts."""

    id: int
    campaign: str
    ref: str
    connection: str
    account_id: str
    run_at: datetime
    post: Post
    #: It is in the place of a job that failed, and has a time of its own.
    retried: bool = False


class Neighbours(Book):
    """Jobs near others."""

    @reading
    def on(
        self,
        tx: Connection,
        lanes: Collection[tuple[str, str]],
        since: datetime,
        until: datetime,
    ) -> list[Neighbour]:
        """Return the live jobs of these (connection, account id) due in that time, by `run_at`."""
        found = [each for some in _chunks(lanes) for each in _on(tx, some, since, until)]
        return sorted(found, key=lambda each: (each.run_at, each.id))

    @reading
    def in_slots(self, tx: Connection, lane: tuple[str, str], after: datetime) -> list[Neighbour]:
        """Return the jobs that have the slots of one account after an instant, by `run_at`."""
        return sorted(_chosen(tx, [lane], has_slot(after)), key=lambda each: each.run_at)

    @reading
    def named(
        self, tx: Connection, refs: Collection[str], states: Collection[State]
    ) -> list[Neighbour]:
        """Return the jobs of all campaigns that have one of these refs and states."""
        return [
            each
            for some in chunks(sorted(refs))
            for each in _read(tx, one_of(tx, job.c.ref, some) & job.c.state.in_(states))
        ]

    @reading
    def repeated(self, tx: Connection, name: str, since: int) -> dict[str, int]:
        """Count, by campaign, the posts before them that a campaign's jobs from an id on repeat.

        They have the same account and content, and a time that is not a day apart.
        """
        mine: defaultdict[tuple[int, str], list[datetime]] = defaultdict(list)
        campaign_id = id_of(tx, name)
        own = (job.c.campaign_id == campaign_id) & (job.c.id >= since)
        for row in tx.execute(_contents(own)):
            mine[row.lane_id, row.content_hash].append(row.run_at)
        if not mine:
            return {}
        moments = [at for some in mine.values() for at in some]
        # Read once through: no index knows the content of what is out.
        near = job.c.run_at.between(min(moments) - _A_DAY, max(moments) + _A_DAY)
        elsewhere = or_(job.c.campaign_id != campaign_id, job.c.id < since)
        others = elsewhere & near & job.c.state.in_(_LIVE)
        found = {
            (row.name, row.lane_id, row.content_hash, at)
            for row in tx.execute(_contents(others))
            for at in mine.get((row.lane_id, row.content_hash), ())
            if abs(row.run_at - at) < _A_DAY
        }
        return dict(Counter(sorted(each[0] for each in found)))


def _contents(chosen: ColumnElement[bool]) -> Select[Any]:
    columns = (campaign.c.name, job.c.lane_id, job.c.content_hash, job.c.run_at)
    query = select(*columns).join(campaign, campaign.c.id == job.c.campaign_id)
    return query.where(chosen)


def _chunks(lanes: Collection[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    left = iter(sorted(lanes))
    while some := list(islice(left, _CHUNK)):
        yield some


def _on(
    tx: Connection, lanes: Sequence[tuple[str, str]], since: datetime, until: datetime
) -> Iterator[Neighbour]:
    return _chosen(tx, lanes, job.c.run_at.between(since, until) & job.c.state.in_(_LIVE))


def _chosen(
    tx: Connection, lanes: Sequence[tuple[str, str]], chosen: ColumnElement[bool]
) -> Iterator[Neighbour]:
    ids = select(lane.c.id).where(tuple_(lane.c.connection, lane.c.account_id).in_(lanes))
    return _read(tx, job.c.lane_id.in_(ids) & chosen)


def _read(tx: Connection, chosen: ColumnElement[bool]) -> Iterator[Neighbour]:
    query = (
        select(
            job.c.id,
            campaign.c.name,
            job.c.ref,
            job.c.connection,
            job.c.account_id,
            job.c.run_at,
            job.c.post,
            job.c.retry_of,
        )
        .join(campaign, campaign.c.id == job.c.campaign_id)
        .where(chosen)
    )
    for row in tx.execute(query):
        yield Neighbour(
            id=row.id,
            campaign=row.name,
            ref=row.ref,
            connection=row.connection,
            account_id=row.account_id,
            run_at=row.run_at,
            post=Post.from_json(row.post),
            retried=row.retry_of is not None,
        )
