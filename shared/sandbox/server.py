"""The sandbox: all providers behind one port on loopback, with its switches and its memory."""

import random
import threading
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from shared.sandbox.clock import SandboxClock
from shared.sandbox.control import Control
from shared.sandbox.discovery import provider_sandboxes
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.faults import SHARED, Faults, fault_from_json
from shared.sandbox.gate import Gate, Reply
from shared.sandbox.journal import Journal
from shared.sandbox.media import MediaHost
from shared.sandbox.port import ProviderSandbox, World
from shared.sandbox.windows import Limit, Windows
from shared.sandbox.wire import Listener


class Sandbox:
    """Start it, point connections at `base_urls` with `api_keys`, and ask what it stored."""

    def __init__(
        self,
        clock_factor: float = 1.0,
        port: int = 0,
        seed: int = 0,
        *,
        media_delay: timedelta = timedelta(seconds=2),
        limits: list[Limit] | None = None,
        clock: SandboxClock | None = None,
    ) -> None:
        self.clock = clock or SandboxClock(clock_factor)
        self._seed = seed
        self._media_delay = media_delay
        self._limits = limits
        self._kinds = provider_sandboxes()
        self._build()
        self._control = Control(self)
        self._listener = Listener(port, self.respond, self.clock.pause)
        self.world.origin = self.world.media.origin = self.url
        self._thread: threading.Thread | None = None

    def _build(self) -> None:
        dice = random.Random(self._seed)
        self.world = World(self.clock, Faults(dice), MediaHost(), dice, self._media_delay)
        self.windows = Windows(self.clock, self._limits_in_force())
        self.journal = Journal()
        self.providers: dict[str, ProviderSandbox] = {
            kind.name: kind(self.world) for kind in self._kinds
        }
        self._gates = {
            provider.prefix + "/": Gate(provider, self.world, self.windows, self.journal)
            for provider in self.providers.values()
        }

    def _limits_in_force(self) -> list[Limit]:
        if self._limits is not None:
            return list(self._limits)
        return [limit for kind in self._kinds for limit in kind.default_limits()]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def base_urls(self) -> dict[str, str]:
        return {kind.name: self.url + kind.prefix for kind in self._kinds}

    @property
    def api_keys(self) -> dict[str, str]:
        return {kind.name: kind.key for kind in self._kinds}

    @property
    def key_headers(self) -> dict[str, dict[str, str]]:
        """Give the header that carries the key, per provider."""
        return {name: provider.key_header() for name, provider in self.providers.items()}

    def media_url(self, name: str) -> str:
        """Give the address of a file at the media host, e.g. of `slide1.jpg`."""
        return f"{self.url}/media/{name}"

    def start(self) -> Self:
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.01},
            name="sandbox",
            daemon=True,
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        self.clock.stop()
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
        self._listener.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def respond(self, request: Request) -> Reply:
        if request.path.startswith("/_sandbox/"):
            return Reply(self._control.reply(request))
        if request.path.startswith("/media/"):
            return Reply(self.world.media.serve(request))
        for prefix, gate in self._gates.items():
            if request.path.startswith(prefix):
                return gate.reply(request)
        return Reply(Answer(404, {"error": "nothing is here"}))

    def add_fault(self, kind: str, **fields: Any) -> None:
        """See `Fault` for the fields; one without `count` fires once, `count=None` always."""
        self.add_faults([{"kind": kind, **fields}])

    def add_faults(self, rows: list[Json]) -> None:
        """Set all of them, or none when one is unknown."""
        kinds = SHARED.union(*(kind.switches for kind in self._kinds))
        for fault in [fault_from_json(row, kinds) for row in rows]:
            self.world.faults.add(fault)

    def clear_faults(self) -> None:
        self.world.faults.clear()

    def add_limit(self, limit: Limit) -> None:
        self.windows.add(limit)

    def faults(self) -> list[Json]:
        return self.world.faults.listed()

    def stored(self) -> list[Json]:
        """Everything all providers ever stored, in the order in which it came."""
        with self.world.lock:
            posts = [post for one in self.providers.values() for post in one.stored()]
        return [post.as_json() for post in sorted(posts, key=lambda post: post.sequence)]

    def requests(self) -> list[Json]:
        return self.journal.listed()

    def violations(self) -> list[Json]:
        """List the requests that came inside a block that had been announced."""
        return self.windows.violations()

    def set_account_status(self, provider: str, account_id: str, status: str) -> None:
        with self.world.lock:
            self.providers[provider].accounts[account_id].status = status

    def reset(self) -> None:
        """Forget everything; the port and the keys stay."""
        self._build()
        self.world.origin = self.world.media.origin = self.url
