"""Pauses: set and lifted by people. What is queued comes back, what is being sent finishes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    delete,
    exists,
    or_,
    select,
    true,
    update,
)

from shared.domain.pause import Pausable, Pause, Target
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.campaigns import id_of
from shared.ledger.events import Stamp
from shared.ledger.lanes import open_lanes
from shared.ledger.statements import insert_into
from shared.ledger.stops import STOPPED, pause_of_lane, read_pauses
from shared.ledger.tables import BUSY, WAITING, account, job, lane, pause, standing, stream


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a pause did: whether it was not there already, and how many queued jobs came back."""

    new: bool
    handed_back: int


class Pauses(Book):
    """A stream of what is paused sleeps, so that it costs dispatch nothing until it is resumed."""

    @writing
    def pause(
        self,
        tx: Connection,
        target: Target,
        *,
        why: str,
        now: datetime,
        by: str,
        connections: Collection[str] = (),
    ) -> Stopped:
        """Stop a target; `connections` are those that a provider is known to have.

        Releases that run are waited for, so that nothing is queued once this has returned.
        Raises UnknownName where there is no such campaign.
        """
        reach = _Reach.of(tx, target, connections)
        reach.lock(tx)
        new = reach.mark(tx, why, Stamp(now, by))
        sleeping = update(stream).where(reach.streams(), stream.c.wake_at.is_not(None))
        tx.execute(sleeping.values(wake_at=None))
        said = f"{target} was paused by {by}" + (f": {why}" if why else "")
        back = Settlement(to=State.SCHEDULED, why=said)
        # What a replay repeats may be out already, and has to become known.
        queued = reach.jobs() & standing(*BUSY) & ~job.c.replay
        return Stopped(new, len(move_all(tx, queued, [State.QUEUED], back, Stamp(now, by))))

    @writing
    def resume(
        self,
        tx: Connection,
        target: Target,
        *,
        now: datetime,
        connections: Collection[str] = (),
    ) -> bool:
        """Let a target go on; False when it was not paused. Raises UnknownName."""
        reach = _Reach.of(tx, target, connections)
        if not reach.unmark(tx):
            return False
        # What is paused by another pause as well is put to sleep by dispatch's next look.
        waits = exists().where(
            job.c.lane_id == stream.c.lane_id,
            job.c.campaign_id == stream.c.campaign_id,
            standing(*WAITING),
        )
        tx.execute(update(stream).where(reach.streams(), waits).values(wake_at=now))
        return True

    @reading
    def every(self, tx: Connection) -> list[Pause]:
        """Return everything that is paused, accounts last."""
        paused = select(lane).where(lane.c.paused).order_by(lane.c.connection, lane.c.account_id)
        lanes = [pause_of_lane(row) for row in tx.execute(paused)]
        return [*read_pauses(tx), *(each for each in lanes if each is not None)]

    @reading
    def hold(self, tx: Connection, id: int) -> bool:  # noqa: A002 - what everybody calls it
        """Return whether a job is paused and may be: a replay goes on."""
        query = select(job.c.id).where(job.c.id == id, ~job.c.replay, STOPPED)
        return tx.execute(query).first() is not None

    @reading
    def of_campaign(self, tx: Connection, name: str) -> list[Pause]:
        """Return the pauses that hold jobs of a campaign, accounts last; raises UnknownName."""
        campaign_id = id_of(tx, name)
        own = exists().where(stream.c.lane_id == lane.c.id, stream.c.campaign_id == campaign_id)
        rows = tx.execute(select(lane).where(own).order_by(lane.c.id)).all()
        of = select(job.c.provider).where(job.c.campaign_id == campaign_id).distinct()
        providers = set(tx.execute(of).scalars())
        names = {
            Pausable.CAMPAIGN: {name},
            Pausable.CONNECTION: {row.connection for row in rows},
            Pausable.PROVIDER: providers,
        }
        wide = [each for each in read_pauses(tx) if each.target.name in names[each.target.kind]]
        lanes = [pause_of_lane(row) for row in rows]
        return [*wide, *(each for each in lanes if each is not None)]


@dataclass(frozen=True, slots=True)
class _Reach:
    """The lanes that a target has, and the campaign where it is one."""

    target: Target
    lanes: ColumnElement[bool]
    campaign_id: int | None = None

    @classmethod
    def of(cls, tx: Connection, target: Target, connections: Collection[str]) -> "_Reach":
        match target.kind:
            case Pausable.ACCOUNT:
                open_lanes(tx, {(target.name, target.account_id)})
                one = and_(lane.c.connection == target.name, lane.c.account_id == target.account_id)
                return cls(target, one)
            case Pausable.CAMPAIGN:
                campaign_id = id_of(tx, target.name)
                of = stream.alias("of")
                own = select(of.c.lane_id).where(of.c.campaign_id == campaign_id)
                return cls(target, lane.c.id.in_(own), campaign_id)
            case Pausable.CONNECTION:
                return cls(target, lane.c.connection == target.name)
            case Pausable.PROVIDER:
                listed = select(account.c.connection).where(account.c.provider == target.name)
                named = lane.c.connection.in_(sorted(connections))
                return cls(target, or_(named, lane.c.connection.in_(listed)))

    def lock(self, tx: Connection) -> Sequence[int]:
        """Wait for the releases that are looking at these lanes; later ones leave them out."""
        query = select(lane.c.id).where(self.lanes).order_by(lane.c.id)
        return tx.execute(query.with_for_update(key_share=True, of=lane)).scalars().all()

    def mark(self, tx: Connection, why: str, stamp: Stamp) -> bool:
        if self.target.kind is Pausable.ACCOUNT:
            marked = update(lane).where(self.lanes, ~lane.c.paused)
            columns = {"paused_why": why, "paused_by": stamp.by, "paused_at": stamp.now}
            return tx.execute(marked.values(paused=True, **columns)).rowcount > 0
        row = {
            "kind": self.target.kind,
            "name": self.target.name,
            "campaign_id": self.campaign_id,
            "by": stamp.by,
            "why": why,
            "since": stamp.now,
        }
        added = insert_into(tx, pause).values(row).on_conflict_do_nothing()
        return tx.execute(added.returning(pause.c.name)).first() is not None

    def unmark(self, tx: Connection) -> bool:
        if self.target.kind is Pausable.ACCOUNT:
            lifted = update(lane).where(self.lanes, lane.c.paused).values(paused=False)
            return tx.execute(lifted).rowcount > 0
        gone = delete(pause).where(
            pause.c.kind == self.target.kind, pause.c.name == self.target.name
        )
        return tx.execute(gone).rowcount > 0

    def streams(self) -> ColumnElement[bool]:
        return and_(stream.c.lane_id.in_(self._ids), self._ours(stream))

    def jobs(self) -> ColumnElement[bool]:
        return and_(job.c.lane_id.in_(self._ids), self._ours(job))

    @property
    def _ids(self) -> Select[tuple[int]]:
        return select(lane.c.id).where(self.lanes)

    def _ours(self, of: FromClause) -> ColumnElement[bool]:
        return true() if self.campaign_id is None else of.c.campaign_id == self.campaign_id
