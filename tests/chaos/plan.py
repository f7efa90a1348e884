"""What goes wrong at the far end and to the processes, and when; the seed fixes it."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Blow(StrEnum):
    """One thing that is done to the running system."""

    KILL_WORKER = "kill -9 of a worker"
    KILL_SCHEDULER = "kill -9 of a scheduler"
    KILL_BEAT = "kill -9 of a beat"
    FLUSH_REDIS = "FLUSHALL"
    RESTART_REDIS = "restart of Redis"
    RESTART_POSTGRES = "restart of PostgreSQL"
    STALL_WORKER = "SIGSTOP of a worker past its lease"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is."""

    jobs: int
    blows: tuple[Blow, ...]
    every: timedelta
    within: timedelta
    #: Wonda's carousels among the posts: an absence there takes 150 s to be believed.
    carousels: bool = True


_KILLS = (Blow.KILL_WORKER, Blow.KILL_WORKER, Blow.KILL_SCHEDULER, Blow.KILL_BEAT)

SIZES = {
    "small": Size(
        jobs=70,
        blows=(Blow.KILL_WORKER, Blow.FLUSH_REDIS, Blow.KILL_SCHEDULER),
        every=timedelta(seconds=4),
        within=timedelta(minutes=5),
        carousels=False,
    ),
    "full": Size(
        jobs=500,
        blows=(
            *_KILLS * 3,
            Blow.FLUSH_REDIS,
            Blow.RESTART_REDIS,
            Blow.RESTART_POSTGRES,
            Blow.STALL_WORKER,
        ),
        every=timedelta(seconds=4),
        within=timedelta(minutes=12),
    ),
}


def blows(size: Size, seed: int) -> list[Blow]:
    """Return the blows of a run in the order in which they fall."""
    order = list(size.blows)
    random.Random(seed).shuffle(order)
    return order


def faults() -> list[dict[str, Any]]:
    """Return the switches of the sandboxes: shares of the publish calls."""
    shares = {
        "lost_answer": (0.06, {}),
        "drop_before": (0.04, {}),
        "error_before": (0.04, {"status": 500}),
        "error_after": (0.04, {"status": 500}),
        "rate_limit": (0.05, {"retry_after_s": 2}),
    }
    return [
        {"kind": kind, "call": "publish", "count": None, "probability": share, **more}
        for kind, (share, more) in shares.items()
    ]
