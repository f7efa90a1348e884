"""A large file is checked and loaded without ever being held whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.domain.account import Account
from shared.ledger import Ledger
from shared.settings import child_environment

#: Runs a command and says, last of all, how many kilobytes it needed at most.
MEASURED = """
import atexit, resource, sys
from shared.cli import main
unit = 1024 if sys.platform == "darwin" else 1
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
atexit.register(lambda: print(peak(), flush=True))
main()
"""
FEW, MANY = 2_000, 7_000
#: What the refs of the additional rows and their ids may need; rows held whole need over 15 MB.
ALLOWED_KB = 5_000
CAPTION = "Loaf number {0}, out of the oven at six in the morning. " * 4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    ledger = Ledger.open(f"sqlite:///{tmp_path}/state/dropline.db")
    ledger.schema.upgrade()
    accounts = [Account(account_id="7", platform="instagram", username="bread")]
    ledger.accounts.sync("wonda", "wonda", accounts, now=SystemClock().now(), by="test")
    ledger.close()
    return tmp_path


def table(home: Path, rows: int) -> Path:
    file = home / f"{rows}.csv"
    with file.open("w") as out:
        out.write("ref,provider,platform,account,caption,media,run_at\n")
        for at in range(rows):
            url = f"https://media.example/{at}.jpg"
            caption = CAPTION.format(at)
            out.write(f'{at},wonda,instagram,7,"{caption}",{url},2100-01-01T09:00:00Z\n')
    return file


def run(home: Path, *words: str | Path) -> tuple[str, int]:
    """Return what a command printed and the most memory it needed, in kilobytes."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)],
        env=child_environment(DROPLINE_HOME=str(home / "state")),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "checking" not in ran.stderr, "a bar is for terminals"
    *said, peak = ran.stdout.splitlines()
    return "\n".join(said), int(peak)


def test_a_check_of_100_000_rows_would_need_less_than_300_mb(home: Path) -> None:
    _, small = run(home, "campaign", "check", table(home, FEW), "--offline")
    _, large = run(home, "campaign", "check", table(home, MANY), "--offline")

    each_kb = (large - small) / (MANY - FEW)
    assert small + each_kb * (100_000 - FEW) < 300_000


def test_memory_does_not_grow_with_the_rows(home: Path) -> None:
    few, small = run(home, "campaign", "load", table(home, FEW), "--name", "few")
    many, large = run(home, "campaign", "load", table(home, MANY), "--name", "many")

    assert few == f"few: {FEW} added, 0 unchanged, 0 changed"
    assert many == f"many: {MANY} added, 0 unchanged, 0 changed"
    assert large - small < ALLOWED_KB
