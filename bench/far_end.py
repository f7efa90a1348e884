"""The far end of a benchmark: a provider in a process of its own that costs next to no CPU.

It speaks as much of WAHDX as publishing an image needs: the account list, and a publish call
that is answered after a delay. `GET /log` tells when each caption came in, and clears it.
`python -m bench.far_end --port N --delay SECONDS`
"""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import ClassVar

from typing_extensions import override

from shared.embedded.server import free_port
from shared.guardian import Guardian

ACCOUNTS = 200


def account_ids() -> list[str]:
    return [f"account-{number:03}" for number in range(ACCOUNTS)]


_NONE: Mapping[str, object] = MappingProxyType({})


class FarEnd(asyncio.Protocol):
    """One connection: a request at a time, a small body, a small answer."""

    delay = 0.0
    accounts: ClassVar[bytes]
    log: ClassVar[list[tuple[str, float]]] = []

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""

    @override
    def data_received(self, data: bytes) -> None:
        """Answer when the whole of a request is here."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._buffer = b""
        self._reply(head.split(b" ", 2), body)

    def _reply(self, line: list[bytes], body: bytes) -> None:
        method, path = line[0], line[1]
        if path == b"/log":
            answer = json.dumps(self.log).encode()
            self.log.clear()
            self._send(answer)
        elif method == b"GET":
            self._send(self.accounts)
        else:
            caption = json.loads(body)["content"]
            self.log.append((caption, time.time()))
            asyncio.get_running_loop().call_later(self.delay, self._send, published(caption))

    def _send(
        self, body: bytes, status: str = "200 OK", headers: Mapping[str, object] = _NONE
    ) -> None:
        lines = {"Content-Type": "application/json", "Content-Length": len(body), **headers}
        head = "\r\n".join([f"HTTP/1.1 {status}", *(f"{key}: {lines[key]}" for key in lines)])
        self._transport.write(head.encode() + b"\r\n\r\n" + body)  # type: ignore[attr-defined]


def published(publish_id: str) -> bytes:
    facts = {"publish_id": publish_id, "status": "PUBLISHED"}
    return json.dumps({"success": True, "data": facts}).encode()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


FarEnd.accounts = json.dumps(
    {
        "success": True,
        "data": [
            {
                "accountId": each,
                "platform": "instagram",
                "username": each,
                "status": "active",
            }
            for each in account_ids()
        ],
    }
).encode()


def far_end(delay_s: float) -> AbstractContextManager[str]:
    """Start a far end that answers after so many seconds, and give its address."""
    return running("bench.far_end", "--delay", str(delay_s))


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """Start a far end in a process of its own and give its address."""
    port = free_port(0)
    command = [sys.executable, "-m", module, "--port", str(port), *arguments]
    guardian = Guardian()
    process = subprocess.Popen(command)
    guardian.watch(process.pid)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        guardian.close()


def came_in(url: str) -> list[tuple[str, float]]:
    """Return the captions that came in since the last question, with their Unix times."""
    with urllib.request.urlopen(f"{url}/log") as answer:
        return [(caption, at) for caption, at in json.load(answer)]


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the far end does not listen")


async def serve(port: int, protocol: type[FarEnd]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, required=True)
    given = parser.parse_args()
    FarEnd.delay = given.delay
    asyncio.run(serve(given.port, FarEnd))
