"""Claims: jobs taken by a worker, kept by a lease, sent once and settled."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from shared.combiner import Combiner
from shared.domain.audit import TAKEN
from shared.domain.job import Attempt, Job
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import MOVES, State, advance
from shared.errors import LeaseLost, PartUnreachable
from shared.ledger import shortcuts
from shared.ledger.attempts import UNCERTAIN, store_late_answer
from shared.ledger.book import Book, writing
from shared.ledger.bulk import move_all
from shared.ledger.database import Database
from shared.ledger.ending import Ending
from shared.ledger.endings import end_together
from shared.ledger.events import Moved, Stamp, write_events
from shared.ledger.moves import move
from shared.ledger.openings import Opening, open_attempts
from shared.ledger.rows import JOB, read_job
from shared.ledger.stops import STOPPED
from shared.ledger.streams import Waiting, wake
from shared.ledger.tables import job
from shared.ledger.troubles import violates

#: Under the fence of an attempt that is over: nothing has been sent since.
_TO_BE_SENT = frozenset({State.SCHEDULED, State.RETRYING, State.QUEUED})
_PAUSED = Settlement(to=State.SCHEDULED, why="it was paused before a worker took it")
#: A replay goes on in spite of a pause: what it repeats may be out already.
_MAY_GO = or_(job.c.replay, ~STOPPED)
_STOPPED = Settlement(to=State.HELD, why="its answer came after all", hold=Hold.LOST_ANSWER)


class Settled(StrEnum):
    """What became of a settlement."""

    #: The claim was ours: the job has moved.
    MOVED = "moved"
    #: The claim was lost, but this answer settles the doubt that its own attempt had caused.
    RESOLVED = "resolved"
    #: The claim was lost; the answer is kept on its attempt.
    STORED = "stored"
    #: The claim was lost and there is nothing new to keep.
    IGNORED = "ignored"


class Claims(Book):
    """What a worker does with jobs; every write is refused once its claim is not the last.

    What the threads of a worker write at once, each for its own job, is committed together.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._openings = Combiner(self._open)

    def claim(
        self,
        ids: Sequence[int],
        *,
        owner: str,
        lease: timedelta,
        now: datetime,
        by: str,
    ) -> list[Job]:
        """Take those of these jobs that are still queued; the others are somebody else's.

        What has been paused meanwhile is handed back.
        """
        advance(State.QUEUED, State.PUBLISHING)
        until, stamp = now + lease, Stamp(now, by)
        if not ids:
            claimed: Mapping[int, Job] = {}
        elif self._database.dialect == "postgresql":
            claimed = shortcuts.claim(self._database, ids, owner, until, stamp)
        else:
            claimed = self._database.write(lambda tx: _claim(tx, ids, owner, until, stamp))
        if len(claimed) < len(ids):
            # Those that are claimed are ours, whatever becomes of this; the next ring tries again.
            with suppress(PartUnreachable):
                self._database.write(lambda tx: _hand_back(tx, ids, stamp))
        return [claimed[each] for each in dict.fromkeys(ids) if each in claimed]

    @writing
    def renew(
        self,
        tx: Connection,
        claims: Sequence[tuple[int, int]],
        *,
        owner: str,
        lease: timedelta,
        now: datetime,
    ) -> set[int]:
        """Extend these claims (id, fence) and return the ids that are still ours.

        A lease that ran out is not revived: somebody may be taking its job back this moment.
        """
        if not claims:
            return set()
        renewed = (
            update(job)
            .where(
                tuple_(job.c.id, job.c.fence).in_(claims),
                job.c.state == State.PUBLISHING,
                job.c.lease_owner == owner,
                job.c.lease_until > now,
            )
            .values(lease_until=now + lease)
            .returning(job.c.id)
        )
        return set(tx.execute(renewed).scalars())

    @writing
    def give_back(
        self, tx: Connection, claims: Sequence[Job], *, why: str, now: datetime, by: str
    ) -> set[int]:
        """Hand back at once what was claimed and not begun, and return the ids of what was.

        Claims that are not the last ones, replays, and what is to be cancelled stay as they are.
        """
        ours = tuple_(job.c.id, job.c.fence).in_([(each.id, each.fence) for each in claims])
        unbegun = ours & ~job.c.replay & job.c.cancel_requested_at.is_(None)
        back = Settlement(to=State.SCHEDULED, why=why, due_at=now)
        rows = move_all(tx, unbegun, [State.PUBLISHING], back, Stamp(now, by))
        wake(tx, map(Waiting.of, rows))
        return {row.id for row in rows}

    @writing
    def return_queued(
        self, tx: Connection, ids: Sequence[int], *, why: str, now: datetime, by: str
    ) -> None:
        """Let dispatch release anew what of these is queued still; a replay stays queued."""
        waiting = job.c.id.in_(ids) & ~job.c.replay
        back = Settlement(to=State.SCHEDULED, why=why)
        rows = move_all(tx, waiting, [State.QUEUED], back, Stamp(now, by))
        wake(tx, map(Waiting.of, rows))

    def open_attempt(self, job: Job, memo: Mapping[str, Any], *, now: datetime) -> Attempt:
        """Write down that the call is about to be made; LeaseLost when it must not be."""
        return self._openings(Opening(job, memo, now))

    def settle(self, job: Job, settlement: Settlement, *, now: datetime, by: str) -> Settled:
        """Write what came of a claim; an answer that comes after the claim was lost is kept.

        Raises PublishClaimed when the publish belongs to another job.
        """
        [answer] = self.settle_all([Ending(job, settlement, Stamp(now, by))])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def settle_all(self, endings: Sequence[Ending]) -> Sequence[Settled | Exception]:
        """Settle several claims in one transaction where they allow it.

        Each has its own answer: what `settle` returns or raises.
        """
        if len(endings) > 1 or self._database.dialect == "postgresql":
            try:
                return self._database.write(lambda tx: _settle_together(tx, endings))
            except PartUnreachable as away:
                return [away] * len(endings)
            except Exception:  # noqa: BLE001, S110 - alone each has an answer of its own
                pass
        return [self._settle_alone(each) for each in endings]

    def _open(self, openings: Sequence[Opening]) -> Sequence[Attempt | Exception]:
        # Of two for one job the second is told so when each is written alone.
        if len(openings) == len({each.job.id for each in openings}) > 1:
            with suppress(IntegrityError):
                return self._open_together(openings)
        return [self._open_one(each) for each in openings]

    def _open_together(self, openings: Sequence[Opening]) -> Sequence[Attempt | LeaseLost]:
        if self._database.dialect == "postgresql":
            return shortcuts.open_attempts(self._database, openings)
        return self._database.write(lambda tx: open_attempts(tx, openings))

    def _open_one(self, opening: Opening) -> Attempt | Exception:
        try:
            [opened] = self._open_together([opening])
        except IntegrityError as error:
            # Of two that open at once the second sees the first's row only in the unique index.
            if not violates(error, "uq_attempt_open", "attempt.job_id"):
                return error
            return LeaseLost(f"an attempt of job {opening.job.id} is open already")
        except Exception as broken:  # noqa: BLE001 - that thread raises it
            return broken
        return opened

    def _settle_alone(self, ending: Ending) -> Settled | Exception:
        try:
            return self._database.write(lambda tx: _settle_one(tx, ending))
        except Exception as broken:  # noqa: BLE001 - it is the answer to this one
            return broken


def _claim(
    tx: Connection, ids: Sequence[int], owner: str, until: datetime, stamp: Stamp
) -> Mapping[int, Job]:
    rows = _take(tx, ids, owner, until)
    why = f"claimed by {owner}"
    moves = [Moved(row.id, State.QUEUED, State.PUBLISHING, why) for row in rows]
    write_events(tx, moves, stamp)
    return {row.id: read_job(row) for row in rows}


def _take(tx: Connection, ids: Sequence[int], owner: str, until: datetime) -> Sequence[Row[Any]]:
    # Locked in one order, so that two claims of the same jobs wait instead of deadlocking.
    queued = (
        select(job.c.id)
        .where(job.c.id.in_(ids), job.c.state == State.QUEUED, _MAY_GO)
        .order_by(job.c.id)
        .with_for_update()
    )
    taken = (
        update(job)
        .where(job.c.id.in_(queued), job.c.state == State.QUEUED)
        .values(
            state=State.PUBLISHING,
            reason=f"claimed by {owner}",
            fence=job.c.fence + 1,
            lease_owner=owner,
            lease_until=until,
        )
        .returning(*JOB)
    )
    return tx.execute(taken).all()


def _hand_back(tx: Connection, ids: Sequence[int], stamp: Stamp) -> None:
    where = job.c.id.in_(ids) & ~_MAY_GO
    move_all(tx, where, [State.QUEUED], _PAUSED, stamp)


def _claimed(claim: Job) -> Any:
    return (job.c.id == claim.id) & (job.c.fence == claim.fence)


def _settle_one(tx: Connection, ending: Ending) -> Settled:
    claim, settlement, stamp = ending.job, ending.settlement, ending.stamp
    if move(tx, _claimed(claim), State.PUBLISHING, settlement, stamp) is not None:
        return Settled.MOVED
    return _settle_late(tx, claim, settlement, stamp)


def _settle_together(tx: Connection, endings: Sequence[Ending]) -> Sequence[Settled]:
    end_together(tx, endings)
    return [Settled.MOVED] * len(endings)


def _settle_late(tx: Connection, claim: Job, settlement: Settlement, stamp: Stamp) -> Settled:
    """Keep the answer of a lost claim, and let it end the doubt that its attempt caused."""
    found = tx.execute(
        select(job.c.state, job.c.hold, job.c.fence).where(job.c.id == claim.id).with_for_update()
    ).one_or_none()
    if found is None or settlement.outcome in {None, UNCERTAIN}:
        return Settled.IGNORED
    if not store_late_answer(tx, claim.id, claim.fence, settlement, stamp.now):
        return Settled.IGNORED
    if found.fence != claim.fence:
        return Settled.STORED
    current = State(found.state)
    if current in _TO_BE_SENT and settlement.outcome in TAKEN:
        # It was about to be sent again although, as we hear now, it is out.
        move(tx, _claimed(claim), current, _STOPPED, stamp)
        current = State.HELD
    elif current is not State.UNCERTAIN and found.hold != Hold.LOST_ANSWER:
        return Settled.STORED
    move(tx, _claimed(claim), current, _resolving(current, settlement), stamp)
    return Settled.RESOLVED


def _resolving(current: State, settlement: Settlement) -> Settlement:
    """Return the settlement as it applies to a job that is in doubt, not under a claim."""
    if settlement.to is State.SCHEDULED:
        return replace(settlement, to=State.RETRYING)
    if settlement.to not in MOVES[current]:
        return replace(settlement, to=None)
    return settlement
