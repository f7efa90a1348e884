"""One supervised program, and the succession of processes that play it."""

import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from shared.errors import ConfigurationError
from shared.guardian import Guardian, signal_group
from shared.supervisor.output import Output

_FIRST_PAUSE = timedelta(seconds=0.5)
_LONGEST_PAUSE = timedelta(seconds=10)
#: A process that lived this long was healthy: its successor starts after the first pause again.
_HEALTHY_AFTER = timedelta(seconds=30)
_REAP_WITHIN = timedelta(seconds=5)


@dataclass(frozen=True)
class Child:
    """What to run, and how it starts again and stops."""

    name: str
    argv: Sequence[str]
    #: The whole environment; None means the supervisor's own.
    env: Mapping[str, str] | None = None
    restart: bool = True
    #: How long it may take to end after SIGTERM.
    grace: timedelta = timedelta(seconds=10)
    #: Stages stop from the highest down, each when the one above is gone: what others lean on
    #: while they finish has the lower number.
    stage: int = 0


class Cast:
    """A child's part on the stage: the process that plays it now, and when the next one may."""

    def __init__(self, child: Child, guardian: Guardian, output: Output) -> None:
        self.child = child
        self._guardian = guardian
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._pause = _FIRST_PAUSE
        self._started = 0.0
        self._next_start: float | None = None
        self.exit_status: int | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def over(self) -> bool:
        """Nothing runs, and nothing will start again."""
        return self._process is None and self._next_start is None

    def start(self) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the caller's own command
                list(self.child.argv),
                env=self.child.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigurationError(
                f"cannot start {self.child.name} ({self.child.argv[0]}): {error.strerror}"
            ) from error
        self._guardian.watch(process.pid)
        self._process, self._next_start, self._started = process, None, monotonic()
        self._reader = threading.Thread(
            target=self._output.forward, args=(self.child.name, process.stdout), daemon=True
        )
        self._reader.start()

    def look(self) -> None:
        """Notice an end, and start again what is due."""
        if self._process and self._process.poll() is not None:
            self._ended()
            self._plan_restart()
        if self._next_start is not None and monotonic() >= self._next_start:
            self._start_again()

    def ask_to_stop(self) -> None:
        self._next_start = None
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._process:
            signal_group(self._process.pid, signal.SIGKILL)

    def wait_stopped(self, deadline: float) -> None:
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - monotonic()))
        if self._process.poll() is None:
            self._output.say(self.child.name, "does not stop; killed")
            self.kill()
            self._process.wait(_REAP_WITHIN.total_seconds())
        self._ended()

    def _start_again(self) -> None:
        try:
            self.start()
        except ConfigurationError as error:
            self._output.say(self.child.name, str(error))
            self._plan_restart()

    def _ended(self) -> None:
        """Reap: whatever the process started goes with it, and its last lines are passed on."""
        if self._process and self._reader:
            signal_group(self._process.pid, signal.SIGKILL)
            self._guardian.release(self._process.pid)
            self._reader.join(_REAP_WITHIN.total_seconds())
            self.exit_status = self._process.returncode
        self._process = None

    def _plan_restart(self) -> None:
        ending = f"ended with {_spoken(self.exit_status)}"
        if not self.child.restart:
            self._output.say(self.child.name, ending)
            return
        if monotonic() - self._started >= _HEALTHY_AFTER.total_seconds():
            self._pause = _FIRST_PAUSE
        seconds = self._pause.total_seconds()
        self._output.say(self.child.name, f"{ending}; starts again in {seconds:g} s")
        self._next_start = monotonic() + seconds
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)


def _spoken(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
