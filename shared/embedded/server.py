"""One running Redis-protocol server: its process, its configuration, its answers."""

import socket
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared.embedded.binary import find_server
from shared.embedded.note import Note
from shared.embedded.waiting import until
from shared.guardian import Guardian

_READY_WITHIN = timedelta(seconds=30)
_STOP_WITHIN = timedelta(seconds=10)


class Server:
    """A server process of ours, writing to one folder."""

    def __init__(self, folder: Path, note: Note, lock_fd: int) -> None:
        self._log = folder / "server.log"
        self._note = note
        with self._log.open("wb") as log:
            # The lock travels with its open file: it is held until this process has ended.
            self._process = subprocess.Popen(  # noqa: S603 - the program find_server found
                [find_server(), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[lock_fd],
                start_new_session=True,
            )
        self._guardian = Guardian()
        self._guardian.watch(self._process.pid)
        self._configure(_configuration(folder, note))

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self) -> bool:
        """Wait until it answers; false when it ended instead, or never did."""
        until(lambda: self._ended() or answering_pid(self._note) is not None, _READY_WITHIN)
        return not self._ended() and answering_pid(self._note) == self.pid

    def stop(self) -> None:
        # SIGTERM makes the server write and sync what it holds before it ends.
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._guardian.release(self.pid)
        self._guardian.close()

    def last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return " / ".join(line.strip() for line in lines[-3:]) or "it said nothing"

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def _configure(self, text: str) -> None:
        # Through standard input, since arguments are for every user of the machine to read.
        if self._process.stdin:
            with suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(text.encode())


def answering_pid(note: Note) -> int | None:
    """Ask which process answers at the noted address to the noted password."""
    once = Retry(NoBackoff(), retries=0)
    with Redis.from_url(note.url, socket_timeout=2, retry=once) as client:
        try:
            client.ping()
            return int(client.info("server")["process_id"])
        except (RedisError, KeyError, ValueError):
            return None


def free_port(wish: int) -> int:
    """Take the wished port of loopback if nobody has it, else any free one."""
    for port in (wish, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("loopback has no free port")


def _configuration(folder: Path, note: Note) -> str:
    quoted_folder = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    lines = (
        "bind 127.0.0.1",
        f"port {note.port}",
        f"requirepass {note.password}",
        f'dir "{quoted_folder}"',
        "daemonize no",
        'save ""',
        "appendonly yes",
        "appendfsync everysec",
        # An evicting Redis silently drops messages and windows.
        "maxmemory-policy noeviction",
    )
    return "\n".join(lines) + "\n"
