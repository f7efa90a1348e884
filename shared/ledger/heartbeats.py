"""Heartbeats: which processes live, and what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from shared.ledger.book import Book, reading, writing
from shared.ledger.statements import insert_into
from shared.ledger.tables import heartbeat


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of a process."""

    name: str
    kind: str
    beat_at: datetime
    facts: Mapping[str, Any]


class Heartbeats(Book):
    """One row for each process."""

    @writing
    def beat(
        self, tx: Connection, name: str, kind: str, now: datetime, facts: Mapping[str, Any]
    ) -> None:
        values = {"kind": kind, "beat_at": now, "facts": dict(facts)}
        beating = insert_into(tx, heartbeat).values(name=name, **values)
        tx.execute(beating.on_conflict_do_update(index_elements=["name"], set_=values))

    @reading
    def alive(self, tx: Connection, now: datetime, within: timedelta) -> list[Heartbeat]:
        """Return the processes that beat within this time, by kind and name."""
        query = (
            select(heartbeat)
            .where(heartbeat.c.beat_at > now - within)
            .order_by(heartbeat.c.kind, heartbeat.c.name)
        )
        return [Heartbeat(row.name, row.kind, row.beat_at, row.facts) for row in tx.execute(query)]

    @writing
    def forget(self, tx: Connection, before: datetime) -> int:
        """Drop processes that have not beaten since, and return how many."""
        return tx.execute(delete(heartbeat).where(heartbeat.c.beat_at < before)).rowcount
