"""Transactions: run whole, run again after a deadlock, and clear about a database that is away."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from shared.clock import Clock
from shared.errors import PartUnreachable, SchemaOutdated
from shared.ledger.columns import Instant
from shared.ledger.engine import WRITES, open_engine, place, read_url
from shared.ledger.troubles import is_out_of_reach, lacks_our_schema, may_work_again

Result = TypeVar("Result")

TRIES = 8
#: A connection that broke is replaced at once; the one in its place may be as old as it was.
BROKEN_TRIES = 3
FIRST_PAUSE = timedelta(milliseconds=20)


class _Unfinished(Exception):
    """The connection broke before the transaction was to be committed: nothing came of it."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error


class Database:
    """One database and the only way to it: a transaction, as a function of its connection."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = read_url(url)
        self._engine = open_engine(self._url)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._chance = random.Random()

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @property
    def place(self) -> str:
        return place(self._url)

    def read(self, work: Callable[[Connection], Result]) -> Result:
        return self._run(work, writes=False)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run the transaction; `work` runs again from its start when it met another's locks."""
        return self._run(work, writes=True)

    def at_once(self, statement: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run one statement in the driver's words as a transaction of its own: in one trip.

        PostgreSQL alone has statements that write to several tables.
        """
        return self._again(lambda: self._at_once(statement, values))

    def now(self) -> datetime:
        """Return the database's time."""
        if self.dialect == "sqlite":
            clock = text("SELECT strftime('%Y-%m-%d %H:%M:%f000', 'now') AS at")
        else:
            clock = text("SELECT clock_timestamp() AS at")
        asked = clock.columns(at=Instant)
        moment: datetime = self.read(
            lambda tx: tx.execute(select(asked.subquery().c.at)).scalar_one()
        )
        return moment.astimezone(UTC)

    def close(self) -> None:
        self._engine.dispose()

    def _run(self, work: Callable[[Connection], Result], *, writes: bool) -> Result:
        return self._again(lambda: self._once(work, writes=writes))

    def _again(self, work: Callable[[], Result]) -> Result:
        """Run a whole transaction, and again where it met another's locks."""
        for failures in range(TRIES):
            try:
                return work()
            except _Unfinished as unfinished:
                if failures + 1 == BROKEN_TRIES:
                    raise self._surprise(unfinished.error) from unfinished.error
            except DBAPIError as error:
                if not may_work_again(error):
                    raise self._surprise(error) from error
            except PoolExhausted:
                raise PartUnreachable(
                    f"the database at {self.place} cannot be reached: every connection is in use"
                ) from None
            self._clock.sleep(FIRST_PAUSE * (2**failures * (0.5 + self._chance.random())))
        raise PartUnreachable(
            f"the database at {self.place} cannot be used: others kept it locked {TRIES} times"
        )

    def _once(self, work: Callable[[Connection], Result], *, writes: bool) -> Result:
        with self._engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: writes})
            with connection.begin():
                try:
                    return work(connection)
                except DBAPIError as error:
                    if error.connection_invalidated:
                        raise _Unfinished(error) from error
                    raise

    def _at_once(self, statement: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        with self._autocommit.connect() as connection:
            return connection.exec_driver_sql(statement, values).all()

    def _surprise(self, error: DBAPIError) -> Exception:
        """Return what to raise: our own words where we have any, the error itself otherwise."""
        if lacks_our_schema(error):
            return SchemaOutdated(
                f"the database at {self.place} lacks a table or column of this version;"
                " run `dropline db upgrade`"
            )
        if is_out_of_reach(error):
            return PartUnreachable(
                f"the database at {self.place} cannot be reached: {self._said(error)}"
            )
        return error

    def _said(self, error: DBAPIError) -> str:
        said = str(error.orig).strip().split("\n", maxsplit=1)[0]
        password = self._url.password
        return said.replace(str(password), "***") if password else said
