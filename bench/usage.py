"""What a far end's log says of a sender: how much of the windows it used, what it sent in vain."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.metered_end import Quota, Request

#: Requests that were on their way when a refusal was answered are nobody's fault.
ON_THE_WAY_S = 0.25


@dataclass(frozen=True, slots=True)
class Use:
    """How a sender used a limit."""

    #: Admitted in one window, on average.
    per_window: float
    requests: int
    #: Refused when the first refusal, if there was one, was known.
    refused: int
    #: Sent although a refusal had asked to wait.
    blocked: int


def judge(requests: Sequence[Request], quota: Quota, windows: int) -> Use:
    """Judge a sender that had more to send all the while; the first window may be cut."""
    refusals = [each for each in requests if not each.admitted]
    known = ON_THE_WAY_S + refusals[0].at if quota.used_up and refusals else 0.0
    sends = [each for each in requests if each.publishes]
    whole = _in_fixed_windows if quota.fixed else _in_a_sliding_window
    return Use(
        per_window=whole(
            [each.at for each in requests if each.admitted], sends[0].at, quota, windows
        ),
        requests=len(requests),
        refused=sum(each.at > known for each in refusals),
        blocked=_blocked(requests, refusals),
    )


def _in_fixed_windows(admitted: Sequence[float], first: float, quota: Quota, windows: int) -> float:
    """Count in whole windows from the second on."""
    start = math.ceil(first / quota.per_s) * quota.per_s
    end = start + windows * quota.per_s
    return (bisect_left(admitted, end) - bisect_left(admitted, start)) / windows


def _in_a_sliding_window(
    admitted: Sequence[float], first: float, quota: Quota, windows: int
) -> float:
    """Take the time from each request to the one as many limits later as fit in the windows.

    So the figure does not depend on where in a burst the counting begins.
    """
    end = first + (windows + 1) * quota.per_s
    seen = admitted[bisect_left(admitted, first) : bisect_left(admitted, end)]
    ahead = quota.limit * (len(seen) // quota.limit - 1)
    spans = [later - at for at, later in zip(seen, seen[ahead:], strict=False)] if ahead > 0 else []
    return ahead * quota.per_s * len(spans) / sum(spans) if spans else 0.0


def _blocked(requests: Sequence[Request], refusals: Sequence[Request]) -> int:
    """Count what came in between a refusal and the moment that it named."""
    told = [each.at + ON_THE_WAY_S for each in refusals]
    until = [0.0, *accumulate((each.until for each in refusals), max)]
    return sum(each.at < until[bisect_left(told, each.at)] for each in requests)
