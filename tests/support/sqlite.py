"""SQLite ledgers at the newest revision: copies of one that was migrated once in this process."""

import tempfile
from functools import cache
from pathlib import Path

from shared.ledger import Ledger


def fresh_ledger(path: Path) -> str:
    """Put a ledger without any row at this path and return its address."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_template())
    return f"sqlite:///{path}"


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory(prefix="dropline-template-") as folder:
        path = Path(folder, "ledger.db")
        ledger = Ledger.open(f"sqlite:///{path}")
        ledger.schema.upgrade()
        ledger.close()
        return path.read_bytes()
