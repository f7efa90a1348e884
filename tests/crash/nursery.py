"""The nursery: a single-threaded process that forks a fresh child for each life it is asked for."""

import contextlib
import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from shared import logs
from shared.bootstrap import Parts
from shared.ledger import Ledger
from shared.settings import read_settings
from tests.crash.life import Life
from tests.crash.moment import SharedClock
from tests.crash.probe import Probe, watch

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """Whose life a child lives, and at which point it is killed (None: at none)."""

    environment: Mapping[str, str]
    clock: str
    notes: str
    job_id: int
    ack_first: bool
    armed: int | str | None = None
    #: Lived by the nursery itself, unwatched: what it learns, its children need not learn again.
    rehearsal: bool = False


class Nursery:
    """Starts one child after the other and says how each of them ended."""

    @cached_property
    def _process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            # All is plain HTTP on loopback: no child need read the list of authorities.
            env={**os.environ, "SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def raise_(self, birth: Birth) -> int:
        """Return the child's exit status, negative for the signal that ended it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(birth)) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, "the nursery is gone"
        return int(said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "_process" in self.__dict__:
            self._process.kill()
            self._process.communicate()


def serve() -> None:
    """Live a rehearsal, or fork, for every line that comes, until there is nobody to send one."""
    logs.configure("json", "error")
    ledger: Ledger | None = None
    for line in sys.stdin:
        birth = Birth(**json.loads(line))
        ledger = ledger or _open(birth)
        if birth.rehearsal:
            _answer(_survive(partial(_rehearse, birth, ledger)))
        else:
            _answer(_child(partial(_live, birth, ledger)))


def _open(birth: Birth) -> Ledger:
    return Ledger.open(birth.environment["DROPLINE_DATABASE_URL"], SharedClock(Path(birth.clock)))


def _answer(status: int) -> None:
    sys.stdout.write(f"{status}\n")
    sys.stdout.flush()


def _child(live: Callable[[], None]) -> int:
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        os._exit(_survive(live))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _survive(live: Callable[[], None]) -> int:
    try:
        live()
    except BaseException:  # noqa: BLE001 - a forked child must never return into its parent's loop
        traceback.print_exc()
        return 1
    return 0


def _rehearse(birth: Birth, ledger: Ledger) -> None:
    with contextlib.closing(_life(birth, ledger)) as life:
        life.live(birth.job_id)


def _live(birth: Birth, ledger: Ledger) -> None:
    life = _life(birth, ledger)
    notes = os.open(birth.notes, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    watch(Probe(notes, birth.armed), ledger)
    life.live(birth.job_id)


def _life(birth: Birth, ledger: Ledger) -> Life:
    clock = SharedClock(Path(birth.clock))
    parts = Parts(read_settings(birth.environment), clock=clock)
    # Statements that one process has compiled need not be compiled by every child.
    parts.ledger = ledger
    return Life(parts, clock, "that may die", ack_first=birth.ack_first)


if __name__ == "__main__":
    serve()
