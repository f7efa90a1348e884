"""Habits: how long publishes of one sort take to settle at a connection, learnt round by round."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from shared.domain.habit import Habit, Tally
from shared.domain.post import Kind
from shared.ledger.book import Book, reading, writing
from shared.ledger.statements import insert_into
from shared.ledger.tables import habit

#: Publishes of one sort: a platform and a kind.
Sort = tuple[str, Kind]


class Habits(Book):
    """Small tallies, one for each sort of publish at each connection."""

    @reading
    def of(self, tx: Connection, connection: str) -> dict[Sort, Habit]:
        """Return the habits of a connection, as far as enough is known."""
        rows = tx.execute(select(habit).where(habit.c.connection == connection))
        found = {(row.platform, Kind(row.kind)): _tally(row.weights).habit() for row in rows}
        return {sort: each for sort, each in found.items() if each is not None}

    @writing
    def learn(
        self,
        tx: Connection,
        connection: str,
        durations: Mapping[Sort, Sequence[timedelta]],
        *,
        now: datetime,
    ) -> None:
        """Add what one round of polls has shown; rounds of several schedulers add up."""
        # One order for everybody who locks several.
        for sort in sorted(durations):
            _learn(tx, connection, sort, durations[sort], now)


def _learn(
    tx: Connection, connection: str, sort: Sort, durations: Sequence[timedelta], now: datetime
) -> None:
    platform, kind = sort
    key = {"connection": connection, "platform": platform, "kind": str(kind)}
    opened = insert_into(tx, habit).values(**key, weights={}, learnt_at=now)
    tx.execute(opened.on_conflict_do_nothing())
    ours = (habit.c.connection == connection, habit.c.platform == platform, habit.c.kind == kind)
    known = tx.execute(select(habit.c.weights).where(*ours).with_for_update()).scalar_one()
    weights = _tally(known).learn(durations).weights
    shape = {str(bucket): round(weight, 3) for bucket, weight in weights.items()}
    tx.execute(update(habit).where(*ours).values(weights=shape, learnt_at=now))


def _tally(weights: Mapping[str, float]) -> Tally:
    return Tally({int(bucket): weight for bucket, weight in weights.items()})
