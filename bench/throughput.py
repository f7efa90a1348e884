"""How many posts a second go through, and what each costs in CPU, beside others.

Jobs are there before the workers; a rate is taken from the far end's log, between the first and
the last tenth of the posts. Every contestant has two worker processes on one PostgreSQL that
syncs its commits, one Redis and one far end that answers after 100 ms.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from bench.bare import POST, make_app
from bench.contestants import bare_worker, peer, running, told
from bench.cpu import Meter
from bench.far_end import came_in
from bench.ground import Ground, ground, new_jobs, wait_until_up
from bench.measure import Figure, Size
from tests.support.stack import Stack

DELAY_S = 0.1
#: Threads of each worker process: as Dropline comes, and so many that only the CPU is short. The
#: widest runs beside all others.
WIDTHS = {Size.SMOKE: (16,), Size.FULL: (16, 64)}
JOBS = {Size.SMOKE: 300, Size.FULL: 6_000}
PATIENCE = timedelta(minutes=3)
#: Jobs are due so long after everybody is there.
AHEAD = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Run:
    """What one contestant did."""

    rate: float
    #: CPU milliseconds a job, by process.
    cpu: Mapping[str, float]

    @property
    def cpu_ms(self) -> float:
        return sum(self.cpu.values())


def measure(size: Size) -> Iterator[Figure]:
    """Yield the rates and costs of all, and Dropline's ratio to each."""
    count = JOBS[size]
    for threads in WIDTHS[size]:
        with ground(DELAY_S) as here:
            bare = _by_celery(here, count, threads)
        with ground(DELAY_S) as here:
            ours = _by_dropline(here, count, threads)
        width = f"{threads} threads"
        yield from _beside(width, ours, "bare Celery, no rows", bare, ">= 0.8")
    with ground(DELAY_S) as here:
        arq = _by_arq(here, count)
    yield from _beside(width, ours, "arq, same rows", arq, "> 1")
    with ground(DELAY_S) as here:
        procrastinate = _by_procrastinate(here, count)
    yield from _beside(width, ours, "procrastinate, same rows", procrastinate, "> 1")
    for process, spent in ours.cpu.items():
        yield Figure(what=f"of it: {process}", value=spent, unit="ms/job")
    with ground(DELAY_S) as here:
        steps = _step_by_step(here, count, threads)
    for step, spent in steps.items():
        yield Figure(what=f"of a worker: {step}", value=spent, unit="ms/job")


def _beside(how: str, ours: Run, name: str, other: Run, target: str) -> Iterator[Figure]:
    yield Figure(
        what=f"posts through, {how}",
        value=ours.rate,
        unit="1/s",
        beside=name,
        bound=other.rate,
        target=target,
    )
    yield Figure(
        what=f"CPU of all processes, {how}",
        value=ours.cpu_ms,
        unit="ms/job",
        beside=name,
        bound=other.cpu_ms,
    )


def _step_by_step(here: Ground, count: int, threads: int) -> Mapping[str, float]:
    """Return what each step of the workers costs; the stopwatches make all of them dearer."""
    stack = here.stack(BENCH_STEPS=str(here.home / "steps"))
    stack.commands["worker"] = stack.commands["worker"].replace("worker.app", "bench.steps")
    _run_dropline(here, stack, count, threads, worker_ends=True)
    sums: Counter[str] = Counter()
    for file in here.home.glob("steps.*"):
        sums.update(json.loads(file.read_text()))
    return {step: 1_000 * spent / count for step, spent in sums.most_common()}


def _by_dropline(here: Ground, count: int, threads: int) -> Run:
    return _run_dropline(here, here.stack(), count, threads)


def _run_dropline(
    here: Ground, stack: Stack, count: int, threads: int, *, worker_ends: bool = False
) -> Run:
    stack.environment["DROPLINE_WORKER_THREADS"] = str(threads)
    try:
        stack.start("worker1", "worker2", "scheduler", "beat")
        wait_until_up(stack)
        due = datetime.now(UTC) + AHEAD
        jobs = new_jobs([due] * count, "d")
        stack.parts.ledger.campaigns.submit("bench", jobs, now=datetime.now(UTC), by="bench")
        run = _watch(here, stack.pids(), count)
        if worker_ends:
            stack.terminate("worker1")
            stack.terminate("worker2")
        return run
    finally:
        stack.close()


def _by_celery(here: Ground, count: int, threads: int) -> Run:
    with make_app(here.redis_url) as app:
        for number in range(count):
            app.send_task(POST, (f"c{number}",))
    with running(here, bare_worker(threads)) as pids:
        return _watch(here, pids, count)


def _by_arq(here: Ground, count: int) -> Run:
    first, last = _queued(here, count)
    told(here, peer("python", "-m", "bench.peers.with_arq", str(first), str(last)))
    with running(here, peer("arq", "bench.peers.with_arq.WorkerSettings")) as pids:
        return _watch(here, pids, count)


def _by_procrastinate(here: Ground, count: int) -> Run:
    first, last = _queued(here, count)
    module = "bench.peers.with_procrastinate"
    told(here, peer("python", "-m", module, str(first), str(last)))
    with running(here, peer("python", "-m", module, "work")) as pids:
        return _watch(here, pids, count)


def _queued(here: Ground, count: int) -> tuple[int, int]:
    """Put jobs into the ledger as if they had been released, and return the first and last id."""
    stack = here.stack()
    now = datetime.now(UTC)
    ids = stack.parts.ledger.campaigns.submit(
        "bench", new_jobs([now] * count, "p"), now=now, by="bench"
    ).added
    stack.close()
    with psycopg.connect(here.database_url.replace("+psycopg", "")) as tx:
        tx.execute("UPDATE job SET state = 'queued', queued_at = now()")
    return ids[0], ids[-1]


def _watch(here: Ground, pids: Mapping[str, int], count: int) -> Run:
    """Return the rate between the first and the last tenth, and the CPU from the first post on."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    came = _until_some_came(here, 1, deadline)
    before, meter = len(came), Meter({**pids, **here.servers})
    came += _until_some_came(here, count - before, deadline)
    time.sleep(1)  # the last answers are written down
    cpu = {name: 1_000 * spent / (count - before) for name, spent in meter.used().items()}
    came.sort()
    begin, end = count // 10, count - count // 10 - 1
    return Run((end - begin) / (came[end] - came[begin]), cpu)


def _until_some_came(here: Ground, wanted: int, deadline: float) -> list[float]:
    came: list[float] = []
    while len(came) < wanted:
        if time.monotonic() > deadline:
            raise AssertionError(f"{wanted - len(came)} of {wanted} posts never came")
        time.sleep(0.05)
        came += [at for _, at in came_in(here.far_end_url)]
    return came
