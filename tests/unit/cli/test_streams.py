"""Closed streams, full disks and readers that go away: the real command, in a real shell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import child_environment

DROPLINE = str(Path(sys.executable).with_name("dropline"))


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script in which $d is `dropline`; say it is well where nothing is said of it."""
    environment = child_environment(d=DROPLINE, DROPLINE_HOME=str(folder), **variables)
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        cwd=folder,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("$d --help | true; exit ${PIPESTATUS[0]}", 141, ""),
        ("$d --help >/dev/full", 5, "dropline: the output cannot be written: No space left"),
        ("$d --help >&-", 0, ""),
        ("$d nothing 2>&-", 2, ""),
        ("$d limits read <&-", 2, "dropline: stdin is not JSON"),
    ],
)
def test_a_command_on_odd_streams_ends_without_a_traceback(
    tmp_path: Path, script: str, code: int, said: str
) -> None:
    done = shell(script, tmp_path)

    assert done.returncode == code, done
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) is bool(said)


def test_json_is_json_whatever_the_terminal_takes(tmp_path: Path) -> None:
    (tmp_path / "é.jsonl").write_text('{"ref": "é"}\n', encoding="utf-8")
    done = shell("$d campaign check --offline --json é.jsonl", tmp_path, PYTHONIOENCODING="ascii")

    assert done.returncode == 2
    assert json.loads(done.stdout)["file"] == "é.jsonl"
