import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from typing_extensions import override

from shared.clock import Clock
from shared.errors import ConfigurationError, PartUnreachable
from shared.ledger import Ledger
from shared.ledger.database import TRIES, Database
from tests.contract.ledger.building import NOW, new_job, submit

SECRET = "s3cr3t-pass"  # noqa: S105 - a made-up one, to be looked for


class Pauses(Clock):
    """A clock whose pauses take no time; each is counted and may be waited for."""

    def __init__(self) -> None:
        self.pauses: list[timedelta] = []
        self.paused = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    @override
    def now(self) -> datetime:
        return NOW

    @override
    def monotonic(self) -> float:
        return 0.0

    @override
    def sleep(self, duration: timedelta) -> None:
        self.pauses.append(duration)
        self.paused.set()
        assert self.go_on.wait(10)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/locked.db"
    ledger = Ledger.open(url)
    ledger.schema.upgrade()
    ledger.close()
    return url


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.ledger.engine.BUSY_TIMEOUT_S", 0.05)


@pytest.fixture
def writer(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Another process in the middle of writing."""
    connection = sqlite3.connect(
        make_url(sqlite_url).database or "", isolation_level=None, check_same_thread=False
    )
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_sqlite_waits_for_another_writer(sqlite_url: str, writer: sqlite3.Connection) -> None:
    clock = Pauses()
    ledger = Ledger.open(sqlite_url, clock)

    with ThreadPoolExecutor(1) as pool:
        submitting = pool.submit(submit, ledger, new_job("one"))
        with pytest.raises(TimeoutError):
            submitting.result(timeout=0.2)
        writer.execute("COMMIT")
        assert len(submitting.result(timeout=10)) == 1

    assert clock.pauses == []
    ledger.close()


@pytest.mark.usefixtures("impatient")
def test_sqlite_tries_again_when_the_other_writer_took_too_long(
    sqlite_url: str, writer: sqlite3.Connection
) -> None:
    clock = Pauses()
    clock.go_on.clear()
    ledger = Ledger.open(sqlite_url, clock)

    with ThreadPoolExecutor(1) as pool:
        submitting = pool.submit(submit, ledger, new_job("one"))
        assert clock.paused.wait(10)
        writer.execute("COMMIT")
        clock.go_on.set()
        assert len(submitting.result(timeout=10)) == 1

    assert len(clock.pauses) == 1
    ledger.close()


@pytest.mark.usefixtures("impatient")
def test_sqlite_gives_up_on_a_writer_that_never_ends(
    sqlite_url: str, writer: sqlite3.Connection
) -> None:
    clock = Pauses()
    ledger = Ledger.open(sqlite_url, clock)

    with pytest.raises(PartUnreachable, match=r"locked\.db.*others kept it locked"):
        submit(ledger, new_job("one"))

    assert len(clock.pauses) == TRIES
    assert clock.pauses[-1] > clock.pauses[0]
    assert writer.in_transaction
    ledger.close()


def test_sqlite_reads_while_another_writes(sqlite_url: str, writer: sqlite3.Connection) -> None:
    ledger = Ledger.open(sqlite_url)

    assert ledger.campaigns.list() == []

    assert writer.in_transaction
    ledger.close()


def test_sqlite_keeps_what_was_committed(sqlite_url: str) -> None:
    database = Database(sqlite_url, Pauses())

    def settings(tx: Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return tuple(tx.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)

    full = 2
    assert database.read(settings) == ("wal", full, 1)
    database.close()


def test_postgresql_keeps_what_was_committed(postgres_url: str) -> None:
    database = Database(postgres_url, Pauses())

    def settings(tx: Connection) -> tuple[object, ...]:
        names = ("synchronous_commit", "idle_in_transaction_session_timeout")
        return tuple(tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names)

    assert database.read(settings) == ("on", "30s")
    database.close()


def test_a_transaction_that_met_a_deadlock_runs_again(postgres_url: str) -> None:
    clock = Pauses()
    database = Database(postgres_url, clock)
    for name in ("a", "b"):
        database.write(_insert_heartbeat(name))
    met = threading.Barrier(2, timeout=10)

    def lock_both(first: str, second: str) -> int:
        runs = []

        def work(tx: Connection) -> int:
            runs.append(first)
            tx.execute(text("UPDATE heartbeat SET kind = 'x' WHERE name = :name"), {"name": first})
            if len(runs) == 1:
                met.wait()
            tx.execute(text("UPDATE heartbeat SET kind = 'x' WHERE name = :name"), {"name": second})
            return len(runs)

        return database.write(work)

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lock_both, ("a", "b"), ("b", "a")))

    assert len(clock.pauses) == sum(runs) - 2 >= 1
    database.close()


def test_a_transaction_that_could_not_be_serialized_runs_again(postgres_url: str) -> None:
    clock = Pauses()
    strict = make_url(postgres_url).update_query_dict(
        {"options": "-c default_transaction_isolation=serializable"}
    )
    database = Database(strict.render_as_string(hide_password=False), clock)
    database.write(_insert_heartbeat("a"))
    other = create_engine(postgres_url)
    runs = []

    def work(tx: Connection) -> int:
        tx.execute(text("SELECT kind FROM heartbeat")).all()
        runs.append(1)
        if len(runs) == 1:
            with other.begin() as meanwhile:
                meanwhile.execute(text("UPDATE heartbeat SET kind = 'meanwhile'"))
        return tx.execute(text("UPDATE heartbeat SET kind = kind || '!'")).rowcount

    assert database.write(work) == 1

    assert len(runs) == 2
    assert len(clock.pauses) == 1
    kind = database.read(lambda tx: tx.execute(text("SELECT kind FROM heartbeat")).scalar_one())
    assert kind == "meanwhile!"
    other.dispose()
    database.close()


def _insert_heartbeat(name: str) -> Callable[[Connection], object]:
    return lambda tx: tx.execute(
        text("INSERT INTO heartbeat VALUES (:name, 'k', :at, '{}')"), {"name": name, "at": NOW}
    )


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port of ours at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_server_that_refuses_is_named_without_its_password(refusing_port: int) -> None:
    where = f"127.0.0.1:{refusing_port}/dropline"
    ledger = Ledger.open(f"postgresql+psycopg://user:{SECRET}@{where}")

    with pytest.raises(PartUnreachable) as caught:
        ledger.campaigns.list()

    assert f"the database at {where} cannot be reached" in str(caught.value)
    assert "refused" in str(caught.value)
    assert SECRET not in repr(caught.value) + repr(caught.value.__cause__)
    for check in (ledger.schema.check, ledger.schema.upgrade, ledger.database_now):
        with pytest.raises(PartUnreachable):
            check()
    ledger.close()


def test_a_wrong_password_is_not_repeated(postgres_url: str) -> None:
    wrong = make_url(postgres_url).set(username="nobody-here", password=SECRET)
    ledger = Ledger.open(wrong.render_as_string(hide_password=False))

    with pytest.raises(PartUnreachable) as caught:
        ledger.campaigns.list()

    assert SECRET not in repr(caught.value) + repr(caught.value.__cause__)
    ledger.close()


def test_a_database_that_is_not_there_is_out_of_reach(postgres_url: str) -> None:
    absent = make_url(postgres_url).set(database="absent")
    ledger = Ledger.open(absent.render_as_string(hide_password=False))

    with pytest.raises(PartUnreachable, match="absent"):
        ledger.schema.check()
    ledger.close()


def test_a_connection_that_died_is_replaced(postgres_url: str) -> None:
    ledger = Ledger.open(postgres_url)
    ledger.database_now()
    killer = create_engine(postgres_url)

    with killer.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    assert ledger.database_now()
    killer.dispose()
    ledger.close()


@pytest.mark.parametrize("deaths", [1, 20])
def test_a_transaction_whose_connection_dies_runs_again_but_not_for_ever(
    postgres_url: str, deaths: int
) -> None:
    database = Database(postgres_url, Pauses())
    killer = create_engine(postgres_url)
    died: list[int] = []

    def die(tx: Connection) -> None:
        if len(died) == deaths:
            return
        died.append(1)
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with killer.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        tx.execute(text("SELECT 1"))

    if deaths == 1:
        database.write(die)
    else:
        with pytest.raises(PartUnreachable, match="cannot be reached"):
            database.write(die)

    assert len(died) == min(deaths, 3)
    assert database.now()
    killer.dispose()
    database.close()


def test_a_folder_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/absent/ledger.db")

    with pytest.raises(PartUnreachable, match="absent"):
        ledger.schema.upgrade()
    ledger.close()


def test_a_file_that_is_no_database_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("this is a diary, not a database" * 99)
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")

    with pytest.raises(PartUnreachable, match="not a database"):
        ledger.schema.check()
    ledger.close()


@pytest.mark.parametrize(
    "url", [f"mysql://u:{SECRET}@h/d", f"no address {SECRET}", f"postgresql://u:{SECRET}@h:x/d", ""]
)
def test_an_address_that_is_not_usable_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///FILE") as caught:
        Ledger.open(url)

    assert SECRET not in str(caught.value)


def test_an_instant_without_a_time_zone_is_refused(sqlite_url: str) -> None:
    ledger = Ledger.open(sqlite_url)

    with pytest.raises(Exception, match="must say its time zone"):
        ledger.heartbeats.beat("w1", "worker", NOW.replace(tzinfo=None), {})
    ledger.close()
