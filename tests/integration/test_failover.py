"""A failover: the Sentinel makes the replica the master, and Dropline goes on there."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared.broker import Broker
from shared.clock import SystemClock
from shared.domain.limit import Call, Scope
from shared.embedded import EmbeddedRedis
from shared.embedded.waiting import until
from shared.errors import LimiterUnavailable
from shared.ledger import Ledger
from shared.limits.redis_limiter import RedisLimiter
from tests.support.sentinel import password_of, port_of, sentinel

PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True)
class Pair:
    """A master, its replica, and the address of the Sentinel that watches them."""

    url: str
    sentinel_port: int
    replica_port: int

    def fail_over(self) -> None:
        """Have the Sentinel promote the replica, and wait until it says so."""
        with Redis(port=self.sentinel_port, decode_responses=True) as asked:
            assert until(lambda: bool(asked.sentinel_slaves("posts")), PATIENCE)
            assert until(lambda: _begun(asked), PATIENCE)
            promoted = ("127.0.0.1", str(self.replica_port))
            assert until(lambda: _master(asked) == promoted, PATIENCE)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="dropline-pair-")))
        master = opened.enter_context(EmbeddedRedis(home / "a"))
        replica = opened.enter_context(EmbeddedRedis(home / "b"))
        password, port = password_of(master.url), port_of(master.url)
        with Redis.from_url(master.url) as client:
            client.config_set("masterauth", password)
        with Redis.from_url(replica.url) as client:
            client.config_set("masterauth", password)
            client.replicaof("127.0.0.1", port)
            client.config_set("requirepass", password)
        asked = opened.enter_context(sentinel(home, port, password))
        url = f"sentinel://:{password}@127.0.0.1:{asked}/0?master=posts"
        yield Pair(url, asked, int(port_of(replica.url)))


@pytest.mark.timeout(150)
def test_ringing_and_admitting_go_on_at_the_new_master(pair: Pair, tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    ledger.schema.upgrade()
    clock = SystemClock()
    limiter = RedisLimiter(pair.url, lambda _scope: (), ledger.limits, clock)
    broker = Broker(pair.url)

    def admitted() -> bool:
        try:
            return limiter.admit(Scope("wahdx"), Call.STATUS, 1, clock.now()).granted
        except LimiterUnavailable:
            return False

    def limiter_epoch() -> str:
        """Another one than before: the new master's memory is not the one we wrote."""
        try:
            return limiter.epoch()
        except LimiterUnavailable:
            return ""

    try:
        assert until(lambda: broker.ring([1]), PATIENCE)
        assert until(admitted, PATIENCE)
        before = limiter.epoch()

        pair.fail_over()

        assert until(lambda: limiter_epoch() not in {before, ""}, PATIENCE)
        assert until(admitted, PATIENCE)
        assert until(lambda: broker.ring([2]), PATIENCE)
    finally:
        broker.close()
        limiter.close()
        ledger.close()


def _begun(asked: "Redis") -> bool:
    try:
        return bool(_command(asked, "FAILOVER"))
    except Exception:  # noqa: BLE001 - NOGOODSLAVE until the replica has caught up
        return False


def _master(asked: "Redis") -> tuple[str, str]:
    host, port = _command(asked, "GET-MASTER-ADDR-BY-NAME")
    return str(host), str(port)


def _command(asked: "Redis", command: str) -> Any:
    return asked.execute_command("SENTINEL", command, "posts")  # type: ignore[no-untyped-call]
