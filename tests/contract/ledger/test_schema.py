from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from shared.errors import SchemaOutdated
from shared.ledger import Ledger
from shared.ledger.schema import _configuration
from shared.ledger.tables import Base
from tests.contract.ledger.building import NOW, at_once, new_job
from tests.contract.ledger.conftest import OpenLedger


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def modelled(empty_url: str) -> Iterator[Engine]:
    """A database made from the models instead of the migrations."""
    engine = create_engine(empty_url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _indexes(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    rows = connection.execute(text(query)).all()
    return {name: " ".join(sql.split()) for name, sql in rows if "alembic" not in name}


def test_the_migrations_and_the_models_do_not_differ(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrated_indexes_are_those_of_the_models_with_their_conditions(
    engine: Engine, modelled: Engine
) -> None:
    with engine.connect() as migrated, modelled.connect() as made:
        assert _indexes(migrated) == _indexes(made)
        assert "ix_job_due" in _indexes(migrated)


def test_migrated_foreign_keys_are_those_of_the_models(engine: Engine, modelled: Engine) -> None:
    for table in Base.metadata.tables:
        assert inspect(engine).get_foreign_keys(table) == inspect(modelled).get_foreign_keys(table)


def test_an_empty_database_has_an_outdated_schema(empty_url: str) -> None:
    ledger = Ledger.open(empty_url)

    with pytest.raises(SchemaOutdated, match=r"no schema yet.*dropline db upgrade"):
        ledger.schema.check()
    with pytest.raises(SchemaOutdated, match="dropline db upgrade"):
        ledger.campaigns.submit("spring", [new_job("one")], now=NOW, by="test")

    assert ledger.schema.current() is None
    ledger.close()


def test_an_upgrade_brings_an_empty_database_to_the_head(empty_url: str) -> None:
    ledger = Ledger.open(empty_url)

    assert ledger.schema.upgrade() == ledger.schema.head() == ledger.schema.current()
    ledger.schema.check()
    assert ledger.schema.upgrade() == ledger.schema.head()

    ledger.close()


def test_two_upgrades_at_once_are_one(empty_url: str) -> None:
    one, other = Ledger.open(empty_url), Ledger.open(empty_url)

    assert at_once(one.schema.upgrade, other.schema.upgrade) == [one.schema.head()] * 2

    one.schema.check()
    one.close()
    other.close()


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    ledger, engine = Ledger.open(empty_url), create_engine(empty_url)
    ledger.schema.upgrade()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaOutdated, match=r"9999.*update Dropline"):
        ledger.schema.check()
    with pytest.raises(SchemaOutdated, match=r"9999.*update Dropline"):
        ledger.schema.upgrade()
    ledger.close()
    engine.dispose()


def test_every_migration_leads_back_to_an_empty_database(empty_url: str) -> None:
    ledger, engine = Ledger.open(empty_url), create_engine(empty_url)
    ledger.schema.upgrade()
    with engine.begin() as connection:
        config = _configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert ledger.schema.current() is None
    ledger.close()
    engine.dispose()


def test_the_databases_time_is_aware_and_close_to_ours(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()

    first, second = ledger.database_now(), ledger.database_now()

    assert first.tzname() == "UTC"
    assert first <= second
    assert abs((first - ledger._database._clock.now()).total_seconds()) < 5
