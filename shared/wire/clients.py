"""HTTP clients: one for each call that runs, with one connection each, and one SSL context for all.

A shared client scans its pool under a lock and slows down with every connection; a context of
its own costs each client about 20 ms of CPU.
"""

import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from shared.wire.watchdog import Line

#: A publish call never rides on a connection that was idle for longer: the far end may be
#: closing it just then, and a request lost in that race is a lost answer.
KEEPALIVE = timedelta(seconds=1)

CONNECT_TIMEOUT = timedelta(seconds=10)

USER_AGENT = "dropline/0.1"


@dataclass(frozen=True, slots=True)
class Telephone:
    """A client that one call at a time uses, and the line it speaks over."""

    client: httpx.Client
    line: Line


class Clients:
    """Keeps the clients of each origin, such as a connection's name or `media`.

    The one that was used last is used next, so that few are kept warm. `close` ends them all.
    """

    def __init__(self) -> None:
        self._context = ssl.create_default_context()
        self._free: defaultdict[str, list[Telephone]] = defaultdict(list)
        self._all: list[httpx.Client] = []
        self._lock = threading.Lock()
        self._builder = self._make()

    def build(self, method: str, url: str, **parts: Any) -> httpx.Request:
        """Return a request as any of the clients would send it."""
        return self._builder.build_request(method, url, **parts)

    @contextmanager
    def telephone(self, origin: str) -> Iterator[Telephone]:
        """Give a client for `origin` to nobody else while the block runs."""
        with self._lock:
            free = self._free[origin]
            telephone = free.pop() if free else None
        telephone = telephone or Telephone(self._make(), Line())
        try:
            yield telephone
        finally:
            with self._lock:
                self._free[origin].append(telephone)

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
