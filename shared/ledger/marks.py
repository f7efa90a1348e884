"""Marks: facts of which there is one each, and when they were written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from shared.ledger.statements import insert_into
from shared.ledger.tables import mark


def read_mark(tx: Connection, name: str) -> Row[Any] | None:
    return tx.execute(select(mark).where(mark.c.name == name)).one_or_none()


def write_mark(tx: Connection, name: str, value: str, at: datetime) -> None:
    written = insert_into(tx, mark).values(name=name, value=value, at=at)
    tx.execute(
        written.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": at})
    )


def change_mark(tx: Connection, name: str, value: str, at: datetime) -> bool:
    """Write the value unless it stands there already; of two at once only one changes it."""
    written = insert_into(tx, mark).values(name=name, value=value, at=at)
    changed = written.on_conflict_do_update(
        index_elements=["name"], set_={"value": value, "at": at}, where=mark.c.value != value
    )
    return tx.execute(changed.returning(mark.c.name)).one_or_none() is not None
