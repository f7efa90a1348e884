"""HTTP/1.1 over sockets: reads requests whole, writes answers whole, slowly, half or not at all."""

import os
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

from shared.sandbox.exchange import Answer, Request
from shared.sandbox.gate import Reply

_IN_MEMORY_BYTES = 1_000_000
_CHUNK_BYTES = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Responder = Callable[[Request], Reply]
Pause = Callable[[timedelta], None]


class Listener(ThreadingHTTPServer):
    """One thread per connection; `stop` closes the connections that are still open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, port: int, respond: Responder, pause: Pause) -> None:
        self.respond = respond
        self.pause = pause
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Conversation)

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle are no news; everything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Close everything; `shutdown` has to have been called if it was ever serving."""
        self.server_close()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Conversation(BaseHTTPRequestHandler):
    """One connection: requests one after the other until somebody closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = _CHUNK_BYTES
    server: Listener

    def _converse(self) -> None:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as stream:
            self._fill(stream)
            reply = self.server.respond(self._received(stream))
        if reply.answer is not None:
            self._send(reply.answer, reply)
        if reply.close is not None:
            self._close(reply.close)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _converse  # noqa: N815 - http.server's

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the journal has it."""

    def _received(self, stream: IO[bytes]) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            stream=stream,
        )

    def _fill(self, stream: IO[bytes]) -> None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self._copy_chunks(stream)
        else:
            self._copy(int(self.headers.get("Content-Length") or 0), stream)
        stream.seek(0)

    def _copy_chunks(self, stream: IO[bytes]) -> None:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            self._copy(size, stream)
            self.rfile.readline()
        while self.rfile.readline() not in {b"\r\n", b""}:
            pass

    def _copy(self, size: int, stream: IO[bytes]) -> None:
        while size > 0:
            chunk = self.rfile.read(min(size, _CHUNK_BYTES))
            if not chunk:
                raise ConnectionError("the client went away in the middle of a body")
            stream.write(chunk)
            size -= len(chunk)

    def _send(self, answer: Answer, reply: Reply) -> None:
        content = self._head(answer) + answer.payload()
        if reply.half:
            content = content[: len(content) - len(answer.payload()) // 2 - 1]
        if not reply.pace:
            self.connection.sendall(content)
            return
        for position in range(len(content)):
            self.connection.sendall(content[position : position + 1])
            self.server.pause(reply.pace)

    def _head(self, answer: Answer) -> bytes:
        phrase = self.responses.get(answer.status, ("Unknown", ""))[0]
        headers = {
            "Date": self.date_time_string(),
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.payload())),
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _close(self, how: str) -> None:
        """Close for real and at once: `rst` resets the connection, `fin` ends it politely."""
        self.close_connection = True
        if how == "rst":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        else:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        os.close(self.connection.detach())
