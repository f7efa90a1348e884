"""The file that tells other processes of the same home where its Redis listens."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Note:
    """Where a home's server listens, its password, and who started it."""

    port: int
    password: str
    owner_pid: int

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read what was noted; None when there is nothing, or nothing usable."""
        try:
            noted = json.loads(path.read_text())
            return cls(int(noted["port"]), str(noted["password"]), int(noted["owner_pid"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Put it there whole and readable by its owner only, as it holds the password."""
        draft = path.with_suffix(f".{os.getpid()}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump({"url": self.url, **asdict(self)}, file)
        draft.replace(path)
