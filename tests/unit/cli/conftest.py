"""A command line in a home of its own, with accounts that were asked for a moment ago."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.clock import SystemClock
from shared.domain.account import Account
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.support.sqlite import fresh_ledger

URL = "https://media.example/a.jpg"


@dataclass(frozen=True)
class Said:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        (line,) = self.lines
        return line


class Shell:
    """Runs `dropline` as somebody at a terminal of another program would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.variables: dict[str, str | None] = {
            "DROPLINE_HOME": str(home / "state"),
            "DROPLINE_DATABASE_URL": None,
            "DROPLINE_REDIS_URL": None,
            "DROPLINE_CONFIG": None,
            "DROPLINE_LOG_FORMAT": "console",
            "DROPLINE_WONDA_API_KEY": None,
        }

    def __call__(self, *words: str | int | Path, stdin: str = "") -> Said:
        args = [str(word) for word in words]
        result = CliRunner().invoke(app, args, input=stdin, env=self.variables)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return Said(result.exit_code, result.stdout, result.stderr)

    def file(self, name: str, *rows: dict[str, object]) -> Path:
        path = self.home / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    @property
    def ledger(self) -> Ledger:
        return Ledger.open(f"sqlite:///{self.home}/state/dropline.db")

    def move(self, job_id: int, *states: State, **changes: Any) -> None:
        """Take a job through states as the other processes would; `changes` are of the last."""
        ledger = self.ledger
        for at, state in enumerate(states, start=1):
            given = changes if at == len(states) else {}
            job = ledger.jobs.get(job_id)
            settlement = Settlement(to=state, **{"why": "as the test says", **given})
            assert ledger.moves.apply(job, settlement, now=SystemClock().now(), by="test")
        ledger.close()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A home without anything in it."""
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield Shell(tmp_path)
    root.handlers[:], level = before
    root.setLevel(level)


@pytest.fixture
def dropline(bare: Shell) -> Shell:
    """A home with a schema, and two healthy accounts at Wonda."""
    fresh_ledger(bare.home / "state" / "dropline.db")
    ledger = bare.ledger
    accounts = [
        Account(account_id="7", platform="instagram", username="bread"),
        Account(account_id="8", platform="instagram", username="cake"),
    ]
    ledger.accounts.sync("wonda", "wonda", accounts, now=SystemClock().now(), by="test")
    ledger.close()
    return bare


def row(ref: str, **changes: object) -> dict[str, object]:
    base = {"ref": ref, "provider": "wonda", "platform": "instagram", "account": "7"}
    return {**base, "caption": f"post {ref}", "media": [URL], **changes}
