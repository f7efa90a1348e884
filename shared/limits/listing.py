"""The windows and blocks of the books as `limits list` shows them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from shared.domain.limit import Block, WindowUse
from shared.limits.books import Standing
from shared.limits.gauge import UNTOLD


def list_windows(standings: Iterable[Standing], blocks: Iterable[Block]) -> list[WindowUse]:
    """Return one row per window, then one per block, ordered by whom they concern."""
    rows = [*map(_window, standings), *_blocked(blocks)]
    return sorted(rows, key=lambda row: (row.connection, row.account or "", row.per or timedelta()))


def _window(standing: Standing) -> WindowUse:
    gauge = standing.gauge
    return WindowUse(
        connection=gauge.connection,
        account=gauge.account,
        limit=None if standing.limit >= UNTOLD else standing.limit,
        used=standing.used,
        per=gauge.limit.per,
        window=str(gauge.limit.window),
        resets_at=standing.resets_at,
        blocked_until=None,
        source="learnt" if standing.learnt else gauge.limit.source,
    )


def _blocked(blocks: Iterable[Block]) -> Iterator[WindowUse]:
    for block in blocks:
        yield WindowUse(
            connection=block.connection,
            account=block.account,
            limit=None,
            used=0,
            per=None,
            window="block",
            resets_at=block.until,
            blocked_until=block.until,
            source=block.why,
        )
