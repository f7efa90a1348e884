"""How late posts leave: Dropline beside plain Celery `eta` and a poll every second.

The time of a post is when its request came in at the far end. Jobs are due at moments drawn
evenly over a span, at the same rate for each contestant, and then a thousand at one instant.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.bare import POST, make_app
from bench.contestants import bare_worker, running
from bench.far_end import came_in
from bench.ground import Ground, ground, new_jobs, wait_until_up
from bench.measure import Figure, Size
from tests.support.stack import Stack

DELAY_S = 0.1
#: Everything is in the ledger, or in Redis, so long before the first is due.
AHEAD = timedelta(seconds=5)
#: A post that has not come so long after the last was due is not waited for.
PATIENCE_S = 60
#: Of each of two workers, for every contestant.
THREADS = 32


@dataclass(frozen=True, slots=True)
class Plan:
    """How many jobs over which span: of Dropline, of each of the others, and at one instant."""

    ours: int
    ours_span_s: float
    others: int
    others_span_s: float
    at_once: int


PLANS = {
    Size.SMOKE: Plan(ours=30, ours_span_s=3, others=15, others_span_s=1.5, at_once=20),
    Size.FULL: Plan(ours=10_000, ours_span_s=600, others=1_000, others_span_s=60, at_once=1_000),
}


def measure(size: Size) -> Iterator[Figure]:
    """Yield percentiles of lateness, how many were early, and the time to drain an instant."""
    plan = PLANS[size]
    with ground(DELAY_S) as here:
        eta = _percentiles(_by_eta(here, plan))
        poll = _percentiles(_by_poll(here, plan))
        with _dropline(here) as stack:
            ours = _by_dropline(here, stack, _spread(plan.ours, plan.ours_span_s), "d")
            instant = datetime.now(UTC) + AHEAD
            drained = _by_dropline(here, stack, [instant] * plan.at_once, "i")
    seen = _percentiles(ours)
    yield Figure(what="sent early", value=sum(each < 0 for each in ours), unit="posts", target="0")
    for name, target in (("p50", ""), ("p95", ""), ("p99", "<= 150 ms"), ("max", "")):
        for beside, theirs in (("Celery eta", eta), ("poll each second", poll)):
            yield Figure(
                what=f"lateness {name}",
                value=seen[name] * 1_000,
                unit="ms",
                beside=beside,
                bound=theirs[name] * 1_000,
                target=target,
            )
    bound = plan.at_once * DELAY_S / (2 * THREADS)
    yield Figure(
        what=f"{plan.at_once} due at once, drained in",
        value=max(drained),
        unit="s",
        beside="every thread busy with the far end's delay alone",
        bound=bound,
    )


def _spread(count: int, span_s: float) -> list[datetime]:
    chance = random.Random(count)
    start = datetime.now(UTC) + AHEAD
    return sorted(start + timedelta(seconds=span_s * chance.random()) for _ in range(count))


def _percentiles(lateness: Sequence[float]) -> Mapping[str, float]:
    ordered = sorted(lateness)
    last = len(ordered) - 1
    return {
        "p50": ordered[last // 2],
        "p95": ordered[round(last * 0.95)],
        "p99": ordered[round(last * 0.99)],
        "max": ordered[-1],
    }


@contextmanager
def _dropline(here: Ground) -> Iterator[Stack]:
    stack = here.stack(DROPLINE_WORKER_THREADS=str(THREADS))
    try:
        stack.start("worker1", "worker2", "scheduler", "beat")
        wait_until_up(stack)
        yield stack
    finally:
        stack.close()


def _by_dropline(here: Ground, stack: Stack, times: Sequence[datetime], prefix: str) -> list[float]:
    now = datetime.now(UTC)
    stack.parts.ledger.campaigns.submit("bench", new_jobs(times, prefix), now=now, by="bench")
    return _lateness(here, times, prefix)


def _lateness(here: Ground, times: Sequence[datetime], prefix: str) -> list[float]:
    """Wait until everything has come in, and return by how many seconds each was late."""
    due = {f"{prefix}{number}": at.timestamp() for number, at in enumerate(times)}
    late: list[float] = []
    end = max(due.values()) + PATIENCE_S
    while len(late) < len(due):
        if time.time() > end:
            raise AssertionError(f"{len(due) - len(late)} of {len(due)} posts never came")
        time.sleep(0.2)
        late += [at - due[caption] for caption, at in came_in(here.far_end_url) if caption in due]
    return late


def _by_eta(here: Ground, plan: Plan) -> list[float]:
    times = _spread(plan.others, plan.others_span_s)
    with running(here, bare_worker(THREADS)), make_app(here.redis_url) as app:
        for number, at in enumerate(times):
            app.send_task(POST, (f"e{number}",), eta=at)
        return _lateness(here, times, "e")


def _by_poll(here: Ground, plan: Plan) -> list[float]:
    """Ring each second for what has become due, as most schedulers do."""
    times = _spread(plan.others, plan.others_span_s)
    with running(here, bare_worker(THREADS)), _in_background(lambda: _poll(here, times)):
        return _lateness(here, times, "p")


def _poll(here: Ground, times: Sequence[datetime]) -> None:
    sent = 0
    with make_app(here.redis_url) as app:
        while sent < len(times):
            time.sleep(1)
            now = datetime.now(UTC)
            while sent < len(times) and times[sent] <= now:
                app.send_task(POST, (f"p{sent}",))
                sent += 1


@contextmanager
def _in_background(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()
