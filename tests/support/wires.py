"""Real wires for adapter tests: real clients and watchdog, an open limiter, a recording gate."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from shared.clock import SystemClock
from shared.provider import Provider
from shared.settings import Connection
from shared.wire.clients import Clients
from shared.wire.road import Road
from shared.wire.watchdog import Watchdog
from shared.wire.wire import Endpoint, Wire
from tests.support.gate import RecordingGate
from tests.support.limiter import OpenLimiter
from tests.support.shelf import MemoryShelf

KEY = "sk_0123456789abcdef"

#: Nothing in a test takes longer.
DEADLINE_SECONDS = 60.0


class Wires:
    """Opens wires from one adapter to one address."""

    def __init__(self, provider: Provider, base_url: str, key: str = KEY) -> None:
        self._provider = provider
        self._base_url = base_url
        self._key = key
        self.clock = SystemClock()
        self.limiter = OpenLimiter()
        self.gate = RecordingGate()
        self.road = Road(
            clients=Clients(),
            watchdog=Watchdog(self.clock),
            limiter=self.limiter,
            clock=self.clock,
            shelf=MemoryShelf(),
        )

    def open(
        self,
        *,
        private_media: bool = True,
        prepared: Mapping[str, Any] | None = None,
        gate: RecordingGate | None = None,
    ) -> Wire:
        connection = Connection(
            name=self._provider.name,
            provider=self._provider.name,
            base_url=self._base_url,
            key=SecretStr(self._key),
            key_variable="NOT_READ",
            private_media=private_media,
        )
        auth = self._provider.auth(connection.secret())
        return Wire(
            self.road,
            Endpoint(connection=connection, base_url=self._base_url, auth=auth),
            deadline=self.clock.monotonic() + DEADLINE_SECONDS,
            gate=gate or self.gate,
            prepared=prepared,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.road.watchdog.stop()
        self.road.clients.close()
