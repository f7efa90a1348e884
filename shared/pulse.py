"""The pulse of a process: a heartbeat row every few seconds, and the database's clock followed."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.bootstrap import Parts
from shared.errors import PartUnreachable
from shared.logs import logger

log = logger(__name__)

BEAT = timedelta(seconds=5)

#: A process whose last beat is older counts as gone.
ALIVE_WITHIN = timedelta(seconds=20)


class Pulse:
    """Writes `name` into the heartbeats until it is stopped."""

    def __init__(
        self, parts: Parts, name: str, kind: str, facts: Callable[[], dict[str, Any]]
    ) -> None:
        self._parts = parts
        self._name = name
        self._kind = kind
        self._facts = facts
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=BEAT.total_seconds())

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._beat()
            self._stopped.wait(BEAT.total_seconds())

    def _beat(self) -> None:
        ledger, clock = self._parts.ledger, self._parts.clock
        try:
            clock.follow(ledger.database_now)
            ledger.heartbeats.beat(self._name, self._kind, clock.now(), self._facts())
        except PartUnreachable as away:
            log.warning("no heartbeat", why=str(away))


def process_name(kind: str) -> str:
    """Return a name for this process that no other process ever has."""
    return f"{kind}@{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
