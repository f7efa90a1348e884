"""A TCP proxy in front of a real server, which can refuse, cut, fall silent or eat an answer."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65_536


class TcpProxy:
    """Forwards one loopback port to another, as long as it is told to."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        #: The client's bytes at which its connection is cut once they were passed on, such as
        #: `COMMIT`: the server does it, and nobody learns that it did.
        self.eats_answer_to: tuple[bytes, ...] = ()
        self._refusing = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def refuse(self) -> None:
        """Cut every connection and let no new one through, as while the server restarts."""
        self._refusing.set()
        self.cut()

    def silence(self) -> None:
        """Take connections and bytes and pass nothing on: a half-open connection."""
        self._flowing.clear()

    def heal(self) -> None:
        """Be a plain wire again; connections from before are gone."""
        self._refusing.clear()
        if not self._flowing.is_set():
            self.cut()
        self._flowing.set()

    def cut(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _close(*pair)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._flowing.set()
        self._refusing.set()
        _close(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing.is_set():
                _close(client)
                continue
            self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
        except OSError:
            _close(client)
            return
        server.settimeout(None)
        with self._lock:
            self._pairs.add((client, server))
        for source, sink in ((client, server), (server, client)):
            thread = threading.Thread(
                target=self._pump, args=(source, sink, source is client), daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(CHUNK_BYTES):
                self._flowing.wait()
                eaten = self.eats_answer_to
                if from_client and any(each in content for each in eaten):
                    self.eats_answer_to = ()
                    # The server's end stays open long enough to carry the command out.
                    _half_close(source)
                    sink.sendall(content)
                    sink.recv(CHUNK_BYTES, socket.MSG_PEEK)
                    break
                sink.sendall(content)
        _close(source, sink)


def _half_close(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
