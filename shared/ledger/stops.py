"""Stops: whether a job stands still because somebody paused its account or something wider."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select

from shared.domain.pause import Pausable, Pause, Target
from shared.ledger.tables import campaign, job, lane, pause


@dataclass(frozen=True, slots=True)
class Stops:
    """What is paused but single accounts, read at one moment; mostly nothing."""

    campaigns: frozenset[int]
    connections: frozenset[str]
    providers: frozenset[str]

    def hold(self, campaign_id: int, connection: str) -> bool:
        return campaign_id in self.campaigns or connection in self.connections


def read_stops(tx: Connection) -> Stops:
    rows = tx.execute(select(pause.c.kind, pause.c.name, pause.c.campaign_id)).all()
    return Stops(
        campaigns=frozenset(each.campaign_id for each in rows if each.campaign_id is not None),
        connections=frozenset(each.name for each in rows if each.kind == Pausable.CONNECTION),
        providers=frozenset(each.name for each in rows if each.kind == Pausable.PROVIDER),
    )


def read_pauses(tx: Connection) -> list[Pause]:
    """Return the pauses of everything but single accounts."""
    rows = tx.execute(select(pause).order_by(pause.c.since, pause.c.kind, pause.c.name))
    return [_as_pause(row) for row in rows]


def pause_of_lane(place: Any) -> Pause | None:
    """Return the pause of an account from the row of its lane."""
    if not place.paused:
        return None
    target = Target(Pausable.ACCOUNT, place.connection, place.account_id)
    return Pause(target, place.paused_by, place.paused_why, place.paused_at)


def stopped(of: FromClause = job) -> ColumnElement[bool]:
    """Say that a job's account, campaign, connection or provider is paused."""
    its_lane = lane.alias("its_lane")
    own = exists().where(its_lane.c.id == of.c.lane_id, its_lane.c.paused)
    return or_(own, _stopped_widely(of))


def _stopped_widely(of: FromClause) -> ColumnElement[bool]:
    return exists().where(
        or_(
            pause.c.campaign_id == of.c.campaign_id,
            and_(pause.c.kind == Pausable.CONNECTION, pause.c.name == of.c.connection),
            and_(pause.c.kind == Pausable.PROVIDER, pause.c.name == of.c.provider),
        )
    )


#: Built once: every claim asks.
STOPPED = stopped()


def name_of(tx: Connection, campaign_id: int) -> str:
    query = select(campaign.c.name).where(campaign.c.id == campaign_id)
    name: str = tx.execute(query).scalar_one()
    return name


def _as_pause(row: Any) -> Pause:
    return Pause(Target(Pausable(row.kind), row.name), row.by, row.why, row.since)
