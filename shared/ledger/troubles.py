"""What went wrong in the database: worth another try, out of reach, or without our schema."""

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError

#: Serialization failure, deadlock, lock not available: the same transaction may work next time.
_PG_AGAIN = frozenset({"40001", "40P01", "55P03"})
#: Where two write the same row at once, the second finds the first's when it begins anew.
_SEEN_NEXT_TIME = "uq_job_retry"
#: Undefined table and undefined column.
_PG_NO_SCHEMA = frozenset({"42P01", "42703"})
_SQLITE_AGAIN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_PERM,
    }
)


def may_work_again(error: DBAPIError) -> bool:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in _SQLITE_AGAIN
    if not isinstance(cause, psycopg.Error):
        return False
    return cause.sqlstate in _PG_AGAIN or cause.diag.constraint_name == _SEEN_NEXT_TIME


def is_out_of_reach(error: DBAPIError) -> bool:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in _SQLITE_AWAY
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)


def lacks_our_schema(error: DBAPIError) -> bool:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return str(cause).startswith(("no such table", "no such column"))
    return isinstance(cause, psycopg.Error) and cause.sqlstate in _PG_NO_SCHEMA


def violates(error: DBAPIError, index: str, columns: str) -> bool:
    """Whether this unique index was violated; SQLite names its columns, PostgreSQL the index."""
    cause = error.orig
    if isinstance(cause, psycopg.Error):
        return cause.diag.constraint_name == index
    return columns in str(cause)


def _sqlite_code(cause: sqlite3.Error) -> int:
    # The low byte is the primary code, the rest its refinement (SQLITE_BUSY_SNAPSHOT).
    code: int = getattr(cause, "sqlite_errorcode", 0)
    return code & 0xFF
