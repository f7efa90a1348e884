"""The ledger's suite runs whole on SQLite and on a real PostgreSQL."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.ledger import Ledger
from tests.support.postgres import Databases

OpenLedger = Callable[[], Ledger]


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Databases) -> Iterator[str]:
    """A database at the newest revision, which each test's database is a clone of."""
    name = f"dropline_ledger_{secrets.token_hex(4)}"
    ledger = Ledger.open(postgres_server.create_database(name))
    ledger.schema.upgrade()
    ledger.close()
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if dialect == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = Ledger.open(url)
    ledger.schema.upgrade()
    ledger.close()
    return url


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: Databases = request.getfixturevalue("postgres_server")
    name = f"dropline_empty_{secrets.token_hex(4)}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def open_ledger(database_url: str) -> Iterator[OpenLedger]:
    """Open the same database once more, as another process would."""
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(Ledger.open(database_url))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def ledger(open_ledger: OpenLedger) -> Ledger:
    return open_ledger()
