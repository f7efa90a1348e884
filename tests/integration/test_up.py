"""`dropline up --sandbox`: everything runs from one command, and nothing is left behind."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from shared.embedded.waiting import until
from shared.settings import child_environment
from tests.support.processes import next_line, wait_gone

DROPLINE = str(Path(sys.executable).with_name("dropline"))
UP_WITHIN = timedelta(seconds=60)


def test_up_publishes_to_the_sandbox_and_stops_cleanly(tmp_path: Path) -> None:
    with up(environment(tmp_path)) as running:
        given = environment(tmp_path) | exported(running)
        assert until(lambda: run(given, "doctor").returncode == 0, UP_WITHIN), "not up"
        account = an_account(given)
        media = given["DROPLINE_WONDA_BASE_URL"].replace("/wonda", "/media/a.jpg")
        post = ("--provider", "wonda", "--platform", "instagram", "--account", account)
        done = run(given, "publish", *post, "--media", media, "--wait", "--timeout", "30")

        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "1"
        started = descendants(running.pid)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    assert len(started) >= 6
    wait_gone(*started)


def test_up_that_is_stopped_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    with up(environment(tmp_path)) as running:
        next_line(running, "redis |")
        started = descendants(running.pid)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
        assert running.returncode == 0
    wait_gone(*started)


def environment(home: Path) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    mine = {"DROPLINE_HOME": str(home / "state"), "DROPLINE_FLOWER_PORT": port}
    inherited = {k: v for k, v in child_environment().items() if not k.startswith("DROPLINE_")}
    return inherited | mine


@contextmanager
def up(variables: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [DROPLINE, "up", "--sandbox"], env=variables, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def exported(running: subprocess.Popen[str]) -> dict[str, str]:
    """Return the eight variables that are printed for another terminal, and drain the rest."""
    lines = [next_line(running, "  export ").split()[1] for _ in range(8)]
    threading.Thread(target=running.stdout.read, daemon=True).start()  # type: ignore[union-attr]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def run(variables: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DROPLINE, *words], env=variables, capture_output=True, text=True, check=False
    )


def an_account(variables: Mapping[str, str]) -> str:
    run(variables, "accounts", "sync")
    listed = run(variables, "accounts", "list", "--provider", "wonda", "--json").stdout
    accounts = [json.loads(line) for line in listed.splitlines()]
    able = [a for a in accounts if a["can_post"] and a["platform"] == "instagram"]
    account: str = able[0]["account"]
    return account


def descendants(pid: int) -> list[int]:
    """Return every process that this one started, and those that they started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [line.split() for line in listed.splitlines()]
    parents = {int(child): int(parent) for child, parent in pairs}
    found, new = [], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found
