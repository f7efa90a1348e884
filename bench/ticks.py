"""What a tick costs, however much waits: reads and CPU of the scheduler's ticks, Redis' memory.

A hundred jobs are due at each tick and a hundred are to be asked about. Of what waits, half is due
far ahead, and half is due already and kept back by a full limit. With the jobs the campaigns grow.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from bench.backlog import DUE, FULL, IN_FLIGHT, OPEN, Backlog
from bench.cost import Cost, Gauge, PostgresGauge, SqliteGauge, cost
from bench.measure import Figure, Size
from scheduler.rescue import FIRST_PAUSE, LONGEST_PAUSE
from shared.broker import PUBLISH_QUEUE, Broker
from shared.clock import SystemClock
from shared.connected import Connected
from shared.dispatch import Dispatcher
from shared.domain.limit import Call, Limit, Scope
from shared.domain.release import Lateness, LatePolicy
from shared.embedded import EmbeddedRedis
from shared.ledger import Ledger
from shared.limits.redis_limiter import RedisLimiter
from shared.providers import provider_named
from shared.redis_address import open_redis
from shared.settings import Connection, Policies
from tests.support.embedded_postgres import EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class Plan:
    """How many jobs wait, and how often each tick is measured."""

    sizes: Sequence[int]
    times: int


PLANS = {
    Size.SMOKE: Plan(sizes=(200, 2_000), times=3),
    Size.FULL: Plan(sizes=(1_000, 100_000, 1_000_000), times=11),
}

LEASE = timedelta(seconds=60)
LATE = LatePolicy(Lateness.HOLD, timedelta(hours=6))
ONE_A_WEEK = (Limit(requests=1, per=timedelta(days=7)),)


Before = Callable[[], None]
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """One database with its backlog, and Redis."""

    name: str
    backlog: Backlog
    dispatcher: Dispatcher
    gauge: Gauge
    redis_url: str

    def ticks(self) -> Mapping[str, tuple[Before, Tick]]:
        """Return what is rung each second or so as the scheduler does it, and what it needs."""
        return {
            "dispatch": (self.backlog.make_due, self._dispatch),
            "settle": (self.backlog.make_asked, self._settle),
            "reconcile and rescue": (self.backlog.make_unheard, self._others),
        }

    def memory(self) -> tuple[int, int]:
        """Return the bytes and keys of Redis, without the messages that nobody takes here."""
        with open_redis(self.redis_url, {}) as client:
            client.delete(f"dropline:{PUBLISH_QUEUE}")
            used = client.info("memory")["used_memory"]
            return int(used), int(client.dbsize())

    def _dispatch(self) -> None:
        _expect(DUE, self.dispatcher.tick("bench"))

    def _settle(self) -> None:
        polls, now = self.backlog.ledger.polls, self.dispatcher.clock.now()
        due = polls.due((OPEN, FULL), now)
        claimed = [polls.claim(name, now=now, limit=500, lease=LEASE) for name in due]
        _expect(IN_FLIGHT, sum(map(len, claimed)))

    def _others(self) -> None:
        ledger, now = self.backlog.ledger, self.dispatcher.clock.now()
        ledger.looks.claim(now=now, limit=100, lease=LEASE)
        ledger.polls.cancels(now, 500, LEASE)
        ledger.rescues.expired(now=now, limit=500)
        rung = ledger.rescues.ring_again(
            now=now, everything=False, first_pause=FIRST_PAUSE, cap=LONGEST_PAUSE, limit=500
        )
        _expect(DUE, len(rung))


def measure(size: Size) -> Iterator[Figure]:
    """Yield each cost beside that with the smallest backlog."""
    plan = PLANS[size]
    for scene in (_on_sqlite, _on_postgres):
        with scene(plan.sizes[0]) as made:
            yield from _figures(made, plan)


@dataclass(frozen=True, slots=True)
class _Costs:
    ticks: Mapping[str, Cost]
    redis_bytes: int
    redis_keys: int


def _figures(scene: Scene, plan: Plan) -> Iterator[Figure]:
    few, *more = plan.sizes
    base = _costs(scene, few, plan.times)
    for size in more:
        costs = _costs(scene, size, plan.times)
        for what, unit, value, bound, target in _compared(scene.gauge, costs, base):
            yield Figure(
                what=f"{scene.name}, {size:,} waiting: {what}",
                value=value,
                unit=unit,
                beside=f"{few:,} waiting",
                bound=bound,
                target=target,
            )


def _compared(
    gauge: Gauge, costs: _Costs, base: _Costs
) -> Iterator[tuple[str, str, float, float, str]]:
    for name, cost_ in costs.ticks.items():
        few = base.ticks[name]
        yield f"{name} reads", gauge.unit, cost_.reads, few.reads, "<= 1"
        yield f"{name} costs", "CPU ms", cost_.cpu_ms, few.cpu_ms, "<= 1.6"
    yield "Redis holds", "bytes", costs.redis_bytes, base.redis_bytes, "= 1"
    yield "Redis holds", "keys", costs.redis_keys, base.redis_keys, "= 1"


def _costs(scene: Scene, size: int, times: int) -> _Costs:
    backlog = scene.backlog
    if backlog.waiting == 0:
        backlog.begin()
    if size > backlog.waiting:
        backlog.grow(size)
    ticks = {
        name: cost(scene.gauge, before, tick, times)
        for name, (before, tick) in scene.ticks().items()
    }
    return _Costs(ticks, *scene.memory())


def _expect(wanted: int, found: int) -> None:
    if found != wanted:
        raise AssertionError(f"{found} jobs were found instead of {wanted}")


@contextmanager
def _on_sqlite(templates: int) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="dropline-bench-") as home:
        ledger = Ledger.open(f"sqlite:///{home}/ledger.db")
        with _scene("SQLite", ledger, SqliteGauge(_engine(ledger)), templates) as scene:
            yield scene


@contextmanager
def _on_postgres(templates: int) -> Iterator[Scene]:
    with (
        tempfile.TemporaryDirectory(prefix="dropline-postgres-") as home,
        EmbeddedPostgres(Path(home)) as server,
    ):
        ledger = Ledger.open(server.url)
        gauge = PostgresGauge(server.url, _engine(ledger))
        with _scene("PostgreSQL", ledger, gauge, templates) as scene:
            yield scene
        gauge.close()


@contextmanager
def _scene(name: str, ledger: Ledger, gauge: Gauge, templates: int) -> Iterator[Scene]:
    with ExitStack() as stack:
        stack.callback(ledger.close)
        ledger.schema.upgrade()
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-redis-"))
        redis = stack.enter_context(EmbeddedRedis(Path(home)))
        clock = SystemClock()
        limiter = RedisLimiter(redis.url, _limits, ledger.limits, clock)
        stack.callback(limiter.close)
        limiter.admit(Scope(FULL, "account-000"), Call.PUBLISH, 1, clock.now())
        broker = Broker(redis.url)
        stack.callback(broker.close)
        connections = {each: _connected(each) for each in (OPEN, FULL)}
        dispatcher = Dispatcher(ledger, limiter, broker, connections, clock)
        backlog = Backlog(ledger, _engine(ledger), templates)
        yield Scene(name, backlog, dispatcher, gauge, redis.url)


def _limits(scope: Scope) -> Sequence[Limit]:
    return ONE_A_WEEK if scope.connection == FULL else ()


def _connected(name: str) -> Connected:
    connection = Connection(
        name=name,
        provider="wahdx",
        base_url=None,
        key=None,
        key_variable="NOT_READ",
        policies=Policies(late=LATE),
    )
    return Connected(connection=connection, provider=provider_named("wahdx"), account_limits={})


def _engine(ledger: Ledger) -> Engine:
    return ledger._database._engine  # noqa: SLF001 - its connections are measured
