"""A real PostgreSQL for tests: the server at DROPLINE_TEST_DATABASE_URL, else one from a wheel."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.embedded_postgres import EmbeddedPostgres


class Databases:
    """The databases of one server, made and dropped at will."""

    def __init__(self, url: str) -> None:
        self.url = url

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database, a clone of its template, and give its URL."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        named = make_url(self.url).set(database=name)
        return named.render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)

    def _run(self, command: sql.SQL, *names: str) -> None:
        plain = make_url(self.url).set(drivername="postgresql")
        where = plain.render_as_string(hide_password=False)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(command.format(*map(sql.Identifier, names)))


@contextmanager
def postgres() -> Iterator[Databases]:
    if given := os.environ.get("DROPLINE_TEST_DATABASE_URL"):
        yield Databases(given)
        return
    with tempfile.TemporaryDirectory(prefix="dropline-postgres-") as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        with EmbeddedPostgres(Path(folder) / "server") as server:
            yield Databases(server.url)
