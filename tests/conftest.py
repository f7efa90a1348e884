"""The real servers that tests ask for by name; a missing one is a failure, never a skip."""

import secrets
import signal
from collections.abc import Iterator

import pytest

from shared.ledger import Ledger
from tests.support.postgres import Databases, postgres
from tests.support.redis import RedisServer, redis

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell ignores it for what it starts in the background, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Databases]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Databases) -> Iterator[str]:
    name = f"dropline_template_{secrets.token_hex(4)}"
    ledger = Ledger.open(postgres_server.create_database(name))
    ledger.schema.upgrade()
    ledger.close()
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def postgres_url(postgres_server: Databases, postgres_template: str) -> Iterator[str]:
    name = f"dropline_test_{secrets.token_hex(4)}"
    yield postgres_server.create_database(name, postgres_template)
    postgres_server.drop_database(name)
