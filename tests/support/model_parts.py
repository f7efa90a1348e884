"""A whole system on one thread: real code over a ledger in memory and a model provider."""

import random
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from typing_extensions import override

from scheduler.fanout import FanOut
from scheduler.reconciling import Reconciling
from scheduler.rescue import Rescue
from scheduler.settle import Settling
from shared.bootstrap import Parts
from shared.broker import Broker
from shared.connected import Connected
from shared.domain.limit import Limit, Window
from shared.ledger import Ledger
from shared.limits.memory_limiter import MemoryLimiter
from shared.reconcile import Reconciler
from shared.settings import Settings
from shared.wire.road import Road
from tests.support.clock import FakeClock
from tests.support.model_provider import ModelClients, StillWatchdog, connected
from tests.support.model_service import ModelService
from worker.leases import LEASE, Claim, Leases
from worker.pipeline import Pipeline
from worker.records import Records

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMIT = Limit(requests=12, per=timedelta(seconds=20), window=Window.SLIDING)


class Mailbox(Broker):
    """Keeps messages until somebody delivers, repeats or loses them."""

    def __init__(self) -> None:
        self.messages: list[list[int]] = []
        self.cancels: list[int] = []

    @override
    def ring(self, job_ids: Sequence[int]) -> bool:
        self.messages.append(list(job_ids))
        return True

    @override
    def ring_cancels(self, job_ids: Sequence[int]) -> bool:
        self.cancels.extend(job_ids)
        return True

    @override
    def close(self) -> None:
        self.messages.clear()


class ModelParts(Parts):
    """The composition root with a model at each end, and chance that repeats itself."""

    def __init__(self, database_url: str = "sqlite://", clock: FakeClock | None = None) -> None:
        """Use the ledger at this address, whose schema is there already, or one in memory."""
        settings = Settings(
            home=Path("nowhere"), database_url=database_url, redis_url=None, connections={}
        )
        self.model_clock = clock or FakeClock(NOW)
        super().__init__(settings, self.model_clock)  # type: ignore[arg-type]
        self.service = ModelService(self.model_clock)

    @cached_property
    @override
    def ledger(self) -> Ledger:
        ledger = Ledger.open(self.settings.database_url, clock=self.clock)
        if self.settings.database_url != "sqlite://":
            return ledger
        connection: Any = ledger._database._engine.raw_connection()
        _template().backup(connection.driver_connection)
        connection.close()
        return ledger

    @cached_property
    @override
    def broker(self) -> Mailbox:
        return Mailbox()

    @cached_property
    @override
    def limiter(self) -> MemoryLimiter:  # type: ignore[override]
        return MemoryLimiter(self._limits, self.ledger.limits, self.clock)

    @cached_property
    @override
    def connections(self) -> Mapping[str, Connected]:
        return connected(LIMIT)

    @cached_property
    @override
    def road(self) -> Road:
        return Road(
            clients=ModelClients(self.service),
            watchdog=StillWatchdog(),
            limiter=self.limiter,
            clock=self.clock,
            shelf=self.ledger.media,
        )

    @cached_property
    @override
    def reconciler(self) -> Reconciler:
        return Reconciler(self.ledger, self.road, self.connections, self.broker, random.Random(0))

    @override
    def close(self) -> None:
        self.road.clients.close()
        self.ledger.close()


class OnTheSpot(FanOut):
    """Runs each read at once on the caller's thread, unless one of its lane is running."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    @override
    def run(self, lane: str, call: Callable[[], object]) -> bool:
        if lane in self._running:
            return False
        self._running.add(lane)
        try:
            call()
        finally:
            self._running.discard(lane)
        return True


class ModelScheduler:
    """One scheduler's ticks."""

    def __init__(self, parts: ModelParts, name: str) -> None:
        self._parts = parts
        self.name = name
        fanout = OnTheSpot()
        self._settling = Settling(parts, fanout, name)
        self._reconciling = Reconciling(parts, fanout, name)
        self._rescue = Rescue(parts, name)
        self._rescue._chance = random.Random(0)

    def dispatch(self) -> None:
        self._parts.dispatcher.tick(self.name)

    def settle(self) -> None:
        self._settling.tick()

    def reconcile(self) -> None:
        self._reconciling.tick()

    def rescue(self) -> None:
        self._rescue.tick()


class ModelWorker:
    """One worker: claims what a message names and carries it out, at once or much later."""

    def __init__(self, parts: ModelParts, name: str) -> None:
        self._parts = parts
        self.name = name
        self.leases = Leases(parts.ledger, parts.clock, name)
        self._pipeline = Pipeline(
            parts.ledger,
            parts.road,
            parts.connections,
            self.leases,
            Records(parts.ledger, parts.clock, name),
            random.Random(0),
            name,
        )

    def claim(self, job_ids: Sequence[int]) -> list[Claim]:
        clock = self._parts.clock
        started = clock.monotonic()
        jobs = self._parts.ledger.claims.claim(
            job_ids, owner=self.name, lease=LEASE, now=clock.now(), by=self.name
        )
        until = started + LEASE.total_seconds()
        return [Claim(job, until, started + self._deadline_seconds(job.connection)) for job in jobs]

    def carry_out(self, claim: Claim) -> None:
        self._pipeline.carry_out(claim)

    def _deadline_seconds(self, connection: str) -> float:
        provider = self._parts.connected(connection).provider
        return provider.capabilities.job_deadline.total_seconds()


@cache
def _template() -> sqlite3.Connection:
    """Return an empty ledger; copying it is a hundred times faster than migrating."""
    ledger = Ledger.open("sqlite://")
    ledger.schema.upgrade()
    made: Any = ledger._database._engine.raw_connection()
    template = sqlite3.connect(":memory:")
    made.driver_connection.backup(template)
    made.close()
    ledger.close()
    return template
