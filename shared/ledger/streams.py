"""Streams: the jobs of one campaign on one lane, and when dispatch must look at them next.

Dispatch goes round the shares (a campaign at a connection), so that neither the length of a
campaign nor the number of its accounts keeps another one waiting. A stream sleeps until its time
comes and is marked then, so that the round costs nothing for campaigns that are far ahead.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
    values,
)
from sqlalchemy import cast as sql_cast

from shared.ledger.columns import Instant
from shared.ledger.statements import chunks, insert_into
from shared.ledger.tables import WAITING, job, lane, standing, stream

#: Streams marked as due in one go.
ROUSED_AT_ONCE = 10_000

#: A stream that still has due jobs is looked at again no sooner, whatever its limits say: at the
#: next tick, which comes a second later, or a little less.
PAUSE = timedelta(milliseconds=800)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits, and the stream it waits in."""

    lane_id: int
    campaign_id: int
    connection: str
    due_at: datetime

    @classmethod
    def of(cls, row: Any) -> "Waiting":
        return cls(row.lane_id, row.campaign_id, row.connection, row.due_at)


def wake(tx: Connection, waiting: Iterable[Waiting]) -> None:
    """Let dispatch look at these streams when their jobs are due, if it was not going to before."""
    earliest: dict[tuple[int, int], Waiting] = {}
    for each in waiting:
        key = (each.lane_id, each.campaign_id)
        earliest[key] = min(each, earliest.get(key, each), key=lambda one: one.due_at)
    if not earliest:
        return
    rows = [
        {
            "lane_id": each.lane_id,
            "campaign_id": each.campaign_id,
            "share": _share(each),
            "wake_at": each.due_at,
        }
        for _, each in sorted(earliest.items())
    ]
    opened = insert_into(tx, stream)
    # Written even where it stays as it is: a release that is looking at the stream right now
    # cannot see our jobs yet and may put it to sleep, so we must wait for it and have the last
    # word.
    new, old = opened.excluded.wake_at, stream.c.wake_at
    # Of this stream's own lane, named in words: a column here would bring its table along, and the
    # question would be about any lane.
    own_lane: ColumnElement[int] = literal_column("stream.lane_id")
    paused = exists().where(lane.c.id == own_lane, lane.c.paused)
    sooner = case((paused, None), (or_(old.is_(None), old > new), new), else_=old)
    tx.execute(
        opened.on_conflict_do_update(
            index_elements=["lane_id", "campaign_id"], set_={"wake_at": sooner}
        ),
        rows,
    )


def wake_all(tx: Connection, campaign_id: int, now: datetime) -> None:
    """Let dispatch look at every stream of a campaign at once: its rules are other ones now."""
    unpaused = select(lane.c.id).where(~lane.c.paused)
    tx.execute(
        update(stream)
        .where(stream.c.campaign_id == campaign_id, stream.c.lane_id.in_(unpaused))
        .values(wake_at=now)
    )


def _share(waiting: Waiting) -> str:
    return f"{waiting.campaign_id} {waiting.connection}"


def connection_of(share: str) -> str:
    return share.partition(" ")[2]


def rouse(tx: Connection, horizon: datetime) -> None:
    """Mark the streams whose time has come, the longest due first; they are marked once."""
    asleep = (
        select(stream.c.id)
        .where(stream.c.due_share.is_(None), stream.c.wake_at <= horizon)
        .order_by(stream.c.wake_at)
        .limit(ROUSED_AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    )
    for some in chunks(list(tx.execute(asleep).scalars())):
        roused = update(stream).where(stream.c.id.in_(some))
        tx.execute(roused.values(due_share=stream.c.share))


def awake(tx: Connection) -> list[str]:
    """Return every share that has a marked stream, by one step each."""
    shares = select(_next_share().scalar_subquery().label("share")).cte("shares", recursive=True)
    following = _next_share(after=shares.c.share).correlate(shares).scalar_subquery()
    shares = shares.union_all(select(following).where(shares.c.share.is_not(None)))
    query = select(shares.c.share).where(shares.c.share.is_not(None))
    return list(tx.execute(query).scalars())


def _next_share(after: ColumnElement[str] | None = None) -> Select[Any]:
    marked = stream.c.due_share.is_not(None) & stream.c.wake_at.is_not(None)
    further = true() if after is None else stream.c.due_share > after
    return select(func.min(stream.c.due_share)).where(marked, further)


def first_of(
    tx: Connection, shares: Collection[str], horizon: datetime, each: int
) -> dict[str, list[int]]:
    """Return the lanes of the first streams of each share that are due for a look."""
    found: dict[str, list[int]] = {share: [] for share in shares}
    for row in _first_of(tx, shares, horizon, each):
        found[row.due_share].append(row.lane_id)
    return found


def _first_of(
    tx: Connection, shares: Collection[str], horizon: datetime, each: int
) -> Iterable[Any]:
    if not shares:
        return []
    limits = {"horizon": horizon, "most": each}
    if tx.dialect.name == "sqlite":
        # No LATERAL, and no round trips either.
        return [row for one in shares for row in tx.execute(_DUE_OF_ONE, limits | {"share": one})]
    wanted = values(column("share", String), name="wanted").data([(share,) for share in shares])
    due = _due_of(sql_cast(wanted.c.share, String)).correlate(wanted).lateral("due")
    query = select(due).select_from(wanted.join(due, true())).order_by(due.c.wake_at, due.c.id)
    return tx.execute(query, limits)


def _due_of(share: Any) -> Select[Any]:
    return (
        select(stream.c.id, stream.c.due_share, stream.c.lane_id, stream.c.wake_at)
        .where(stream.c.due_share == share, stream.c.wake_at <= bindparam("horizon"))
        .order_by(stream.c.wake_at)
        .limit(bindparam("most", type_=Integer))
    )


_DUE_OF_ONE = _due_of(bindparam("share"))


def lock_due(tx: Connection, lanes: Sequence[int], horizon: datetime) -> Sequence[Any]:
    """Lock the streams of these lanes that are due for a look, the longest due first."""
    query = (
        select(stream)
        .where(stream.c.lane_id.in_(lanes), stream.c.wake_at <= horizon)
        .order_by(stream.c.wake_at, stream.c.id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return tx.execute(query).all() if lanes else []


def look_again(tx: Connection, times: Mapping[int, datetime | None], soon: datetime) -> None:
    """Say when each stream is worth another look; None = when it is woken.

    Those whose time comes soon stay marked, the others sleep.
    """
    if not times:
        return
    marked = case((bindparam("stays", type_=Boolean), stream.c.share), else_=None)
    tx.execute(
        update(stream)
        .where(stream.c.id == bindparam("stream_id"))
        .values(wake_at=bindparam("at", type_=Instant), due_share=marked),
        [
            {"stream_id": each, "at": at, "stays": at is not None and at <= soon}
            for each, at in times.items()
        ],
    )


def first_wake(tx: Connection) -> datetime | None:
    """Return when the first stream is due for a look."""
    asleep = select(func.min(stream.c.wake_at)).where(stream.c.due_share.is_(None))
    firsts = [
        select(func.min(stream.c.wake_at)).where(stream.c.due_share == share) for share in awake(tx)
    ]
    times = [tx.execute(query).scalar_one() for query in [asleep, *firsts]]
    return min((each for each in times if each is not None), default=None)


def first_waiting(tx: Connection, streams: Sequence[int]) -> dict[int, datetime | None]:
    """Return when the first waiting job of each stream is due; None where none waits."""
    first = (
        select(job.c.due_at)
        .where(
            job.c.lane_id == stream.c.lane_id,
            job.c.campaign_id == stream.c.campaign_id,
            standing(*WAITING),
        )
        .order_by(job.c.due_at, job.c.id)
        .limit(1)
        .correlate(stream)
        .scalar_subquery()
    )
    query = select(stream.c.id, first.label("due_at")).where(stream.c.id.in_(streams))
    return {row.id: row.due_at for row in tx.execute(query)}
