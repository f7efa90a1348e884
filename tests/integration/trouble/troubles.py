"""Ways in which SQL can be in trouble; each begins, and ends when somebody has waited enough."""

import contextlib
import sqlite3
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from typing_extensions import override

from shared.ledger import Ledger
from tests.support.clock import FakeClock
from tests.support.model_parts import NOW
from tests.support.tcp_proxy import TcpProxy

#: Pauses after which a trouble is over.
PATIENCE = 3

ENDLESS_PAGES = 1_000_000


class Trouble(ABC):
    """Something that keeps SQL from answering."""

    @abstractmethod
    def begin(self) -> None:
        """From now on SQL does not answer."""

    @abstractmethod
    def end(self) -> None:
        """SQL is as it was."""


class PatientClock(FakeClock):
    """When somebody has paused often enough, the trouble is over."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.trouble: Trouble | None = None
        self.pauses = 0

    @override
    def sleep(self, duration: timedelta) -> None:
        super().sleep(duration)
        self.pauses += 1
        if self.trouble is not None and self.pauses == PATIENCE:
            self.trouble.end()


class Restarting(Trouble):
    """The server cuts every connection and takes no new one."""

    def __init__(self, proxy: TcpProxy) -> None:
        self._proxy = proxy

    @override
    def begin(self) -> None:
        self._proxy.refuse()

    @override
    def end(self) -> None:
        self._proxy.heal()


class CommitUnheard(Trouble):
    """The next commit is carried out and its answer lost; an attempt's row is its own commit."""

    def __init__(self, proxy: TcpProxy) -> None:
        self._proxy = proxy

    @override
    def begin(self) -> None:
        self._proxy.eats_answer_to = (b"COMMIT", b"INSERT INTO attempt")

    @override
    def end(self) -> None:
        self._proxy.eats_answer_to = ()


class Terminated(Trouble):
    """An administrator ends every session."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self._url = plain.render_as_string(hide_password=False)

    @override
    def begin(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    @override
    def end(self) -> None:
        """There is nothing to undo."""


class Locked(Trouble):
    """Another program writes to the file and does not finish."""

    def __init__(self, path: str) -> None:
        self._other = sqlite3.connect(path, isolation_level=None)

    @override
    def begin(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    @override
    def end(self) -> None:
        if self._other.in_transaction:
            self._other.execute("COMMIT")


class DiskFull(Trouble):
    """The file cannot grow."""

    def __init__(self, path: str, ledger: Ledger) -> None:
        self._path = path
        self._full = False
        event.listen(ledger._database._engine, "checkout", self._measure)

    @override
    def begin(self) -> None:
        self._fill_holes()
        self._full = True

    @override
    def end(self) -> None:
        self._full = False

    def _fill_holes(self) -> None:
        """Leave no page free that earlier changes gave up."""
        with contextlib.closing(sqlite3.connect(self._path, isolation_level=None)) as other:
            other.execute("CREATE TABLE filler (content BLOB)")
            while other.execute("PRAGMA freelist_count").fetchone() != (0,):
                other.execute("INSERT INTO filler VALUES (zeroblob(4000))")

    def _measure(self, connection: Any, *_: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        most = pages if self._full else ENDLESS_PAGES
        connection.execute(f"PRAGMA max_page_count = {most}").fetchone()
