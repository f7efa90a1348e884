"""One run: start everything, load, strike, wait, judge."""

import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from redis import Redis

from shared.embedded import EmbeddedRedis
from shared.errors import PartUnreachable
from tests.chaos.keeper import Keeper
from tests.chaos.plan import Blow, Size, blows, faults
from tests.chaos.verdict import Verdict, judge
from tests.support.embedded_postgres import EmbeddedPostgres
from tests.support.posts import differences, mixed_rows, stored_by_caption
from tests.support.stack import Stack, stack
from worker.leases import LEASE

PROCESSES = ("worker1", "worker2", "scheduler1", "scheduler2", "beat1", "beat2")


@dataclass(frozen=True, slots=True)
class World:
    """The parts that blows fall on."""

    stack: Stack
    keeper: Keeper
    redis: EmbeddedRedis
    postgres: EmbeddedPostgres
    chance: random.Random

    def strike(self, blow: Blow) -> None:
        print(f"  {blow}", file=sys.stderr, flush=True)
        match blow:
            case Blow.KILL_WORKER | Blow.KILL_SCHEDULER | Blow.KILL_BEAT:
                kind = blow.name.removeprefix("KILL_").lower()
                with self.keeper.lock:
                    self.stack.kill(f"{kind}{self.chance.choice('12')}")
            case Blow.FLUSH_REDIS:
                with Redis.from_url(self.redis.url) as client:
                    client.flushall()
            case Blow.RESTART_REDIS:
                self.redis.stop()
                self.redis.start()
            case Blow.RESTART_POSTGRES:
                self.postgres.stop()
                self.postgres.start()
            case Blow.STALL_WORKER:
                self._stall(f"worker{self.chance.choice('12')}")

    def _stall(self, name: str) -> None:
        """Stop a worker in its tracks and let it go on when its leases have run out."""
        with self.keeper.lock:
            pid = self.stack.pid(name)
            os.kill(pid, signal.SIGSTOP)
        later = LEASE + timedelta(seconds=5)
        waker = threading.Timer(later.total_seconds(), _wake, (pid,))
        waker.daemon = True
        waker.start()


def _wake(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have been killed meanwhile
        os.kill(pid, signal.SIGCONT)


def run(size: Size, seed: int) -> Verdict:
    """Return what came of one run."""
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="dropline-chaos-")))
        home.chmod(0o755)  # PostgreSQL may run as another user
        redis = opened.enter_context(EmbeddedRedis(home / "redis"))
        postgres = opened.enter_context(EmbeddedPostgres(home / "postgres", durable=True))
        made = opened.enter_context(stack(postgres.url, redis.url, seed=seed))
        made.sandbox.add_faults(faults())
        rows = mixed_rows(made.sandbox, size.jobs, carousels=size.carousels)
        keeper = Keeper(made, PROCESSES)
        keeper.start()
        opened.callback(keeper.stop)
        world = World(made, keeper, redis, postgres, random.Random(seed))
        made.submit(rows)
        _strike_all(world, size, seed)
        made.wait_for(lambda: _at_rest(made), size.within)
        keeper.stop()
        verdict = judge(
            made.jobs(), stored_by_caption(made.sandbox), differences(made.sandbox, rows)
        )
        verdict.wrong.extend(str(each) for each in made.parts.auditor.ledger_alone())
        return verdict


def _strike_all(world: World, size: Size, seed: int) -> None:
    pause = threading.Event()
    for blow in blows(size, seed):
        pause.wait(size.every.total_seconds())
        world.strike(blow)


def _at_rest(made: Stack) -> bool:
    try:
        return made.parts.ledger.campaigns.moving("test") == 0
    except PartUnreachable:
        return False
