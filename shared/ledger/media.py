"""Media: what providers have of our files, so that each is uploaded once for all of its jobs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update
from typing_extensions import override

from shared.domain.shelf import LEASE, TRUST, Shelf, Standing
from shared.ledger.book import Book, reading, writing
from shared.ledger.media_tables import media, media_source
from shared.ledger.statements import insert_into, one_of

#: What addresses led to is of no use after that; noting others throws it away.
_SOURCE_LIFE = 2 * TRUST


class MediaShelf(Book, Shelf):
    """The shelf in SQL: it survives restarts, and all workers share it."""

    @override
    @reading
    def contents(
        self, tx: Connection, sources: Sequence[str], *, now: datetime
    ) -> Mapping[str, str]:
        rows = tx.execute(
            select(media_source).where(
                one_of(tx, media_source.c.source, sources), media_source.c.read_at > now - TRUST
            )
        )
        return {row.source: row.content for row in rows}

    @override
    @writing
    def note(self, tx: Connection, contents: Mapping[str, str], *, now: datetime) -> None:
        if not contents:
            return
        rows = [
            {"source": source, "content": contents[source], "read_at": now}
            for source in sorted(contents)
        ]
        statement = insert_into(tx, media_source).values(rows)
        noted = {"content": statement.excluded.content, "read_at": statement.excluded.read_at}
        tx.execute(statement.on_conflict_do_update(index_elements=["source"], set_=noted))
        tx.execute(delete(media_source).where(media_source.c.read_at < now - _SOURCE_LIFE))

    @override
    @reading
    def look(
        self, tx: Connection, connection: str, contents: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing]:
        rows = tx.execute(_of(tx, connection, contents))
        return {row.content: _standing(row, "", now) for row in rows}

    @override
    @writing
    def take(
        self,
        tx: Connection,
        connection: str,
        contents: Sequence[str],
        *,
        by: str,
        now: datetime,
        lease: timedelta = LEASE,
    ) -> Mapping[str, Standing]:
        if not contents:
            return {}
        rows = [
            {"connection": connection, "content": each, "ready": False} for each in sorted(contents)
        ]
        tx.execute(insert_into(tx, media).on_conflict_do_nothing().values(rows))
        # One order for everybody who locks several.
        locked = _of(tx, connection, contents).order_by(media.c.content).with_for_update()
        found = {row.content: _standing(row, by, now) for row in tx.execute(locked)}
        mine = [content for content, standing in found.items() if standing.mine]
        ours = (media.c.connection == connection, one_of(tx, media.c.content, mine))
        claim = {"media_id": None, "taken_by": by, "taken_until": now + lease}
        if mine:
            tx.execute(update(media).where(*ours).values(claim))
        return found

    @override
    @writing
    def put(
        self,
        tx: Connection,
        connection: str,
        content: str,
        stored: Standing,
        *,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> None:
        kept = {
            "media_id": stored.media_id,
            "ready": stored.ready,
            "uploaded_at": stored.uploaded_at or now,
            "expires_at": expires_at,
            "taken_by": None,
            "taken_until": None,
        }
        opened = insert_into(tx, media).values(connection=connection, content=content, **kept)
        keys = ["connection", "content"]
        tx.execute(opened.on_conflict_do_update(index_elements=keys, set_=kept))

    @override
    @writing
    def settle(self, tx: Connection, connection: str, media_id: str) -> None:
        known = (media.c.connection == connection, media.c.media_id == media_id)
        tx.execute(update(media).where(*known).values(ready=True))

    @override
    @writing
    def leave(self, tx: Connection, connection: str, *, by: str) -> None:
        ours = (media.c.connection == connection, media.c.taken_by == by)
        tx.execute(update(media).where(*ours).values(taken_by=None, taken_until=None))

    @override
    @writing
    def forget(self, tx: Connection, connection: str, media_ids: Sequence[str]) -> None:
        gone = (media.c.connection == connection, one_of(tx, media.c.media_id, media_ids))
        tx.execute(update(media).where(*gone).values(media_id=None))


def _of(tx: Connection, connection: str, contents: Sequence[str]) -> Select[Any]:
    return select(media).where(
        media.c.connection == connection, one_of(tx, media.c.content, contents)
    )


def _standing(row: Row[Any], by: str, now: datetime) -> Standing:
    if row.media_id is not None and (row.expires_at is None or row.expires_at > now):
        return Standing(media_id=row.media_id, ready=row.ready, uploaded_at=row.uploaded_at)
    busy = row.taken_until is not None and row.taken_until > now and row.taken_by != by
    return Standing(busy=busy, mine=bool(by) and not busy)
