"""The ledger's suite runs whole on SQLite and on a real PostgreSQL."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, delete

from shared.ledger import Ledger
from shared.ledger.tables import Base
from tests.support.postgres import Databases
from tests.support.sqlite import fresh_ledger

OpenLedger = Callable[[], Ledger]


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Databases) -> Iterator[str]:
    """A database at the newest revision, which a test's own database is a clone of."""
    name = f"dropline_ledger_{secrets.token_hex(4)}"
    _upgrade(postgres_server.create_database(name))
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: Databases) -> Iterator[Engine]:
    """One database for the tests that leave its schema alone; emptying is quicker than cloning."""
    name = f"dropline_shared_{secrets.token_hex(4)}"
    url = postgres_server.create_database(name)
    _upgrade(url)
    engine = create_engine(url)
    yield engine
    engine.dispose()
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with every table and no row."""
    if dialect == "postgresql":
        engine: Engine = request.getfixturevalue("shared_postgres")
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))
        return engine.url.render_as_string(hide_password=False)
    return fresh_ledger(tmp_path / "ledger.db")


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


def _upgrade(url: str) -> None:
    ledger = Ledger.open(url)
    ledger.schema.upgrade()
    ledger.close()
