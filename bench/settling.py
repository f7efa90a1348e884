"""What it costs to learn that publishes have settled, and how late that is: beside plain polling.

Videos that are accepted at once settle after a while at random. Dropline publishes them with its
real processes, once before it knows how long they take and once when it does; beside it a loop
asks for each of its own publishes every ten seconds, as most integrations do. The time at which
a publish has settled is the far end's, the time at which that is known is the ledger's.
"""

import heapq
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx

from bench.far_end import account_ids, running
from bench.ground import Ground, ground_before, new_jobs
from bench.measure import Figure, Size
from bench.slow_end import read_log
from shared.domain.job import NewJob
from shared.domain.post import Kind, Media
from tests.support.stack import Stack

EVERY_S = 10.0
BESIDE = "polling each job every 10 s"
PATIENCE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many jobs of each contestant, over how long they are due, and when they settle."""

    jobs: int
    #: Of them before the habit is known.
    cold: int
    others: int
    span_s: float
    settles_s: tuple[float, float]


PLANS = {
    Size.SMOKE: Plan(jobs=30, cold=10, others=10, span_s=1, settles_s=(2, 4)),
    Size.FULL: Plan(jobs=1_000, cold=200, others=200, span_s=10, settles_s=(20, 40)),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Requests for each settled publish, and by how many seconds each was known late."""

    requests: float
    delays: Sequence[float]

    def late(self, share: float) -> float:
        ordered = sorted(self.delays)
        return ordered[round((len(ordered) - 1) * share)]


def measure(size: Size) -> Iterator[Figure]:
    """Yield requests for each settled job, and percentiles of the delay until that is known."""
    plan = PLANS[size]
    shortest, longest = map(str, plan.settles_s)
    end = running("bench.slow_end", "--shortest", shortest, "--longest", longest)
    with ground_before(end) as here, _dropline(here) as stack, ThreadPoolExecutor(1) as beside:
        plain = beside.submit(_by_loop, here.far_end_url, plan.others)
        cold = _by_dropline(here, stack, "c", plan.cold, plan.span_s)
        peer = plain.result()
        known = _by_dropline(here, stack, "k", plan.jobs, plan.span_s)
    yield from _figures("", known, peer, targets=("<= 0.1", "<= 10 s"))
    yield from _figures(", no habit known", cold, peer, targets=("", ""))


def _figures(which: str, ours: Found, peer: Found, targets: tuple[str, str]) -> Iterator[Figure]:
    yield Figure(
        what=f"status requests for each settled job{which}",
        value=ours.requests,
        unit="requests",
        beside=BESIDE,
        bound=peer.requests,
        target=targets[0],
    )
    for name, share, target in (("p50", 0.5, ""), ("p95", 0.95, targets[1]), ("max", 1.0, "")):
        yield Figure(
            what=f"known late {name}{which}",
            value=ours.late(share),
            unit="s",
            beside=BESIDE,
            bound=peer.late(share),
            target=target,
        )


@contextmanager
def _dropline(here: Ground) -> Iterator[Stack]:
    stack = here.stack()
    try:
        stack.start("worker", "scheduler", "beat")
        yield stack
    finally:
        stack.close()


def _by_dropline(here: Ground, stack: Stack, sort: str, count: int, span_s: float) -> Found:
    start = datetime.now(UTC) + timedelta(seconds=1)
    times = [start + timedelta(seconds=span_s * number / count) for number in range(count)]
    jobs = [_video(job) for job in new_jobs(times, sort)]
    stack.parts.ledger.campaigns.submit(sort, jobs, now=datetime.now(UTC), by="bench")
    settled = stack.wait_at_rest(sort, PATIENCE)
    log = read_log(here.far_end_url)
    delays = [
        job.settled_at.timestamp() - log.settles_at[job.post.caption]
        for job in settled
        if job.settled_at is not None
    ]
    if len(delays) < count:
        raise AssertionError(f"{count - len(delays)} jobs did not settle:\n{stack.say()}")
    return Found(log.asked[sort] / count, delays)


def _video(job: NewJob) -> NewJob:
    media = (Media(url="https://cdn.example.com/1.mp4"),)
    return replace(job, post=replace(job.post, platform="tiktok", kind=Kind.VIDEO, media=media))


def _by_loop(url: str, count: int) -> Found:
    """Ask for each of some publishes every ten seconds until it has settled."""
    account, seen = account_ids()[0], {}
    with httpx.Client(base_url=url) as client:
        due = []
        for number in range(count):
            client.post("/api/content/post", json={"content": f"p{number}"}).raise_for_status()
            due.append((time.monotonic() + EVERY_S, f"p{number}"))
        while due:
            at, publish_id = heapq.heappop(due)
            time.sleep(max(at - time.monotonic(), 0))
            answer = client.get(f"/api/content/status/{account}/{publish_id}").json()
            if answer["data"]["status"] == "PUBLISH_COMPLETE":
                seen[publish_id] = time.time()
            else:
                heapq.heappush(due, (at + EVERY_S, publish_id))
    log = read_log(url)
    delays = [at - log.settles_at[publish_id] for publish_id, at in seen.items()]
    return Found(log.asked["p"] / count, delays)
