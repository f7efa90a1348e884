"""A command line whose connections lead to a sandbox, and whose limiter counts in a real Redis."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.clock import SystemClock
from shared.ledger import Ledger
from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs `dropline` with a key at every provider."""

    def __init__(self, home: Path, redis_url: str, sandbox: Sandbox) -> None:
        self.home = home
        self.sandbox = sandbox
        self.variables = {
            "DROPLINE_HOME": str(home),
            "DROPLINE_CONFIG": str(home / "dropline.toml"),
            "DROPLINE_DATABASE_URL": f"sqlite:///{home}/dropline.db",
            "DROPLINE_REDIS_URL": redis_url,
        }
        for name, url in sandbox.base_urls.items():
            self.variables[f"DROPLINE_{name.upper()}_BASE_URL"] = url
            self.variables[f"DROPLINE_{name.upper()}_API_KEY"] = sandbox.api_keys[name]
        self.configure("")

    def configure(self, text: str) -> None:
        (self.home / "dropline.toml").write_text(text)

    def __call__(self, *words: str) -> Said:
        result = CliRunner().invoke(app, list(words), env=self.variables)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return Said(result.exit_code, result.stdout, result.stderr)

    @property
    def ledger(self) -> Ledger:
        return Ledger.open(self.variables["DROPLINE_DATABASE_URL"])

    def asked(self, call: str) -> int:
        """Return how many requests of this call the sandbox has seen."""
        return sum(each["call"] == call for each in self.sandbox.requests())


@pytest.fixture
def dropline(redis_url: str, tmp_path: Path) -> Iterator[Shell]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    clock = ManualClock(SystemClock().now())
    with Sandbox(media_delay=timedelta(0), limits=[], clock=clock) as sandbox:
        shell = Shell(tmp_path, redis_url, sandbox)
        assert shell("db", "upgrade").code == 0
        yield shell
    root.handlers[:], level = before
    root.setLevel(level)
