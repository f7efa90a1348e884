"""Waits: what stands between a job that waits and its release, as dispatch would find it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from shared.domain.campaign import CampaignRules
from shared.domain.crowd import Crowd
from shared.domain.pause import Pause, Whereabouts, holding
from shared.domain.post import LIKENESS_LENGTH
from shared.domain.states import State
from shared.ledger.backlogs import crowds
from shared.ledger.book import Book, reading
from shared.ledger.due import count_in_flight, likeness
from shared.ledger.rules import first_in_turn, last_sent, rules_of
from shared.ledger.stops import name_of, pause_of_lane, read_pauses
from shared.ledger.tables import BUSY, IN_FLIGHT, WAITING, account, job, lane, standing

#: Nobody counts further: so many of its campaign before a job, so many due at its connection.
MOST_BEFORE = 1_000
MOST_DUE = 100_000


@dataclass(frozen=True, slots=True)
class Other:
    """Another job that must come first."""

    id: int
    ref: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What one waiting job may wait for; each part that does not hold it is None or empty."""

    campaign_id: int
    rules: CampaignRules
    pause: Pause | None
    #: Why its account cannot post.
    unfit: str | None
    #: Where the campaign keeps order: the first one that has not ended, if that is another.
    turn: Other | None
    #: A post that looks the same and is on its way.
    twin: Other | None
    #: Where the campaign keeps its distance: one of it that is on its way on this account.
    close: Other | None
    #: Where the campaign keeps its distance: when that from the post before it is kept.
    spaced_until: datetime | None
    #: Jobs of its campaign due before it on its lane, counted to one above MOST_BEFORE.
    before: int
    #: What is due on its lane and at its connection, each counted to one above MOST_DUE.
    in_lane: Sequence[Crowd]
    at_connection: Sequence[Crowd]
    #: Jobs that are queued or publishing now.
    lane_in_flight: int
    connection_in_flight: int


class Waits(Book):
    """Read for a person who asks about one job, through indexes whatever waits."""

    @reading
    def of(self, tx: Connection, id: int, now: datetime) -> Wait:  # noqa: A002
        """Return what a job that waits may wait for."""
        one = tx.execute(select(job).where(job.c.id == id)).one()
        place = tx.execute(select(lane).where(lane.c.id == one.lane_id)).one()
        rules = rules_of(tx, [one.campaign_id])[one.campaign_id]
        same_campaign = job.c.campaign_id == one.campaign_id
        here = lane.c.id == one.lane_id
        there = lane.c.connection == one.connection
        return Wait(
            campaign_id=one.campaign_id,
            rules=rules,
            pause=_pause(tx, one, place),
            unfit=_unfit(tx, one),
            turn=_turn(tx, one) if rules.ordered else None,
            twin=_on_its_way(tx, one, likeness(job) == one.content_hash[:LIKENESS_LENGTH]),
            close=_on_its_way(tx, one, same_campaign) if rules.spaced else None,
            spaced_until=_spaced_until(tx, one, rules, now) if rules.spaced else None,
            before=_before(tx, one),
            in_lane=crowds(tx, here, now, MOST_DUE + 1),
            at_connection=crowds(tx, there, now, MOST_DUE + 1),
            lane_in_flight=count_in_flight(tx, [one.lane_id]).get(one.lane_id, 0),
            connection_in_flight=_in_flight(tx, one.connection),
        )


def _pause(tx: Connection, one: Any, place: Any) -> Pause | None:
    own, wide = pause_of_lane(place), read_pauses(tx)
    if own is not None or not wide:
        return own
    at = Whereabouts(
        campaign=name_of(tx, one.campaign_id),
        provider=one.provider,
        connection=one.connection,
        account_id=one.account_id,
    )
    return holding(wide, at)


def _unfit(tx: Connection, one: Any) -> str | None:
    query = select(account.c.reason).where(
        account.c.connection == one.connection,
        account.c.account_id == one.account_id,
        ~account.c.can_post,
    )
    reason: str | None = tx.execute(query).scalar_one_or_none()
    return reason


def _turn(tx: Connection, one: Any) -> Other | None:
    first = first_in_turn(tx, one, ordered=True)
    if first is None or first.id == one.id:
        return None
    return _other(tx, job.c.id == first.id)


def _on_its_way(tx: Connection, one: Any, alike: ColumnElement[bool]) -> Other | None:
    return _other(tx, alike & (job.c.lane_id == one.lane_id) & standing(*BUSY))


def _other(tx: Connection, which: ColumnElement[bool]) -> Other | None:
    query = select(job.c.id, job.c.ref, job.c.state).where(which).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else Other(row.id, row.ref, State(row.state))


def _spaced_until(tx: Connection, one: Any, rules: CampaignRules, now: datetime) -> datetime | None:
    last = last_sent(tx, one, now - rules.spacing - rules.jitter)
    return None if last is None else last + rules.gap(one.id)


def _before(tx: Connection, one: Any) -> int:
    sooner = or_(job.c.due_at < one.due_at, (job.c.due_at == one.due_at) & (job.c.id < one.id))
    before = (
        select(job.c.id)
        .where(
            job.c.lane_id == one.lane_id,
            job.c.campaign_id == one.campaign_id,
            standing(*WAITING),
            job.c.due_at <= one.due_at,
            sooner,
        )
        .limit(MOST_BEFORE + 1)
        .subquery("before")
    )
    return tx.execute(select(func.count()).select_from(before)).scalar_one()


def _in_flight(tx: Connection, connection: str) -> int:
    query = select(func.count()).where(
        job.c.connection == connection, standing(*BUSY), job.c.state.in_(IN_FLIGHT)
    )
    return tx.execute(query).scalar_one()
