"""The schema: which revision the database is at, which this version needs, and the way there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.errors import SchemaOutdated
from shared.ledger.database import Database

#: Any number will do, as long as every Dropline takes the same one.
_UPGRADE_LOCK = 7_305_164_201


class Schema:
    """Alembic, run on the ledger's own connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> str:
        """Return the revision this version needs."""
        return ScriptDirectory.from_config(_configuration()).get_current_head() or ""

    def current(self) -> str | None:
        """Return the revision the database is at; None when it is empty."""
        return self._database.read(_revision)

    def check(self) -> None:
        """Raise SchemaOutdated unless the database is at the revision this version needs."""
        current, head = self.current(), self.head()
        if current == head:
            return
        self._refuse_newer(current)
        stands = "has no schema yet" if current is None else f"is at revision {current}"
        raise SchemaOutdated(
            f"the database at {self._database.place} {stands}, this version needs revision {head};"
            " run `dropline db upgrade`"
        )

    def upgrade(self) -> str:
        """Bring the database to the newest revision; of two at once the second finds it done."""
        return self._database.write(self._upgrade)

    def _upgrade(self, tx: Connection) -> str:
        if tx.dialect.name == "postgresql":
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        self._refuse_newer(_revision(tx))
        config = _configuration()
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
        return _revision(tx) or ""

    def _refuse_newer(self, revision: str | None) -> None:
        known = ScriptDirectory.from_config(_configuration()).walk_revisions()
        if revision is not None and revision not in {script.revision for script in known}:
            raise SchemaOutdated(
                f"the database at {self._database.place} is at revision {revision}, which this"
                " version does not know; update Dropline"
            )


def _configuration() -> Config:
    config = Config()
    scripts = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    return config


def _revision(tx: Connection) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()
