"""Keeps processes running as a supervisor would: what dies is started again."""

import threading
from datetime import timedelta

from tests.support.stack import Stack

_LOOK_EVERY = timedelta(seconds=0.5)


class Keeper:
    """Starts again whatever has ended, until it is told to stop."""

    def __init__(self, stack: Stack, names: tuple[str, ...]) -> None:
        self._stack = stack
        self._names = names
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        #: Held while one process is being killed, stalled or started.
        self.lock = threading.Lock()
        self.restarts = 0

    def start(self) -> None:
        self._stack.start(*self._names)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=10)

    def _keep(self) -> None:
        while not self._stopped.wait(_LOOK_EVERY.total_seconds()):
            with self.lock:
                for name in self._names:
                    if not self._stack.is_running(name):
                        self._stack.start(name)
                        self.restarts += 1
