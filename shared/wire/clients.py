"""HTTP clients: one per thread and origin, one SSL context for all.

A shared client scans its pool under a lock and slows down with every connection; a context of
its own costs each client about 20 ms of CPU.
"""

import ssl
import threading
from dataclasses import dataclass
from datetime import timedelta

import httpx

from shared.wire.watchdog import Line

#: A publish call never rides on a connection that was idle for longer: the far end may be
#: closing it just then, and a request lost in that race is a lost answer.
KEEPALIVE = timedelta(seconds=1)

CONNECT_TIMEOUT = timedelta(seconds=10)

USER_AGENT = "dropline/0.1"


@dataclass(frozen=True, slots=True)
class Telephone:
    """A client of one thread, and the line it speaks over."""

    client: httpx.Client
    line: Line


class Clients:
    """Makes and keeps the clients of every thread; `close` ends them all."""

    def __init__(self) -> None:
        self._context = ssl.create_default_context()
        self._of_thread = threading.local()
        self._all: list[httpx.Client] = []
        self._lock = threading.Lock()

    def client(self, origin: str) -> httpx.Client:
        """Return this thread's client for `origin`, such as a connection's name or `media`."""
        return self.telephone(origin).client

    def telephone(self, origin: str) -> Telephone:
        """Return this thread's client for `origin` with its line."""
        mine: dict[str, Telephone] = self._of_thread.__dict__.setdefault("telephones", {})
        if origin not in mine:
            mine[origin] = Telephone(self._make(), Line())
        return mine[origin]

    def close(self) -> None:
        with self._lock:
            while self._all:
                self._all.pop().close()

    def _make(self) -> httpx.Client:
        client = httpx.Client(
            verify=self._context,
            headers={"User-Agent": USER_AGENT},
            timeout=httpx.Timeout(30, connect=CONNECT_TIMEOUT.total_seconds()),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEPALIVE.total_seconds()),
            trust_env=False,
            follow_redirects=False,
        )
        with self._lock:
            self._all.append(client)
        return client
