"""CPU time of processes and everything below them, by who they are."""

import contextlib
from collections.abc import Mapping

import psutil


def seconds(pid: int) -> float:
    """Return the user and system seconds of a process and of what it started, dead or alive."""
    return sum(map(_own, [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]))


def _own(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


class Meter:
    """What each of some processes has used since the meter was set."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: seconds(pid) for name, pid in pids.items()}

    def used(self) -> Mapping[str, float]:
        return {name: seconds(pid) - self._before[name] for name, pid in self._pids.items()}
