"""The windows and blocks of the books as `limits list` shows them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain

from shared.domain.limit import Block, WindowUse
from shared.limits.books import Standing
from shared.limits.gauge import UNTOLD, Gauge, instant


def list_windows(standings: Iterable[Standing], blocks: Iterable[Block]) -> list[WindowUse]:
    """Return one row per window, then one per block, ordered by whom they concern."""
    telling = (each for each in standings if each.learnt or each.gauge.limit.source != "adaptive")
    rows = [*map(_window, telling), *_blocked(blocks)]
    return sorted(rows, key=lambda row: (row.connection, row.account or "", row.per or timedelta()))


def unused(declared: Iterable[Iterable[Gauge]], known: Iterable[Standing]) -> Iterator[Standing]:
    """Yield those of the declared windows that the books do not hold."""
    held = {standing.gauge.id for standing in known}
    for gauge in chain.from_iterable(declared):
        if gauge.id not in held:
            held.add(gauge.id)
            yield _unused(gauge)


def _unused(gauge: Gauge) -> Standing:
    return Standing(
        gauge=gauge,
        limit=gauge.requests,
        used=0,
        resets_at=instant(gauge.ends_ms) if gauge.ends_ms else None,
        empties_at=instant(gauge.ends_ms),
        learnt=False,
        source=gauge.limit.source,
    )


def _window(standing: Standing) -> WindowUse:
    gauge = standing.gauge
    return WindowUse(
        connection=gauge.connection,
        account=gauge.account,
        limit=None if standing.limit >= UNTOLD else standing.limit,
        used=standing.used,
        unit=str(gauge.limit.unit),
        per=gauge.limit.per,
        window=str(gauge.limit.window),
        resets_at=standing.resets_at,
        blocked_until=None,
        source=standing.source,
        calls=gauge.limit.calls,
        zone=gauge.limit.zone,
        words=gauge.describe(standing.limit),
    )


def _blocked(blocks: Iterable[Block]) -> Iterator[WindowUse]:
    for block in blocks:
        yield WindowUse(
            connection=block.connection,
            account=block.account,
            limit=None,
            used=0,
            unit="",
            per=None,
            window="block",
            resets_at=block.until,
            blocked_until=block.until,
            source=block.why,
            words=block.why,
        )
