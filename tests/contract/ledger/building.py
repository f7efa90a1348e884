"""Jobs brought as far as a test needs them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import event

from shared.domain.job import Attempt, Job, NewJob
from shared.domain.outcome import ErrorClass, Fault, Receipt
from shared.domain.post import Kind, Post
from shared.domain.release import Lane
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.releases import Released

Result = TypeVar("Result")

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)

LOST = Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, code="timeout", message="no answer")

SUCCEEDED = Settlement(
    to=State.SUCCEEDED,
    why="published",
    outcome="succeeded",
    receipt=Receipt(publish_id="pub-1", provider_status="done", permalink="https://x.test/1"),
)
ACCEPTED = Settlement(
    to=State.IN_PROGRESS,
    why="accepted",
    outcome="accepted",
    receipt=Receipt(publish_id="pub-1", provider_status="queued"),
    next_poll_at=NOW + 5 * SECOND,
)
UNCERTAIN = Settlement(
    to=State.UNCERTAIN,
    why="the answer was lost",
    outcome="uncertain",
    fault=LOST,
    lost_at=NOW,
    next_look_at=NOW + 2 * SECOND,
)
HELD_LOST = Settlement(
    to=State.HELD, why="nobody can be asked", outcome="uncertain", fault=LOST, hold=Hold.LOST_ANSWER
)
DEFERRED = Settlement(
    to=State.SCHEDULED,
    why="rate limited",
    outcome="deferred",
    due_at=NOW + timedelta(minutes=1),
    attempts=0,
    deferrals=1,
)
RETRYING = Settlement(
    to=State.RETRYING,
    why="server error",
    outcome="failed",
    fault=Fault(error_class=ErrorClass.TRANSIENT, code="500", message="server error"),
    due_at=NOW + timedelta(minutes=1),
)
FAILED = Settlement(
    to=State.FAILED,
    why="refused",
    outcome="failed",
    fault=Fault(error_class=ErrorClass.VALIDATION, code="bad_caption", message="too long"),
)


def new_job(ref: str, *, account: str = "a1", caption: str | None = None, **more: Any) -> NewJob:
    provider = more.pop("provider", "wonda")
    return NewJob(
        ref=ref,
        provider=provider,
        connection=more.pop("connection", provider),
        post=Post(
            platform="instagram",
            account_id=account,
            kind=more.pop("kind", Kind.TEXT),
            caption=f"caption of {ref}" if caption is None else caption,
            media=more.pop("media", ()),
        ),
        **more,
    )


def submit(ledger: Ledger, *jobs: NewJob, campaign: str = "spring") -> list[int]:
    return ledger.campaigns.submit(campaign, jobs, now=NOW, by="test").added


def all_due(lanes: Sequence[Lane]) -> list[int]:
    return [job for lane in lanes for job in lane.due]


def release(
    ledger: Ledger,
    choose: Callable[[Sequence[Lane]], Sequence[int]] = all_due,
    *,
    now: datetime = NOW,
    per_lane: int = 100,
    wake: dict[int, datetime] | None = None,
) -> list[Released]:
    lanes = [lane.id for lane in ledger.releases.due_lanes(now, 1000)]
    return ledger.releases.release(
        lanes, choose, horizon=now, per_lane=per_lane, wake=wake or {}, now=now, by="dispatch"
    )


def claim(ledger: Ledger, *ids: int, owner: str = "w1", now: datetime = NOW) -> list[Job]:
    return ledger.claims.claim(ids, owner=owner, lease=LEASE, now=now, by=owner)


def queued(ledger: Ledger, ref: str = "one", **more: Any) -> Job:
    [job_id] = submit(ledger, new_job(ref, **more))
    release(ledger, lambda _: [job_id])
    return ledger.jobs.get(job_id)


def claimed(ledger: Ledger, ref: str = "one", **more: Any) -> Job:
    [job] = claim(ledger, queued(ledger, ref, **more).id)
    return job


def sent(ledger: Ledger, ref: str = "one", **more: Any) -> tuple[Job, Attempt]:
    """A claimed job whose publish call may be on the wire."""
    job = claimed(ledger, ref, **more)
    return job, ledger.claims.open_attempt(job, {"key": "k1"}, now=NOW)


def settled(ledger: Ledger, settlement: Settlement, ref: str = "one", **more: Any) -> Job:
    job, _ = sent(ledger, ref, **more)
    ledger.claims.settle(job, settlement, now=NOW, by="w1")
    return ledger.jobs.get(job.id)


def publishing_as(settlement: Settlement, publish_id: str) -> Settlement:
    assert settlement.receipt
    return replace(settlement, receipt=replace(settlement.receipt, publish_id=publish_id))


def at_once(*works: Callable[[], Result]) -> list[Result]:
    """Run all works at the same time, each in a thread of its own."""
    barrier = threading.Barrier(len(works), timeout=10)

    def start(work: Callable[[], Result]) -> Result:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(start, works))


@contextmanager
def statements(ledger: Ledger) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements, with their parameters, that the ledger sends meanwhile."""
    said: list[tuple[str, Any]] = []

    def listen(_1: object, _2: object, sql: str, parameters: Any, *_: object) -> None:
        said.append((sql, parameters))

    engine = ledger._database._engine
    event.listen(engine, "before_cursor_execute", listen)
    yield said
    event.remove(engine, "before_cursor_execute", listen)


def folded(ledger: Ledger, job_id: int) -> State | None:
    """The state that a job's events alone lead to; each must begin where the last one ended."""
    state: State | None = None
    for each in ledger.jobs.events(job_id):
        assert each.from_state is state
        state = each.to_state
    return state
