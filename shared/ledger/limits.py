"""Limits: blocks and learnt windows, kept for the day that Redis has forgotten them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, case, or_, select

from shared.domain.limit import Block, Call, LearntWindow, Limit, Reach, Unit, Window
from shared.domain.post import Post
from shared.ledger.book import Book, reading, writing
from shared.ledger.statements import insert_into
from shared.ledger.tables import attempt, block, job, lane, learnt_limit

_MILLISECOND = timedelta(milliseconds=1)

#: No job runs longer, so that what was opened before has ended, whether or not it was closed.
_LONGEST_ATTEMPT = timedelta(minutes=10)

_WINDOW_KEYS = ["connection", "account", "window", "per_ms", "unit", "calls", "zone"]


class Limits(Book):
    """The limiter's second memory."""

    @writing
    def save_block(
        self,
        tx: Connection,
        connection: str,
        account: str | None,
        until: datetime,
        why: str,
        now: datetime,
    ) -> None:
        """Remember a block; it never ends earlier than one that is known already."""
        saving = insert_into(tx, block).values(
            connection=connection, account=account or "", until=until, why=why, saved_at=now
        )
        new = saving.excluded
        longer = new.until > block.c.until
        tx.execute(
            saving.on_conflict_do_update(
                index_elements=["connection", "account"],
                set_={
                    "until": case((longer, new.until), else_=block.c.until),
                    "why": case((longer, new.why), else_=block.c.why),
                    "saved_at": new.saved_at,
                },
            )
        )

    @writing
    def save_window(  # noqa: PLR0913, PLR0917 - one row
        self,
        tx: Connection,
        connection: str,
        account: str | None,
        limit: Limit,
        used: int,
        resets_at: datetime,
        now: datetime,
    ) -> None:
        """Remember a window; a later word on the same window replaces the earlier one."""
        values = {
            "requests": limit.requests,
            "reach": limit.reach,
            "source": limit.source,
            "used": used,
            "resets_at": resets_at,
            "saved_at": now,
        }
        saving = insert_into(tx, learnt_limit).values(
            connection=connection,
            account=account or "",
            window=limit.window,
            per_ms=limit.per // _MILLISECOND,
            unit=limit.unit,
            calls=",".join(sorted(limit.calls)),
            zone=limit.zone,
            **values,
        )
        tx.execute(
            saving.on_conflict_do_update(
                index_elements=_WINDOW_KEYS,
                set_=values,
                # Who stood still before it wrote does not undo what others said meanwhile.
                where=saving.excluded.saved_at >= learnt_limit.c.saved_at,
            )
        )

    @reading
    def blocks(self, tx: Connection, now: datetime) -> list[Block]:
        """Return the blocks that still hold."""
        query = select(block).where(block.c.until > now).order_by(block.c.connection)
        return [
            Block(row.connection, row.account or None, row.until, row.why)
            for row in tx.execute(query)
        ]

    @reading
    def learnt(self, tx: Connection, now: datetime) -> list[LearntWindow]:
        """Return the windows that have not reset."""
        query = (
            select(learnt_limit)
            .where(learnt_limit.c.resets_at > now)
            .order_by(learnt_limit.c.connection, learnt_limit.c.account)
        )
        return [_as_learnt(row) for row in tx.execute(query)]

    @reading
    def sent_since(
        self, tx: Connection, connection: str, account: str | None, since: datetime
    ) -> list[datetime]:
        """Return when publish calls began that were made, or under way, since then.

        The first one comes first.
        """
        query = _sent(select(attempt.c.opened_at), connection, account, since)
        return list(tx.execute(query).scalars())

    @reading
    def containers_since(
        self, tx: Connection, connection: str, account: str | None, since: datetime
    ) -> list[datetime]:
        """Return the same, each call as often as its post makes containers."""
        posts = _posts(tx, connection, account, since)
        return [at for at, post in posts for _ in range(post.containers)]

    @reading
    def posts_since(
        self, tx: Connection, connection: str, account: str | None, since: datetime
    ) -> list[tuple[datetime, Post]]:
        """Return the same, each call with its post."""
        return _posts(tx, connection, account, since)


def _posts(
    tx: Connection, connection: str, account: str | None, since: datetime
) -> list[tuple[datetime, Post]]:
    columns = select(attempt.c.opened_at, job.c.post).join(job, job.c.id == attempt.c.job_id)
    rows = tx.execute(_sent(columns, connection, account, since))
    return [(row.opened_at, Post.from_json(row.post)) for row in rows]


def _sent(
    columns: Select[Any], connection: str, account: str | None, since: datetime
) -> Select[Any]:
    lanes = select(lane.c.id).where(lane.c.connection == connection)
    if account is not None:
        lanes = lanes.where(lane.c.account_id == account)
    was_under_way = or_(attempt.c.closed_at.is_(None), attempt.c.closed_at >= since)
    made = columns.where(
        attempt.c.lane_id.in_(lanes),
        attempt.c.opened_at >= since - _LONGEST_ATTEMPT,
        or_(attempt.c.opened_at >= since, was_under_way),
    )
    return made.order_by(attempt.c.opened_at)


def _as_learnt(row: Row[Any]) -> LearntWindow:
    limit = Limit(
        requests=row.requests,
        per=row.per_ms * _MILLISECOND,
        unit=Unit(row.unit),
        window=Window(row.window),
        reach=Reach(row.reach),
        calls=frozenset(Call(each) for each in row.calls.split(",") if each),
        zone=row.zone,
        source=row.source,
    )
    return LearntWindow(
        connection=row.connection,
        account=row.account or None,
        limit=limit,
        used=row.used,
        resets_at=row.resets_at,
        saved_at=row.saved_at,
    )
