"""Cancels: a whole campaign at once, each job as far as it had come."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, literal, null, or_, select, update

from shared.domain.settlement import Hold, Settlement
from shared.domain.states import FINAL, State
from shared.ledger.book import Book, writing
from shared.ledger.bulk import move_all
from shared.ledger.campaigns import id_of
from shared.ledger.columns import Instant
from shared.ledger.events import Stamp
from shared.ledger.statements import chunks
from shared.ledger.tables import job, standing

_UNSENT = (State.SCHEDULED, State.RETRYING, State.QUEUED, State.HELD)
_SENT = (State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN)


@dataclass(slots=True, kw_only=True)
class Cancelled:
    """How many jobs were in time, and how far the others had come."""

    in_time: int = 0
    #: At a provider that is asked to cancel them; their ids.
    asked: list[int] = field(default_factory=list)
    #: At a provider that cannot cancel.
    at_provider: int = 0
    #: Being sent, or nobody knows yet; what of these has to wait once more is cancelled then.
    being_sent: int = 0
    #: Held because they may be live.
    doubtful: int = 0
    #: They had ended before.
    ended: int = 0


class Cancels(Book):
    """One transaction, whose statements take some thousands of jobs each."""

    @writing
    def campaign(
        self, tx: Connection, name: str, *, able: Collection[str], now: datetime, by: str
    ) -> Cancelled:
        """Cancel all of a campaign that can be; `able` are connections whose provider can cancel.

        Raises UnknownName.
        """
        campaign_id = id_of(tx, name)
        done = Cancelled(in_time=_cancel_unsent(tx, campaign_id, Stamp(now, by)))
        _ask(tx, campaign_id, able, now, done)
        done.doubtful = _count(tx, campaign_id, State.HELD) + _count_replays(tx, campaign_id)
        done.ended = _count(tx, campaign_id, *FINAL) - done.in_time
        return done


def _cancel_unsent(tx: Connection, campaign_id: int, stamp: Stamp) -> int:
    ours = job.c.campaign_id == campaign_id
    unsent = select(job.c.id).where(ours, standing(*_UNSENT), _surely_unsent()).order_by(job.c.id)
    cancelled = Settlement(to=State.CANCELLED, why=f"its campaign was cancelled by {stamp.by}")
    ids = list(tx.execute(unsent).scalars())
    return sum(
        len(move_all(tx, job.c.id.in_(some) & _surely_unsent(), _UNSENT, cancelled, stamp))
        for some in chunks(ids)
    )


def _surely_unsent() -> ColumnElement[bool]:
    in_doubt = [Hold.LOST_ANSWER, Hold.SETTLE]
    return ~job.c.replay & or_(job.c.hold.is_(None), job.c.hold.not_in(in_doubt))


def _ask(
    tx: Connection, campaign_id: int, able: Collection[str], now: datetime, done: Cancelled
) -> None:
    """Note on what has been sent that it is to be cancelled, wherever that can still be."""
    can = job.c.connection.in_(sorted(able))
    noted = (
        update(job)
        .where(job.c.campaign_id == campaign_id, standing(*_SENT))
        .values(
            cancel_requested_at=now,
            next_cancel_at=case((can, literal(now, Instant)), else_=null()),
        )
        .returning(job.c.id, job.c.state, job.c.connection)
    )
    for row in tx.execute(noted):
        if row.state != State.IN_PROGRESS:
            done.being_sent += 1
        elif row.connection in able:
            done.asked.append(row.id)
        else:
            done.at_provider += 1


def _count(tx: Connection, campaign_id: int, *states: State) -> int:
    query = select(func.count()).where(job.c.campaign_id == campaign_id, job.c.state.in_(states))
    return tx.execute(query).scalar_one()


def _count_replays(tx: Connection, campaign_id: int) -> int:
    waiting = job.c.replay & job.c.state.in_([State.QUEUED, State.SCHEDULED, State.RETRYING])
    query = select(func.count()).where(job.c.campaign_id == campaign_id, waiting)
    return tx.execute(query).scalar_one()
