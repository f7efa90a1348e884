"""An adaptive limit: what a connection bears, found by trial where nobody says what it is.

It begins when a 429 names no figure though every window that we know had room. It is halved by
each further one, and rises by a small step when a window was really used and nothing was refused
until it was over; where the server gives figures, these count instead. A refused request was not
taken by the server, so it is not counted; how soon it may be repeated is the block's to say.

The window is ten seconds. Limits found in this trade are per second, per minute or per hour; of
a sliding window this short any of them is a rate, so that one length serves for all. One of a
minute would refuse a little less, but let a whole burst through against limits per second, and
keep posts for minutes from a server that only was busy for a moment; posts have a time to keep.
"""

from datetime import timedelta
from functools import lru_cache

from shared.domain.limit import Limit, Scope, Window
from shared.limits.gauge import EPOCH, UNTOLD, Gauge, gauge_of

#: Every connection's requests are counted in this window, so that a limit has where to begin.
ADAPTIVE = Limit(
    requests=UNTOLD, per=timedelta(seconds=10), window=Window.SLIDING, source="adaptive"
)

#: Without a bare 429 for so long, the limit has risen beyond use, or its reason has passed.
FORGOTTEN = timedelta(days=1)

_USED_WELL = 0.8
_STEP = 0.05


@lru_cache(maxsize=1024)
def adaptive_gauge(connection: str) -> Gauge:
    return gauge_of(ADAPTIVE, Scope(connection), EPOCH)


def halved(figure: int) -> int:
    """Return the limit after a refusal: half of the last one or, at first, of what was sent."""
    return max(1, figure // 2)


def is_used_well(used: int, limit: int) -> bool:
    """Whether a window tells that its limit is borne."""
    return used >= _USED_WELL * limit


def raised(limit: int) -> int:
    return limit + max(1, int(limit * _STEP))
