"""What the limiter keeps in SQL, so that Redis' memory may be lost; the ledger implements it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.limit import Block, LearntWindow, Limit


class LimitStore(Protocol):
    """Blocks and windows in SQL; a failure to reach it is PartUnreachable."""

    def save_block(
        self, connection: str, account: str | None, until: datetime, why: str, now: datetime
    ) -> None:
        """Keep a block; the later of two counts."""

    def save_window(
        self,
        connection: str,
        account: str | None,
        limit: Limit,
        used: int,
        resets_at: datetime,
        now: datetime,
    ) -> None:
        """Keep how a window stands; a later one of the same limit replaces it."""

    def blocks(self, now: datetime) -> Sequence[Block]:
        """Return the blocks that have not ended."""

    def learnt(self, now: datetime) -> Sequence[LearntWindow]:
        """Return the windows that have not reset."""

    def sent_since(
        self, connection: str, account: str | None, since: datetime
    ) -> Sequence[datetime]:
        """Return when publish calls began that were made, or under way, since then.

        Over all accounts when none is named.
        """

    def containers_since(
        self, connection: str, account: str | None, since: datetime
    ) -> Sequence[datetime]:
        """Return the same, each call as often as its post makes containers."""
