"""The connection to the database: SQLite or PostgreSQL, opened so that what is committed stays."""

import time
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from shared.errors import ConfigurationError

#: Threads of one process that may be in a transaction at once; the others wait their turn.
POOL_SIZE = 20
POOL_OVERFLOW = 0
POOL_TIMEOUT_S = 30

CONNECT_TIMEOUT_S = 5

#: A connection that was not used for so long is asked whether it is there before it is used.
IDLE_S = 1.0
_USED = "dropline_used"

#: How long SQLite waits for another writer before the transaction is tried again.
BUSY_TIMEOUT_S = 5

#: An execution option of connections whose transaction is going to write.
WRITES = "dropline_writes"

_POSTGRES = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    # A peer that vanished without a word is noticed within half a minute.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_POSTGRES_SESSION = (
    "SET SESSION synchronous_commit = on; SET SESSION idle_in_transaction_session_timeout = '30s';"
    " SET SESSION TIME ZONE 'UTC'"
)


def read_url(url: str) -> URL:
    """Return the parsed address; ConfigurationError, without the address, when it is not usable."""
    wanted = "must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"the database address {wanted}") from None
    if parsed.drivername not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise ConfigurationError(f"the database address {wanted}, not {parsed.drivername}://")
    return parsed


def place(url: URL) -> str:
    """Say which database it is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'localhost'}{port}/{url.database or ''}"


def open_engine(url: URL) -> Engine:
    """Return an engine that has not connected yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args=_POSTGRES,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_if_idle)
    return engine


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_pre_ping=True, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgres(connection: Any, _: object) -> None:
    connection.execute(_POSTGRES_SESSION)
    connection.commit()


def _note_use(_: object, record: Any) -> None:
    record.info[_USED] = time.monotonic()


def _ping_if_idle(connection: Any, record: Any, _: object) -> None:
    """Ask a connection that nobody used for a moment whether it is still one.

    The pool replaces one that is not. One that was in use a moment ago is not asked: that costs as
    much as a statement.
    """
    used = record.info.get(_USED)
    if used is None or time.monotonic() - used < IDLE_S:
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error as gone:
        raise DisconnectionError from gone


def _prepare_sqlite(connection: Any, _: object) -> None:
    # None keeps the driver from beginning transactions itself, always DEFERRED ones.
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once, whatever the busy timeout.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
