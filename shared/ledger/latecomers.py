"""Latecomers: jobs that must not go out any more, or not without a person's word."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, literal_column, select

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.release import Lateness, LatePolicy, read_late_policy
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger.book import Book, reading, writing
from shared.ledger.bulk import move_all
from shared.ledger.events import Stamp
from shared.ledger.rules import campaign_key, series_key
from shared.ledger.series_tables import series
from shared.ledger.tables import UNSENT, WAITING, campaign, job, standing


class Latecomers(Book):
    """Finds what came too late through indexes, however much waits."""

    @writing
    def too_late(self, tx: Connection, *, now: datetime, by: str, limit: int = 1000) -> int:
        """Fail jobs that must not go out any more; a replay may be out already and goes on."""
        expired = (
            select(job.c.id)
            .where(standing(*UNSENT), job.c.not_after < now, ~job.c.replay)
            .order_by(job.c.not_after)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(tx.execute(expired).scalars())
        failed = _failed_too_late("its not_after has passed")
        where = job.c.id.in_(ids) & ~job.c.replay & (job.c.not_after < now)
        return len(move_all(tx, where, UNSENT, failed, Stamp(now, by))) if ids else 0

    @writing
    def late(
        self, tx: Connection, keys: Sequence[str], policy: LatePolicy, *, now: datetime, by: str
    ) -> int:
        """Fail or hold jobs whose `run_at` went by before anything of them was tried."""
        where = (
            standing(*WAITING)
            & job.c.first_sent_at.is_(None)
            & (job.c.deferrals == literal_column("0"))
            & job.c.late_key.in_(keys)
            & (job.c.run_at < now - policy.after)
        )
        why = "its time went by before it could go out"
        settlement = _failed_too_late(why)
        if policy.lateness is Lateness.HOLD:
            settlement = Settlement(to=State.HELD, why=why, hold=Hold.LATE)
        return len(move_all(tx, where, WAITING, settlement, Stamp(now, by)))

    @reading
    def policies(self, tx: Connection) -> list[tuple[str, LatePolicy]]:
        """Return the late policies of campaigns and series, by the late key of their jobs."""
        found: list[tuple[str, LatePolicy]] = []
        for table, key in ((campaign, campaign_key), (series, series_key)):
            query = select(table.c.id, table.c.late_policy).where(table.c.late_policy.is_not(None))
            for row in tx.execute(query):
                policy = read_late_policy(row.late_policy)
                found += [(key(row.id), policy)] if policy is not None else []
        return found


def _failed_too_late(why: str) -> Settlement:
    fault = Fault(error_class=ErrorClass.TOO_LATE, message=why)
    return Settlement(to=State.FAILED, why=why, fault=fault)
