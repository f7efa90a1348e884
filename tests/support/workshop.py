"""A worker's pipeline and a reconciler here: real ledger and wire, a hand-moved clock."""

import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shared.connected import Connected
from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Media, Post
from shared.domain.release import LOOK_AHEAD
from shared.domain.settling import after_rescue
from shared.domain.states import State
from shared.ledger import Ledger
from shared.provider import Provider
from shared.providers import providers
from shared.reconcile import Looked, Reconciler
from shared.sandbox.server import Sandbox
from shared.settings import Connection
from shared.wire.clients import Clients
from shared.wire.road import Road
from shared.wire.watchdog import Watchdog
from tests.support.clock import FakeClock
from tests.support.limiter import OpenLimiter
from tests.support.sqlite import fresh_ledger
from worker.leases import LEASE, Claim, Leases
from worker.pipeline import Pipeline
from worker.records import Records

OWNER = "worker@test"

#: An account of each sandbox that takes a single image on Instagram.
ACCOUNTS = {
    "wahdx": "1f0a0f52-6a2e-4c55-9d1e-aa0000000015",
    "wonda": "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a01",
    "posteverywhere": "4101",
    "genviral": "a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201",
}


class Bell:
    """Stands for the broker: remembers for whom it was rung."""

    def __init__(self) -> None:
        self.rung: list[int] = []

    def ring(self, job_ids: list[int]) -> bool:
        self.rung.extend(job_ids)
        return True


class Workshop:
    """Everything one job needs, step by step."""

    def __init__(self, ledger: Ledger, sandbox: Sandbox, clock: FakeClock | None = None) -> None:
        self.ledger = ledger
        self.sandbox = sandbox
        self.clock = clock or FakeClock()
        self.limiter = OpenLimiter()
        self.bell = Bell()
        self.connections = {
            name: _connected(provider, sandbox) for name, provider in providers().items()
        }
        self.road = Road(
            clients=Clients(),
            watchdog=Watchdog(self.clock),
            limiter=self.limiter,
            clock=self.clock,
            shelf=ledger.media,
        )
        self.leases = Leases(ledger, self.clock, OWNER)
        self.pipeline = Pipeline(
            ledger,
            self.road,
            self.connections,
            self.leases,
            Records(ledger, self.clock, OWNER),
            random.Random(0),
            OWNER,
        )
        self._reconciler = Reconciler(
            ledger,
            self.road,
            self.connections,
            self.bell,  # type: ignore[arg-type]
            random.Random(0),
        )

    def queued(self, provider: str, **changes: Any) -> int:
        """Put one post, of an image unless told otherwise, into the ledger and queue it."""
        post = Post(
            platform="instagram",
            account_id=ACCOUNTS[provider],
            kind=changes.pop("kind", Kind.IMAGE),
            caption=changes.pop("caption", "Rye week"),
            media=changes.pop("media", None) or (Media(url=self.sandbox.media_url("1.jpg")),),
        )
        ref = changes.pop("ref", provider)
        new = NewJob(ref=ref, provider=provider, connection=provider, post=post, **changes)
        now = self.clock.now()
        submitted = self.ledger.campaigns.submit("test", [new], now=now, by="test")
        self.release()
        return submitted.added[0]

    def release(self) -> list[int]:
        """Queue everything that is due by the end of the look-ahead."""
        now = self.clock.now()
        horizon = now + LOOK_AHEAD
        lanes = self.ledger.releases.due_lanes(horizon, 100)
        released = self.ledger.releases.release(
            [lane.id for lane in lanes],
            lambda ready: [job for lane in ready for job in lane.due],
            horizon=horizon,
            per_lane=8,
            wake={},
            now=now,
            by="test",
        )
        return [each.job_id for each in released]

    def claim(self, job_id: int) -> Claim:
        (job,) = self.ledger.claims.claim(
            [job_id], owner=OWNER, lease=LEASE, now=self.clock.now(), by=OWNER
        )
        started = self.clock.monotonic()
        return Claim(job, started + LEASE.total_seconds(), started + 600)

    def work(self, job_id: int) -> Job:
        """Claim and carry out one job, and return what became of it."""
        self.pipeline.carry_out(self.claim(job_id))
        return self.ledger.jobs.get(job_id)

    def rescue(self) -> None:
        """Take back what expired."""
        now = self.clock.now()
        for job, attempt in self.ledger.rescues.expired(now=now, limit=10):
            settlement = after_rescue(
                job,
                attempt_open=attempt is not None,
                terms=self.connections[job.connection].terms,
                chance=random.Random(0),
                now=now,
            )
            self.ledger.moves.apply(job, settlement, now=now, by="test")

    def look(self, after: timedelta) -> list[Looked]:
        """Let time pass and look for what is lost, if a look is due by then."""
        self.clock.move(after)
        lease = timedelta(seconds=60)
        pairs = self.ledger.looks.claim(now=self.clock.now(), limit=10, lease=lease)
        return self._reconciler.look_all(pairs, "test")

    def states(self, job_id: int) -> list[State]:
        """Return the states a job went through, by its events."""
        return [event.to_state for event in self.ledger.jobs.events(job_id)]

    def without_key(self, provider: str) -> None:
        connected = self.connections[provider]
        keyless = replace(connected.connection, key=None)
        self.connections[provider] = replace(connected, connection=keyless)

    def at(self, provider: str, base_url: str) -> None:
        """Point a connection somewhere else."""
        connected = self.connections[provider]
        moved = replace(connected.connection, base_url=base_url)
        self.connections[provider] = replace(connected, connection=moved)

    def played_by(self, name: str, adapter: Provider) -> None:
        """Put another adapter in a connection's place."""
        self.connections[name] = replace(self.connections[name], provider=adapter)


@contextmanager
def workshop(clock: FakeClock | None = None) -> Iterator[Workshop]:
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-workshop-"))
        sandbox = stack.enter_context(Sandbox(media_delay=timedelta(0), limits=[]))
        ledger = Ledger.open(fresh_ledger(Path(home, "ledger.db")))
        stack.callback(ledger.close)
        made = Workshop(ledger, sandbox, clock)
        stack.callback(made.road.watchdog.stop)
        stack.callback(made.road.clients.close)
        yield made


def _connected(provider: Provider, sandbox: Sandbox) -> Connected:
    connection = Connection(
        name=provider.name,
        provider=provider.name,
        base_url=sandbox.base_urls[provider.name],
        key=SecretStr(sandbox.api_keys[provider.name]),
        key_variable="NOT_READ",
    )
    limits: Mapping[str, tuple[Any, ...]] = {}
    return Connected(connection=connection, provider=provider, account_limits=limits)
