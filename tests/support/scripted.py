"""A loopback server that answers as it was told and remembers what it was asked."""

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

#: Larger bodies are counted and hashed, not kept, so that a test can watch its own memory.
KEPT_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came over the wire; `path` keeps its percent-encoding."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    size_bytes: int
    sha256: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def call(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer: `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Close the connection instead of answering; the request was read whole.
    dropped: bool = False


def answered(body: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status=status, body=body, headers=headers)


DROPPED = Reply(dropped=True)

Answering = Reply | Callable[[Received], Reply]


class Scripted:
    """Answers each (method, path) with the replies scripted for it; the last one repeats."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        #: Calls nobody scripted; they are answered with a 404 that no sheet knows.
        self.unexpected: list[str] = []
        self._script: dict[tuple[str, str], list[Answering]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Exchange)
        self._server.scripted = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def on(self, method: str, path: str, *replies: Answering) -> Self:
        self._script[method, path] = list(replies)
        return self

    @property
    def calls(self) -> list[str]:
        return [request.call for request in self.requests]

    def asked(self, method: str, path: str) -> list[Received]:
        return [each for each in self.requests if (each.method, each.path) == (method, path)]

    def answer(self, request: Received) -> Reply:
        with self._lock:
            self.requests.append(request)
            replies = self._script.get((request.method, request.path))
            if not replies:
                self.unexpected.append(request.call)
                return answered({"error": f"not scripted: {request.call}"}, 404)
            reply = replies[0] if len(replies) == 1 else replies.pop(0)
        return reply(request) if callable(reply) else reply

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: Clients keep their connections; joining their threads would wait for them.
    block_on_close = False
    scripted: Scripted

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up early: some do on purpose."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        reply = self.server.scripted.answer(self._received())
        if reply.dropped:
            self.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if reply.body is None:
            body = b""
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def _received(self) -> Received:
        parts = urlsplit(self.path)
        left = int(self.headers.get("Content-Length") or 0)
        size, digest, kept = left, hashlib.sha256(), bytearray()
        while left and (chunk := self.rfile.read(min(left, 65_536))):
            left -= len(chunk)
            digest.update(chunk)
            kept += chunk if len(kept) < KEPT_MAX_BYTES else b""
        return Received(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=bytes(kept),
            size_bytes=size,
            sha256=digest.hexdigest(),
        )

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output to itself."""
