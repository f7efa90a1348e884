"""A Redis of our own: one per home, on loopback, durable, gone when its starter is gone."""

import fcntl
import os
import secrets
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.embedded.note import Note
from shared.embedded.server import Server, answering_pid, free_port
from shared.embedded.waiting import until
from shared.errors import PartUnreachable

_START_WITHIN = timedelta(seconds=30)
_PORT_TRIES = 3


def known_url(home: Path) -> str | None:
    """Tell where this home's server listens, or listened last; None before its first start."""
    note = Note.read(_note_path(home))
    return note.url if note else None


class EmbeddedRedis:
    """The server of one home folder.

    Whoever finds a live server of the same home uses it and leaves it to its starter. The server
    holds a file lock for as long as it lives, so that two never write one append-only file.
    """

    def __init__(self, home: Path) -> None:
        self._note_path = _note_path(home.resolve())
        self._folder = home.resolve() / "redis"
        self._note: Note | None = None
        self._server: Server | None = None

    @property
    def url(self) -> str:
        if self._note is None:
            raise PartUnreachable("the embedded Redis is not started")
        return self._note.url

    @property
    def pid(self) -> int | None:
        """Tell which process answers now, whoever started it."""
        return answering_pid(self._note) if self._note else None

    def start(self) -> Self:
        """Start the server, or use the one this home has; again after a crash, at its address."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as wrong:
            raise PartUnreachable(
                f"the folder {self._folder} cannot be made: {wrong.strerror}; set DROPLINE_HOME"
            ) from None
        if not until(lambda: self._join() or self._start_alone(), _START_WITHIN):
            raise PartUnreachable(
                f"a Redis server holds {self._folder} but does not answer at the address in "
                f"{self._note_path}; stop it and try again"
            )
        return self

    def stop(self) -> None:
        """Stop the server if we started it; twice does no harm."""
        if self._server:
            self._server.stop()
        self._server = self._note = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _join(self) -> bool:
        """Use a live server that knows our password; one whose starter is dead has to go."""
        note = Note.read(self._note_path)
        pid = answering_pid(note) if note else None
        if note is None or pid is None:
            return False
        if not _alive(note.owner_pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            return False
        self._note = note
        return True

    def _start_alone(self) -> bool:
        """Start a server under the lock; false while another one has it."""
        with (self._folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._launch(lock.fileno())
        return True

    def _launch(self, lock_fd: int) -> None:
        self.stop()  # a server of ours that died
        last = Note.read(self._note_path)
        password = last.password if last else secrets.token_urlsafe(24)
        for _ in range(_PORT_TRIES):  # the port found free may be taken before we have it
            note = Note(free_port(last.port if last else 0), password, os.getpid())
            server = Server(self._folder, note, lock_fd)
            if server.wait_ready():
                note.write(self._note_path)
                self._note, self._server = note, server
                return
            server.stop()
        raise PartUnreachable(f"the embedded Redis does not start: {server.last_words()}")


def _note_path(home: Path) -> Path:
    return home / "redis.json"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
