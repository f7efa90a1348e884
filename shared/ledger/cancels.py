"""Cancels: all of a campaign, account, connection or provider, each job as far as it had come."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, literal, null, or_, select, update

from shared.domain.pause import Pausable, Target
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import FINAL, State
from shared.ledger.book import Book, writing
from shared.ledger.bulk import move_all
from shared.ledger.campaigns import id_of
from shared.ledger.columns import Instant
from shared.ledger.events import Stamp
from shared.ledger.statements import chunks
from shared.ledger.tables import SENT, UNSENT, job, lane, standing

_CANCELLABLE = (*UNSENT, State.HELD)


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
    #: They had ended before; counted of a campaign only, which has an end.
    ended: int = 0


class Cancels(Book):
    """One transaction, whose statements take some thousands of jobs each."""

    @writing
    def all_of(
        self, tx: Connection, target: Target, *, able: Collection[str], now: datetime, by: str
    ) -> Cancelled:
        """Cancel all of a target that can be; `able` are connections whose provider can cancel.

        Raises UnknownName where there is no such campaign.
        """
        ours = _jobs_of(tx, target)
        why = f"all of {target} was cancelled by {by}"
        done = Cancelled(in_time=_cancel_unsent(tx, ours, why, Stamp(now, by)))
        _ask(tx, ours, able, now, done)
        doubtful = standing(State.HELD) | (job.c.replay & standing(*UNSENT))
        done.doubtful = _count(tx, ours & doubtful)
        if target.kind is Pausable.CAMPAIGN:
            done.ended = _count(tx, ours & job.c.state.in_(FINAL)) - done.in_time
        return done


def _jobs_of(tx: Connection, target: Target) -> ColumnElement[bool]:
    match target.kind:
        case Pausable.CAMPAIGN:
            return job.c.campaign_id == id_of(tx, target.name)
        case Pausable.ACCOUNT:
            its_lane = (lane.c.connection == target.name, lane.c.account_id == target.account_id)
            return job.c.lane_id.in_(select(lane.c.id).where(*its_lane))
        case Pausable.CONNECTION:
            return job.c.connection == target.name
        case Pausable.PROVIDER:
            return job.c.provider == target.name


def _cancel_unsent(tx: Connection, ours: ColumnElement[bool], why: str, stamp: Stamp) -> int:
    unsent = (
        select(job.c.id).where(ours, standing(*_CANCELLABLE), _surely_unsent()).order_by(job.c.id)
    )
    cancelled = Settlement(to=State.CANCELLED, why=why)
    ids = list(tx.execute(unsent).scalars())
    return sum(
        len(move_all(tx, job.c.id.in_(some) & _surely_unsent(), _CANCELLABLE, cancelled, stamp))
        for some in chunks(ids)
    )


def _surely_unsent() -> ColumnElement[bool]:
    in_doubt = [Hold.LOST_ANSWER, Hold.SETTLE]
    return ~job.c.replay & or_(job.c.hold.is_(None), job.c.hold.not_in(in_doubt))


def _ask(
    tx: Connection,
    ours: ColumnElement[bool],
    able: Collection[str],
    now: datetime,
    done: Cancelled,
) -> None:
    """Note on what has been sent that it is to be cancelled, wherever that can still be."""
    can = job.c.connection.in_(sorted(able))
    noted = (
        update(job)
        .where(ours, standing(*SENT))
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


def _count(tx: Connection, which: ColumnElement[bool]) -> int:
    return tx.execute(select(func.count()).select_from(job).where(which)).scalar_one()
