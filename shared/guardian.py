"""Ends the process groups of whoever died without saying goodbye, even by kill -9.

The parent keeps one end of a pipe open and names the groups it starts and reaps. When the pipe
closes, this file (run as a program, in a session of its own) ends every group still named. Unlike
Linux's parent-death signal this works on macOS too, and it reaches grandchildren.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from datetime import timedelta

#: How long orphans may take to end by themselves before they are killed.
GRACE = timedelta(seconds=2)


class Guardian:
    """The parent's end: names the process groups that must not outlive it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # -I and -S: standard library only, up in some 15 ms, deaf to the caller's environment.
        self._program = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._program.pid

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def release(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def close(self) -> None:
        if self._program.stdin and not self._program.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._program.stdin.close()
        self._program.wait()

    def _tell(self, line: str) -> None:
        with self._lock, contextlib.suppress(BrokenPipeError):
            if self._program.stdin:
                self._program.stdin.write(line)
                self._program.stdin.flush()


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a whole process group; false when nobody is left in it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says EPERM when only zombies are left
        return False
    return True


def _guard(lines: Iterable[str]) -> None:
    groups: set[int] = set()
    for line in lines:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    _end(groups)


def _end(groups: set[int]) -> None:
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    deadline, pause = time.monotonic() + GRACE.total_seconds(), threading.Event()
    while left and time.monotonic() < deadline:
        pause.wait(0.05)
        left = {group for group in left if signal_group(group, 0)}
    for group in left:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _guard(sys.stdin)
