"""Statements that SQLite and PostgreSQL both know but SQLAlchemy gives no common name."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Table, any_, literal
from sqlalchemy.dialects import postgresql, sqlite

Each = TypeVar("Each")

#: Values in one IN list; SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
CHUNK = 5_000


def insert_into(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that can say ON CONFLICT."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def one_of(
    tx: Connection, column: "ColumnElement[Each]", values: Sequence[Each]
) -> ColumnElement[bool]:
    """Say that a column is one of these; PostgreSQL takes them as one parameter."""
    if tx.dialect.name == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(column.type)))
    return column.in_(values)


def chunks(values: Sequence[Each]) -> Iterator[Sequence[Each]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
