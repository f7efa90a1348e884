"""What the ledger costs per job, beside bare one-row commits in the same SQLite file."""

import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.measure import Figure, Size, per_second
from shared.clock import SystemClock
from shared.domain.job import NewJob
from shared.domain.outcome import Receipt
from shared.domain.post import Kind, Media, Post
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger import Ledger

LEASE = timedelta(seconds=60)

JOBS = {Size.SMOKE: 200, Size.FULL: 5_000}


def measure(size: Size) -> Iterator[Figure]:
    """Submit, then carry jobs through every commit that a publish needs."""
    count = JOBS[size]
    with tempfile.TemporaryDirectory(prefix="dropline-bench-") as home:
        ledger = Ledger.open(f"sqlite:///{home}/ledger.db")
        ledger.schema.upgrade()
        bound = _bare_commits(Path(home), count)
        submitted = per_second(count, lambda: _submit(ledger, count))
        yield _beside("jobs submitted at once", submitted, bound)
        carried = per_second(count, lambda: _carry(ledger))
        yield _beside("jobs released, claimed, attempted, settled", carried, bound)
        ledger.close()


def _beside(what: str, rate: float, bound: float) -> Figure:
    return Figure(what=what, value=rate, unit="1/s", beside="bare commits of a row", bound=bound)


def _bare_commits(home: Path, count: int) -> float:
    with sqlite3.connect(home / "bare.db", isolation_level=None) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, post TEXT)")

        def commit_each() -> None:
            for number in range(count):
                bare.execute("INSERT INTO job (post) VALUES (?)", (f"post {number}",))

        return per_second(count, commit_each)


def _submit(ledger: Ledger, count: int) -> None:
    now = SystemClock().now()
    jobs = [_job(number) for number in range(count)]
    ledger.campaigns.submit("bench", jobs, now=now, by="bench")


def _job(number: int) -> NewJob:
    post = Post(
        platform="instagram",
        account_id=f"account-{number % 50}",
        kind=Kind.IMAGE,
        caption=f"post {number}",
        media=(Media(url="https://cdn.example.com/1.jpg"),),
    )
    return NewJob(ref=str(number), provider="wahdx", connection="wahdx", post=post)


def _carry(ledger: Ledger) -> None:
    """Take every job to its end: one commit to release, one to claim, two for each attempt."""
    clock = SystemClock()
    while ids := _release(ledger, clock):
        now = clock.now()
        for start in range(0, len(ids), 16):
            batch = ids[start : start + 16]
            for job in ledger.claims.claim(batch, owner="b", lease=LEASE, now=now, by="b"):
                ledger.claims.open_attempt(job, {}, now=now)
                receipt = Receipt(publish_id=str(job.id), provider_status="done")
                done = Settlement(to=State.SUCCEEDED, outcome="succeeded", receipt=receipt)
                ledger.claims.settle(job, done, now=now, by="b")


def _release(ledger: Ledger, clock: SystemClock) -> list[int]:
    # A lane with more due jobs is looked at again a second later; the bench does not wait.
    now = clock.now() + timedelta(seconds=2)
    lanes = [lane.id for lane in ledger.releases.due_lanes(now, 200)]
    ledger.releases.pull_forward(set(lanes), clock.now())
    released = ledger.releases.release(
        lanes,
        lambda ready: [each for lane in ready for each in lane.due],
        horizon=now,
        per_lane=8,
        wake={},
        now=clock.now(),
        by="b",
    )
    return [each.job_id for each in released]
