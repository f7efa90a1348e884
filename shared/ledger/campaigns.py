"""Campaigns: jobs put into the ledger, once each, and what has become of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from shared.domain.campaign import CampaignRules
from shared.domain.job import NewJob
from shared.domain.states import AT_REST, State
from shared.errors import UnknownName
from shared.ledger.book import Book, reading, writing
from shared.ledger.events import Stamp
from shared.ledger.following import follow
from shared.ledger.opening import open_campaign
from shared.ledger.rules import read_rules
from shared.ledger.statements import one_of
from shared.ledger.submission import Submitted, submit
from shared.ledger.tables import campaign, job


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """A campaign and how many of its jobs are in which state."""

    name: str
    created_at: datetime
    counts: dict[State, int]


@dataclass(frozen=True, slots=True)
class Share:
    """How many jobs of a campaign one account has in one state."""

    provider: str
    connection: str
    account_id: str
    state: State
    count: int


class Campaigns(Book):
    """Named sets of jobs. Reads raise UnknownName when there is no such campaign."""

    @writing
    def submit(  # noqa: PLR0913 - what, where, under which rules, when and by whom
        self,
        tx: Connection,
        campaign: str,
        jobs: Iterable[NewJob],
        *,
        rules: CampaignRules | None = None,
        update: bool = False,
        edited: bool = False,
        now: datetime,
        by: str,
    ) -> Submitted:
        """Add the jobs that are not there yet, all or none; what is there stays as it is.

        With `update`, what is there and was surely not sent yet is changed to what is asked for.
        With `edited`, a row of another tool's table whose content makes its ref is the job that
        was made of it before it was edited.
        `rules` replace those of the campaign; None leaves them. The jobs are gone through a part
        at a time, and once more from their start should the transaction have to run again.
        """
        if edited:
            campaign_id, _ = open_campaign(tx, campaign, rules, now)
            jobs = follow(tx, campaign_id, jobs)
        return submit(tx, campaign, jobs, Stamp(now, by), rules, update=update)

    @writing
    def set_rules(self, tx: Connection, name: str, rules: CampaignRules, *, now: datetime) -> None:
        """Give a campaign that is there these rules, and its jobs that they still concern."""
        id_of(tx, name)
        open_campaign(tx, name, rules, now)

    @reading
    def rules(self, tx: Connection, name: str) -> CampaignRules:
        """Return the rules of a campaign, or those that a new one begins with."""
        row = tx.execute(select(campaign).where(campaign.c.name == name)).one_or_none()
        return CampaignRules() if row is None else read_rules(row)

    @reading
    def first_run_at(self, tx: Connection, name: str, refs: Sequence[str]) -> datetime | None:
        """Return the earliest time of those of these jobs that are there."""
        named = select(campaign.c.id).where(campaign.c.name == name).scalar_subquery()
        first = select(func.min(job.c.run_at)).where(
            job.c.campaign_id == named, one_of(tx, job.c.ref, refs), job.c.retry_of.is_(None)
        )
        found: datetime | None = tx.execute(first).scalar_one()
        return found

    @reading
    def counts(self, tx: Connection, name: str) -> dict[State, int]:
        """Return how many jobs are in which state; states without any are left out."""
        grouped = _grouped(tx, name, job.c.state)
        return {State(row.state): row.jobs for row in grouped}

    @reading
    def held(self, tx: Connection, name: str) -> list[tuple[str, int]]:
        """Return why jobs are held, the commonest reason first."""
        rows = _grouped(tx, name, job.c.reason, state=State.HELD)
        return [(row.reason, row.jobs) for row in rows]

    @reading
    def faults(self, tx: Connection, name: str) -> list[tuple[str, str | None, int]]:
        """Return what jobs failed of, as class and code, the commonest first."""
        rows = _grouped(tx, name, job.c.error_class, job.c.error_code, state=State.FAILED)
        return [(row.error_class or "", row.error_code, row.jobs) for row in rows]

    @reading
    def lateness(self, tx: Connection, name: str) -> list[float]:
        """Return, in seconds, how long after their `run_at` the jobs were first sent."""
        times = select(job.c.run_at, job.c.first_sent_at).where(
            job.c.campaign_id == id_of(tx, name), job.c.first_sent_at.is_not(None)
        )
        return [(row.first_sent_at - row.run_at).total_seconds() for row in tx.execute(times)]

    @reading
    def by_provider(self, tx: Connection, name: str) -> list[Share]:
        """Return the counts of every account, by provider, connection and account."""
        columns = (job.c.provider, job.c.connection, job.c.account_id, job.c.state)
        shares = [
            Share(row.provider, row.connection, row.account_id, State(row.state), row.jobs)
            for row in _grouped(tx, name, *columns)
        ]
        return sorted(shares, key=lambda each: (each.provider, each.connection, each.account_id))

    @reading
    def moving(self, tx: Connection, name: str) -> int:
        """Return how many jobs are neither final nor held."""
        moving = select(func.count()).where(
            job.c.campaign_id == id_of(tx, name), job.c.state.not_in(AT_REST)
        )
        return tx.execute(moving).scalar_one()

    @reading
    def list(self, tx: Connection) -> list[CampaignSummary]:
        """Return every campaign, newest first."""
        counts: dict[int, dict[State, int]] = defaultdict(dict)
        grouped = select(job.c.campaign_id, job.c.state, func.count().label("jobs")).group_by(
            job.c.campaign_id, job.c.state
        )
        for row in tx.execute(grouped):
            counts[row.campaign_id][State(row.state)] = row.jobs
        rows = tx.execute(select(campaign).order_by(campaign.c.id.desc()))
        return [CampaignSummary(row.name, row.created_at, counts[row.id]) for row in rows]


def id_of(tx: Connection, name: str) -> int:
    """Return the id of a campaign; raises UnknownName."""
    found: int | None = tx.execute(
        select(campaign.c.id).where(campaign.c.name == name)
    ).scalar_one_or_none()
    if found is None:
        raise UnknownName(f"there is no campaign {name!r}; `dropline campaign list` shows them")
    return found


def _grouped(tx: Connection, name: str, *columns: Any, state: State | None = None) -> Sequence[Any]:
    """Return the counts of a campaign's jobs by these columns, the greatest first."""
    count = func.count().label("jobs")
    query = select(*columns, count).where(job.c.campaign_id == id_of(tx, name))
    if state is not None:
        query = query.where(job.c.state == state)
    return tx.execute(query.group_by(*columns).order_by(count.desc(), *columns)).all()
