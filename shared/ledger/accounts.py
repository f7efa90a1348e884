"""Accounts: what the providers list, and what their health means for jobs that wait."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    literal,
    select,
    update,
)

from shared.domain.account import Account
from shared.domain.post import Kind
from shared.domain.roster import AccountChange, changes
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.columns import Instant
from shared.ledger.events import Stamp
from shared.ledger.marks import read_mark, write_mark
from shared.ledger.statements import insert_into
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import BUSY, WAITING, account, job, lane, standing

NO_LONGER_LISTED = "no longer listed by the provider"

#: What was overdue when an account recovered goes so far apart: a platform that sees a backlog
#: come out at once takes it for abuse.
RESUMED_APART = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a sync changed: accounts, and jobs held and resumed because of them."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    held: int = 0
    resumed: int = 0
    #: The accounts behind these counts.
    changes: tuple[AccountChange, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """An account as it was listed last, and when that was."""

    connection: str
    provider: str
    account: Account
    synced_at: datetime


class Accounts(Book):
    """The accounts of every connection."""

    @writing
    def sync(
        self,
        tx: Connection,
        connection: str,
        provider: str,
        accounts: Sequence[Account],
        *,
        now: datetime,
        by: str,
    ) -> SyncResult:
        """Store what the provider lists now, hold jobs that cannot go and resume those that can."""
        before = {each.account.account_id: each for each in _read(tx, connection=connection)}
        listed = {each.account_id: each for each in accounts}
        gone = {
            name: replace(each.account, can_post=False, reason=NO_LONGER_LISTED)
            for name, each in before.items()
            if name not in listed
        }
        _store(tx, connection, provider, [*listed.values(), *gone.values()], now)
        write_mark(tx, _synced(connection), provider, now)
        known = {name: each.account for name, each in before.items()}
        stamp = Stamp(now, by)
        return SyncResult(
            added=len(listed.keys() - known.keys()),
            changed=sum(name in known and known[name] != each for name, each in listed.items()),
            gone=sum(known[name] != each for name, each in gone.items()),
            held=_hold(tx, connection, stamp),
            resumed=_resume(tx, connection, stamp),
            changes=tuple(changes(known, listed, gone)),
        )

    @reading
    def synced_at(self, tx: Connection, connection: str) -> datetime | None:
        """Return when this connection's accounts were last stored; None = never."""
        mark = read_mark(tx, _synced(connection))
        return None if mark is None else mark.at

    @reading
    def list(
        self, tx: Connection, connection: str | None = None, provider: str | None = None
    ) -> list[StoredAccount]:
        """Return the accounts, by connection, platform and name."""
        return _read(tx, connection=connection, provider=provider)


def _synced(connection: str) -> str:
    return f"accounts of {connection}"


def _read(tx: Connection, **wanted: str | None) -> list[StoredAccount]:
    equal = [account.c[name] == value for name, value in wanted.items() if value is not None]
    order = (account.c.connection, account.c.platform, account.c.username, account.c.account_id)
    return [_as_stored(row) for row in tx.execute(select(account).where(*equal).order_by(*order))]


def _as_stored(row: Row[Any]) -> StoredAccount:
    return StoredAccount(
        connection=row.connection,
        provider=row.provider,
        account=Account(
            account_id=row.account_id,
            platform=row.platform,
            username=row.username,
            display_name=row.display_name,
            can_post=row.can_post,
            reason=row.reason,
            inbox_only=row.inbox_only,
            account_type=row.account_type,
            caption_max=row.caption_max,
            kinds=None if row.kinds is None else frozenset(map(Kind, row.kinds)),
        ),
        synced_at=row.synced_at,
    )


def _store(
    tx: Connection, connection: str, provider: str, accounts: Sequence[Account], now: datetime
) -> None:
    if not accounts:
        return
    stamped = {"connection": connection, "provider": provider, "synced_at": now}
    by_id = sorted(accounts, key=lambda each: each.account_id)
    rows = [stamped | asdict(each) | {"kinds": _kinds(each)} for each in by_id]
    statement = insert_into(tx, account)
    keys = {"connection", "account_id"}
    updated = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    tx.execute(statement.on_conflict_do_update(index_elements=sorted(keys), set_=updated), rows)


def _kinds(listed: Account) -> Sequence[str] | None:
    return None if listed.kinds is None else sorted(listed.kinds)


def _hold(tx: Connection, connection: str, stamp: Stamp) -> int:
    """Hold what was not sent yet; a replay may be out already and goes on."""
    settlement = Settlement(to=State.HELD, hold=Hold.ACCOUNT)
    lanes = _lanes(connection, can_post=False)
    also = {"reason": _reason()}
    waiting = lanes & standing(*WAITING)
    queued = lanes & standing(*BUSY) & ~job.c.replay
    held = move_all(tx, waiting, WAITING, settlement, stamp, also)
    held += move_all(tx, queued, [State.QUEUED], settlement, stamp, also)
    return len(held)


def hold_if_unfit(tx: Connection, job_id: int, stamp: Stamp) -> None:
    """Hold a job that was made after its account had stopped, as the next sync would."""
    unfit = exists().where(
        account.c.connection == job.c.connection,
        account.c.account_id == job.c.account_id,
        ~account.c.can_post,
    )
    settlement = Settlement(to=State.HELD, hold=Hold.ACCOUNT)
    where = (job.c.id == job_id) & unfit
    move_all(tx, where, [State.SCHEDULED], settlement, stamp, {"reason": _reason()})


def _resume(tx: Connection, connection: str, stamp: Stamp) -> int:
    """Schedule what was held; what is overdue by now goes one by one, in the order it was due."""
    where = _lanes(connection, can_post=True) & standing(State.HELD) & (job.c.hold == Hold.ACCOUNT)
    overdue = select(job.c.id).where(where, job.c.due_at < stamp.now)
    order = list(tx.execute(overdue.order_by(job.c.due_at, job.c.id)).scalars())
    now = literal(stamp.now, Instant)
    also = {"due_at": case((job.c.due_at < now, now), else_=job.c.due_at)}
    settlement = Settlement(to=State.SCHEDULED, why="the account can post again")
    resumed = move_all(tx, where, [State.HELD], settlement, stamp, also)
    _set_apart(tx, order, {row.id: row.lane_id for row in resumed}, stamp.now)
    wake(tx, map(Waiting.of, resumed))
    return len(resumed)


def _set_apart(
    tx: Connection, order: Sequence[int], lanes: Mapping[int, int], now: datetime
) -> None:
    """Give the overdue jobs of each lane a time of their own; the first one's is now."""
    gone: Counter[int] = Counter()
    times = []
    for job_id in (each for each in order if each in lanes):
        lane_id = lanes[job_id]
        if gone[lane_id]:
            times.append({"job_id": job_id, "at": now + gone[lane_id] * RESUMED_APART})
        gone[lane_id] += 1
    if times:
        mine = job.c.id == bindparam("job_id")
        tx.execute(update(job).where(mine).values(due_at=bindparam("at", type_=Instant)), times)


def _reason() -> ColumnElement[str]:
    return (
        select(account.c.reason)
        .where(account.c.connection == job.c.connection, account.c.account_id == job.c.account_id)
        .correlate(job)
        .scalar_subquery()
    )


def _lanes(connection: str, *, can_post: bool) -> ColumnElement[bool]:
    """Return the condition that a job's account is one of these, by its lane and so by an index."""
    lanes = (
        select(lane.c.id)
        .join(
            account,
            and_(
                account.c.connection == lane.c.connection,
                account.c.account_id == lane.c.account_id,
            ),
        )
        .where(
            account.c.connection == connection,
            account.c.can_post if can_post else ~account.c.can_post,
        )
    )
    return job.c.lane_id.in_(lanes)
