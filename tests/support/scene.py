"""The producer and a scheduler's ticks here: real ledger, limiter and wire, a hand-moved clock."""

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from typing_extensions import override

from scheduler.accounts import AccountSync
from scheduler.fanout import FanOut
from scheduler.reconciling import Reconciling
from scheduler.rescue import Rescue
from scheduler.settle import Settling
from shared.bootstrap import Parts
from shared.broker import Broker
from shared.domain.job import Job
from shared.domain.states import State
from shared.embedded.waiting import until
from shared.ledger.jobs import JobFilter
from shared.producer import Submission
from shared.rows import Row, read_row
from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from shared.settings import read_settings
from tests.support.clock import FakeClock
from tests.support.sqlite import fresh_ledger
from worker.leases import LEASE, Claim, Leases
from worker.pipeline import Pipeline
from worker.records import Records

OWNER = "worker@test"
PATIENCE = timedelta(seconds=20)

#: An account of each sandbox that takes a single image on Instagram.
ACCOUNTS = {
    "wahdx": "1f0a0f52-6a2e-4c55-9d1e-aa0000000015",
    "wonda": "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a01",
    "posteverywhere": "4101",
    "genviral": "a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201",
}


class Bell(Broker):
    """Remembers whom it was rung for; Redis' queue is not needed to know that."""

    def __init__(self) -> None:
        self.rung: list[int] = []
        self.cancels: list[int] = []

    @override
    def ring(self, job_ids: Sequence[int]) -> bool:
        self.rung.extend(job_ids)
        return True

    @override
    def ring_cancels(self, job_ids: Sequence[int]) -> bool:
        self.cancels.extend(job_ids)
        return True

    @override
    def close(self) -> None:
        self.rung.clear()


class QuietParts(Parts):
    """The parts as they are, but for a broker that remembers."""

    @cached_property
    @override
    def broker(self) -> Bell:
        return Bell()


class Scheduler:
    """One scheduler's ticks; a scene may have two."""

    def __init__(self, parts: Parts, name: str) -> None:
        self.parts = parts
        self.name = name
        self.fanout = FanOut()
        self.settling = Settling(parts, self.fanout, name)
        self.reconciling = Reconciling(parts, self.fanout, name)
        self.rescue = Rescue(parts, name)
        self.accounts = AccountSync(parts, self.fanout, name)

    def dispatch(self) -> int:
        return self.parts.dispatcher.tick(self.name)

    def settle(self) -> None:
        self.settling.tick()
        self.wait()

    def reconcile(self) -> None:
        self.reconciling.tick()
        self.wait()

    def sync(self) -> None:
        self.accounts.tick()
        self.wait()

    def wait(self) -> None:
        """Wait until what the fan-out runs has ended."""
        names = [f"{tick} {name}" for tick in ("settle", "reconcile", "accounts") for name in self]
        assert until(lambda: not any(map(self.fanout.busy, names)), PATIENCE)

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts.connections)


class Scene:
    """A ledger, a sandbox and the parts over them; time passes by `move` alone."""

    def __init__(self, parts: QuietParts, sandbox: Sandbox, clocks: tuple[FakeClock, ManualClock]):
        self.parts = parts
        self.ledger = parts.ledger
        self.sandbox = sandbox
        self.clock, self._far_clock = clocks
        self.scheduler = Scheduler(parts, "scheduler@test")
        self.pipeline = Pipeline(
            parts.ledger,
            parts.road,
            parts.connections,
            Leases(parts.ledger, self.clock, OWNER),
            Records(parts.ledger, self.clock, OWNER),
            random.Random(0),
            OWNER,
        )

    @property
    def bell(self) -> Bell:
        return self.parts.broker

    def move(self, duration: timedelta) -> None:
        self.clock.move(duration)
        self._far_clock.advance(duration)

    def row(self, provider: str = "genviral", **changes: Any) -> Row:
        raw: dict[str, Any] = {
            "ref": provider,
            "provider": provider,
            "platform": "instagram",
            "account": ACCOUNTS.get(provider, ""),
            "caption": f"Rye week at {provider}",
            "media": [self.sandbox.media_url("1.jpg")],
            **changes,
        }
        row, problems = read_row({k: v for k, v in raw.items() if v is not None}, raw["ref"])
        assert row is not None, problems
        assert not row.flawed, problems
        return row

    def submit(self, *rows: Row, campaign: str = "test") -> Submission:
        return self.parts.producer.submit(rows, campaign=campaign, by="test")

    def submitted(self, provider: str = "genviral", **changes: Any) -> int:
        """Submit one post, which is thereby queued when it is due, and return its id."""
        (job_id,) = self.submit(self.row(provider, **changes)).added
        return job_id

    def job(self, job_id: int) -> Job:
        return self.ledger.jobs.get(job_id)

    def jobs(self, campaign: str = "test") -> list[Job]:
        return self.ledger.jobs.page(JobFilter(campaign=campaign), limit=10_000)

    def claim(self, job_id: int) -> Claim:
        (job,) = self.ledger.claims.claim(
            [job_id], owner=OWNER, lease=LEASE, now=self.clock.now(), by=OWNER
        )
        started = self.clock.monotonic()
        return Claim(job, started + LEASE.total_seconds(), started + 600)

    def work(self, job_id: int) -> Job:
        """Claim and carry out one queued job, and return what became of it."""
        self.pipeline.carry_out(self.claim(job_id))
        return self.job(job_id)

    def in_state(self, state: State, provider: str = "genviral") -> int:
        """Bring a new job into a state, by the road that leads there."""
        if state is State.SCHEDULED:
            later = (self.clock.now() + timedelta(days=1)).isoformat()
            return self.submitted(provider, run_at=later)
        faults: Mapping[State, Mapping[str, Any]] = {
            State.FAILED: {"kind": "error_before", "status": 402},
            State.UNCERTAIN: {"kind": "lost_answer"},
            State.HELD: {"kind": "lost_answer"},
        }
        if state in faults:
            self.sandbox.add_fault(**faults[state], provider=provider, call="publish")
        job_id = self.submitted(provider)
        if state is State.PUBLISHING:
            self.claim(job_id)
        elif state is State.CANCELLED:
            self.parts.producer.cancel(job_id, by="test")
        elif state is not State.QUEUED:
            self.work(job_id)
        assert self.job(job_id).state is state
        return job_id

    def states(self, job_id: int) -> list[State]:
        return [event.to_state for event in self.ledger.jobs.events(job_id)]

    def asked(self, call: str, provider: str | None = None) -> int:
        """Count the requests of one kind that came to the sandbox."""
        return sum(
            request["call"] == call and provider in {None, request["provider"]}
            for request in self.sandbox.requests()
        )


@contextmanager
def scene(
    redis_url: str, *, database_url: str | None = None, config: str = "", **sandbox: Any
) -> Iterator[Scene]:
    """Give a scene in which nothing has happened; SQLite when no database is named."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-scene-")))
        clock = FakeClock()
        far_clock = ManualClock(clock.now())
        far_end = stack.enter_context(Sandbox(**{"limits": [], "clock": far_clock, **sandbox}))
        (home / "dropline.toml").write_text(config)
        environment = {
            "DROPLINE_HOME": str(home),
            "DROPLINE_CONFIG": str(home / "dropline.toml"),
            "DROPLINE_DATABASE_URL": database_url or fresh_ledger(home / "dropline.db"),
            "DROPLINE_REDIS_URL": redis_url,
            **connections_of(far_end),
        }
        parts = QuietParts(read_settings(environment), clock=clock)  # type: ignore[arg-type]
        stack.enter_context(parts)
        made = Scene(parts, far_end, (clock, far_clock))
        stack.callback(made.scheduler.fanout.drain)
        yield made


def connections_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the variables that point the four connections at a sandbox."""
    variables = {}
    for name, url in sandbox.base_urls.items():
        variables[f"DROPLINE_{name.upper()}_BASE_URL"] = url
        variables[f"DROPLINE_{name.upper()}_API_KEY"] = sandbox.api_keys[name]
    return variables
