"""Redis behind a Sentinel: a real master and a real Sentinel, asked by us and by Celery."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from shared.broker import Broker
from shared.embedded import EmbeddedRedis
from shared.embedded.waiting import until
from shared.errors import ConfigurationError
from shared.redis_address import celery_address, open_redis, read_sentinels
from tests.support.sentinel import password_of, port_of, sentinel

PATIENCE = timedelta(seconds=20)


@pytest.fixture(scope="module")
def sentinel_url() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="dropline-sentinel-") as home,
        EmbeddedRedis(Path(home) / "master") as master,
    ):
        port, password = port_of(master.url), password_of(master.url)
        with sentinel(Path(home), port, password) as sentinel_port:
            url = f"sentinel://:{password}@127.0.0.1:{sentinel_port}/0?master=posts"
            yield url


def test_a_client_finds_the_master(sentinel_url: str) -> None:
    def answers() -> bool:
        try:
            with open_redis(sentinel_url, {"socket_timeout": 2}) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    assert until(answers, PATIENCE)


def test_celery_rings_through_the_sentinel(sentinel_url: str) -> None:
    broker = Broker(sentinel_url)
    try:
        assert broker.facts()["policy"] == "noeviction"
        assert broker.ring([1, 2, 3])
    finally:
        broker.close()
    with open_redis(sentinel_url, {"socket_timeout": 2}) as client:
        assert client.llen("dropline:publish") == 1


def test_an_address_is_read_with_all_its_parts() -> None:
    found = read_sentinels("sentinel://user:p%40ss@a:1,b/2?master=m")
    assert found is not None
    assert found.hosts == (("a", 1), ("b", 26_379))
    assert (found.master, found.database) == ("m", 2)
    assert (found.username, found.password) == ("user", "p@ss")
    address, options = celery_address("sentinel://a:1;sentinel://b:2/3")
    assert address == "sentinel://a:1/3;sentinel://b:2/3"
    assert options == {"master_name": "mymaster"}


def test_a_wrong_scheme_is_refused_without_saying_the_address() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_sentinels("http://:secret@host")
    assert "secret" not in str(refused.value)
