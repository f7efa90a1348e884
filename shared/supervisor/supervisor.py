"""Keeps a set of children running until told to stop, then stops them all."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from time import monotonic
from types import FrameType, TracebackType
from typing import Self, TextIO

from shared.errors import PartUnreachable, WaitTimedOut
from shared.guardian import Guardian
from shared.supervisor.child import Cast, Child
from shared.supervisor.output import Output

_LOOK_EVERY_S = 0.05
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Starts children in the order given and stops them in reverse.

    Blocking, with signals: `Supervisor(children).run()`. Beside other work, from any thread:
    `with Supervisor(children) as supervisor: supervisor.wait_ready(...)`.
    """

    def __init__(
        self,
        children: Sequence[Child],
        stream: TextIO | None = None,
        *,
        colour: bool | None = None,
    ) -> None:
        self._children = tuple(children)
        stream = stream or sys.stdout
        names = [child.name for child in children]
        self._output = Output(stream, names, colour=stream.isatty() if colour is None else colour)
        self._casts: tuple[Cast, ...] = ()
        self._guardian: Guardian | None = None
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._asked_to_stop = False
        self._in_a_hurry = False

    def start(self) -> None:
        self._guardian = guardian = Guardian()
        self._casts = tuple(Cast(child, guardian, self._output) for child in self._children)
        try:
            for cast in self._casts:
                cast.start()
        except BaseException:
            self._stop_all()
            raise
        self._watcher.start()

    def stop(self) -> None:
        """Stop every child; twice does no harm."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._stop_all()

    def run(self) -> int:
        """Run until a signal asks to stop (0), or every child ended for good (their worst)."""
        with self._signals():
            with self:
                while not self._asked_to_stop and not self._over.wait(_LOOK_EVERY_S):
                    pass
            return 0 if self._asked_to_stop else self._worst_exit_status()

    def wait_ready(self, predicate: Callable[[], bool], timeout: timedelta) -> None:
        """Wait until the predicate holds; a child that ended for good ends the wait."""
        deadline = monotonic() + timeout.total_seconds()
        while not predicate():
            self._fail_if_one_ended()
            if monotonic() >= deadline:
                raise WaitTimedOut(f"not ready after {timeout.total_seconds():g} s")
            self._stopping.wait(_LOOK_EVERY_S)

    def pid(self, name: str) -> int | None:
        """Tell which process plays this child at the moment."""
        return self._cast(name).pid

    def exit_status(self, name: str) -> int | None:
        """Tell how the child's last process ended; negative is a signal's number."""
        return self._cast(name).exit_status

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _cast(self, name: str) -> Cast:
        return next(cast for cast in self._casts if cast.child.name == name)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for cast in self._casts:
                cast.look()
            if all(cast.over for cast in self._casts):
                break
            self._stopping.wait(_LOOK_EVERY_S)
        self._over.set()

    def _stop_all(self) -> None:
        by_stage = sorted(self._casts, key=lambda cast: cast.child.stage)[::-1]
        for _, stage in groupby(by_stage, key=lambda cast: cast.child.stage):
            self._stop_together(list(stage))
        if self._guardian:
            self._guardian.close()

    def _stop_together(self, casts: list[Cast]) -> None:
        asked = monotonic()
        for cast in casts:
            cast.ask_to_stop()
        for cast in casts:
            grace = timedelta() if self._in_a_hurry else cast.child.grace
            cast.wait_stopped(asked + grace.total_seconds())

    def _fail_if_one_ended(self) -> None:
        for cast in self._casts:
            if cast.over:
                raise PartUnreachable(
                    f"{cast.child.name} ended with status {cast.exit_status} while it was "
                    "waited for; its last lines say why"
                )

    def _worst_exit_status(self) -> int:
        return max((abs(cast.exit_status or 0) for cast in self._casts), default=0)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let the first signal ask everybody to stop; the second one does not wait."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            # No lock here, not even an Event's: the thread we interrupt may hold it.
            self._in_a_hurry = self._asked_to_stop
            self._asked_to_stop = True
            if self._in_a_hurry:
                for cast in self._casts:
                    cast.kill()

        before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)
