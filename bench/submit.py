"""How fast a file of posts becomes jobs, and how fast due ones are rung for.

Beside it: plain Celery's `apply_async`, one by one, and procrastinate's batch, on the same
servers. Theirs are an id each; ours are read, checked against the provider and committed whole.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bench.bare import POST, make_app
from bench.contestants import peer, told
from bench.far_end import account_ids
from bench.ground import Ground, ground, new_jobs
from bench.measure import Figure, Size, per_second
from shared.domain.job import NewJob
from shared.rows import read_file
from tests.support.stack import Stack

JOBS = {Size.SMOKE: 500, Size.FULL: 100_000}
#: `apply_async` one by one, and ringing, are measured on fewer.
FEWER = {Size.SMOKE: 200, Size.FULL: 5_000}
LATER = timedelta(days=1)


def measure(size: Size) -> Iterator[Figure]:
    """Yield rows a second, whole and committed only, and how long a ring takes."""
    count, fewer = JOBS[size], FEWER[size]
    with ground(0) as here:
        stack = here.stack()
        try:
            one_by_one = per_second(fewer, lambda: _apply_async(here, fewer))
            batch = count / float(told(here, _procrastinate(count)))
            read, whole = _load(here, stack, count)
            jobs = new_jobs([datetime.now(UTC) + LATER] * count, "later")
            committed = per_second(count, lambda: _commit(stack, jobs))
            rung = _rung(stack, fewer)
        finally:
            stack.close()
    yield Figure(what="rows read from a file", value=read, unit="1/s")
    for what, rate, target in (
        ("jobs from a file: read, checked, committed", whole, ""),
        ("jobs committed", committed, ">= 10,000/s"),
    ):
        for beside, bound in (("apply_async", one_by_one), ("procrastinate's batch", batch)):
            yield Figure(
                what=what, value=rate, unit="1/s", beside=beside, bound=bound, target=target
            )
    yield Figure(
        what="due jobs released and rung for",
        value=rung,
        unit="1/s",
        beside="apply_async",
        bound=one_by_one,
    )


def _apply_async(here: Ground, count: int) -> None:
    with make_app(here.redis_url) as app:
        for number in range(count):
            app.send_task(POST, (number,))


def _procrastinate(count: int) -> Sequence[str]:
    return peer("python", "-m", "bench.peers.with_procrastinate", "1", str(count))


def _load(here: Ground, stack: Stack, count: int) -> tuple[float, float]:
    """Return rows a second, read only, and as `campaign load` does all of it."""
    file = here.home / "campaign.csv"
    _write(file, count)
    stack.parts.sync_accounts("wahdx")
    started = perf_counter()
    rows, _ = read_file(file)
    been_read = perf_counter()
    stack.parts.producer.submit(rows, campaign="file", by="bench")
    done = perf_counter()
    return count / (been_read - started), count / (done - started)


def _write(file: Path, count: int) -> None:
    accounts = account_ids()
    run_at = (datetime.now(UTC) + LATER).isoformat()
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("ref", "provider", "platform", "account", "caption", "media", "run_at"))
        for number in range(count):
            account = accounts[number % len(accounts)]
            media = f"https://cdn.example.com/{number}.jpg"
            caption = f"Loaf number {number}"
            rows.writerow((number, "wahdx", "instagram", account, caption, media, run_at))


def _commit(stack: Stack, jobs: Sequence[NewJob]) -> None:
    stack.parts.ledger.campaigns.submit("committed", jobs, now=datetime.now(UTC), by="bench")


def _rung(stack: Stack, count: int) -> float:
    """Return how many jobs a second one tick releases and rings for, of those that are due."""
    now = datetime.now(UTC)
    jobs = new_jobs([now] * count, "due")
    stack.parts.ledger.campaigns.submit("due", jobs, now=now, by="bench")
    started = perf_counter()
    rung = stack.parts.dispatcher.tick("bench")
    return rung / (perf_counter() - started)
