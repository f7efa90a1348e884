"""Programs that tests start, and what the operating system says about them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from shared.embedded.waiting import until

PATIENCE = timedelta(seconds=20)


def is_running(pid: int) -> bool:
    """Tell whether the process runs; a zombie, which only waits to be reaped, does not."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def arguments_of(pid: int) -> str:
    listed = Path(f"/proc/{pid}/cmdline")
    if listed.exists():
        return listed.read_text().replace("\0", " ")
    return subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=True
    ).stdout


def wait_gone(*pids: int) -> None:
    assert until(lambda: not any(map(is_running, pids)), PATIENCE), f"still there: {pids}"


@contextmanager
def program(argv: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a program with its output in a pipe; whatever the test does, it ends here."""
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str], text: str) -> str:
    """Read on to the line that holds the text; pytest's time limit bounds the wait."""
    assert process.stdout
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"the program ended without saying {text!r}")
