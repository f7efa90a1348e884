"""The limiter's store in memory, by the words of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.limit import Block, LearntWindow, Limit
from shared.errors import PartUnreachable


@dataclass
class MemoryStore:
    """Blocks, windows and publish calls; `journal` says what was saved, in order."""

    journal: list[str] = field(default_factory=list)
    sent: list[tuple[str, str, datetime]] = field(default_factory=list)
    #: How long each of these took.
    took: timedelta = timedelta(0)
    #: How many containers each of these made.
    containers: int = 1
    away: bool = False
    _blocks: dict[tuple[str, str | None], Block] = field(default_factory=dict)
    _windows: dict[tuple[object, ...], LearntWindow] = field(default_factory=dict)

    def save_block(
        self,
        connection: str,
        account: str | None,
        until: datetime,
        why: str,
        now: datetime,  # noqa: ARG002
    ) -> None:
        self._reach()
        self.journal.append(f"block {connection}")
        known = self._blocks.get((connection, account))
        if known is None or known.until < until:
            self._blocks[connection, account] = Block(connection, account, until, why)

    def save_window(
        self,
        connection: str,
        account: str | None,
        limit: Limit,
        used: int,
        resets_at: datetime,
        now: datetime,
    ) -> None:
        self._reach()
        self.journal.append(f"window {connection}")
        key = (connection, account, limit.window, limit.per, limit.unit, limit.calls, limit.zone)
        self._windows[key] = LearntWindow(connection, account, limit, used, resets_at, now)

    def blocks(self, now: datetime) -> Sequence[Block]:
        self._reach()
        return [block for block in self._blocks.values() if block.until > now]

    def learnt(self, now: datetime) -> Sequence[LearntWindow]:
        self._reach()
        return [_aged(window, now) for window in self._windows.values()]

    def sent_since(
        self, connection: str, account: str | None, since: datetime
    ) -> Sequence[datetime]:
        self._reach()
        return [
            sent_at
            for name, account_id, sent_at in self.sent
            if name == connection and account in {None, account_id} and sent_at + self.took >= since
        ]

    def containers_since(
        self, connection: str, account: str | None, since: datetime
    ) -> Sequence[datetime]:
        sent = self.sent_since(connection, account, since)
        return [sent_at for sent_at in sent for _ in range(self.containers)]

    def _reach(self) -> None:
        if self.away:
            raise PartUnreachable("the database cannot be reached")


def _aged(window: LearntWindow, now: datetime) -> LearntWindow:
    if window.resets_at is None or window.resets_at > now:
        return window
    return replace(window, used=0, resets_at=None)
