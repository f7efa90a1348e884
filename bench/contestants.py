"""Who else can carry posts out: plain Celery workers, arq's and procrastinate's."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.ground import Ground
from shared.guardian import Guardian

#: The environment that `make bench` makes of requirements/peers.txt.
PEERS = Path(sys.prefix) / "peers" / "bin"

#: Worker processes of every contestant.
PROCESSES = 2


def bare_worker(threads: int) -> str:
    """Return the command of a plain Celery worker."""
    celery = f"{Path(sys.executable).parent}/celery -A bench.bare worker -P threads"
    return f"{celery} -c {threads} --without-gossip --without-mingle"


def variables(here: Ground) -> dict[str, str]:
    """Return what a contestant's process finds in its environment."""
    return {
        **os.environ,
        "BENCH_REDIS": here.redis_url,
        "BENCH_FAR_END": here.far_end_url,
        "BENCH_DATABASE": here.database_url.replace("+psycopg", ""),
    }


def peer(*arguments: str) -> list[str]:
    """Return a command of the peers' environment."""
    return [str(PEERS / arguments[0]), *arguments[1:]]


def told(here: Ground, command: Sequence[str]) -> str:
    """Run a contestant's command to its end and return what it printed."""
    done = subprocess.run(command, env=variables(here), check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def running(here: Ground, command: Sequence[str] | str) -> Iterator[Mapping[str, int]]:
    """Run the worker processes of a contestant and give their process ids."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    guardian = Guardian()
    workers = [_start(here, words, number) for number in range(PROCESSES)]
    for worker in workers:
        guardian.watch(worker.pid)
    try:
        yield {f"worker{number}": worker.pid for number, worker in enumerate(workers, 1)}
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(timeout=30)
        guardian.close()


def _start(here: Ground, words: Sequence[str], number: int) -> "subprocess.Popen[bytes]":
    named = [*words, "-n", f"bare{number}@%h"] if "bench.bare" in words else words
    quiet = subprocess.DEVNULL
    return subprocess.Popen(named, env=variables(here), stdout=quiet, stderr=quiet)
