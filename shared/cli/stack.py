"""What the processes stand on when nobody gives it: the embedded Redis, and the sandbox."""

import io
import json
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from typing_extensions import override

from shared.broker import Broker
from shared.embedded import known_url
from shared.errors import PartUnreachable
from shared.settings import Settings
from shared.supervisor import Child, Supervisor

_READY_WITHIN = timedelta(seconds=60)


@contextmanager
def redis_for(settings: Settings, stream: TextIO | None = None) -> Iterator[str]:
    """Give the address of Redis: the one that is set, else an embedded one kept running here."""
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    command = [sys.executable, "-m", "shared.embedded", str(settings.home)]
    with Supervisor([Child("redis", command)], stream) as supervisor:
        supervisor.wait_ready(lambda: _answers(settings.home), _READY_WITHIN)
        yield known_url(settings.home) or ""


@contextmanager
def sandbox(*options: str, stream: TextIO | None = None) -> Iterator[Mapping[str, Any]]:
    """Run the sandbox of all providers and give what it announces: base URLs and keys.

    Its port is chosen here, so that it comes back at its address after a crash.
    """
    ear = _Ear(stream or sys.stdout)
    command = [sys.executable, "-m", "shared.sandbox", "--port", str(_free_port()), *options]
    with Supervisor([Child("sandbox", command)], ear, colour=False) as supervisor:
        supervisor.wait_ready(lambda: ear.heard is not None, _READY_WITHIN)
        yield ear.heard or {}


def sandbox_variables(announced: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment that points a connection of each provider at the sandbox."""
    variables: dict[str, str] = {}
    for provider, base_url in announced["base_urls"].items():
        prefix = f"DROPLINE_{provider.upper()}"
        variables[f"{prefix}_BASE_URL"] = base_url
        variables[f"{prefix}_API_KEY"] = announced["api_keys"][provider]
    return variables


class _Ear(io.StringIO):
    """Passes lines on, but for the one in which the sandbox says where it is."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self.heard: Mapping[str, Any] | None = None

    @override
    def write(self, line: str, /) -> int:
        _, brace, rest = line.partition('{"url"')
        if brace:
            self.heard = json.loads(brace + rest)
            return len(line)
        return self._stream.write(line)

    @override
    def flush(self) -> None:
        self._stream.flush()


def _answers(home: Path) -> bool:
    url = known_url(home)
    if url is None:
        return False
    with closing(Broker(url)) as broker:
        try:
            broker.ping()
        except PartUnreachable:
            return False
        return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
