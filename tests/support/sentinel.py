"""A real Sentinel over a real master, for tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.embedded.binary import find_server
from shared.embedded.server import free_port


def password_of(url: str) -> str:
    return url.partition("://:")[2].partition("@")[0]


def port_of(url: str) -> str:
    return url.rpartition(":")[2].partition("/")[0]


@contextmanager
def sentinel(home: Path, master_port: str, password: str) -> Iterator[int]:
    """Run a Sentinel that knows the master as `posts`, and give its port."""
    port = free_port(0)
    config = home / "sentinel.conf"
    config.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {home}\n"
        f"sentinel monitor posts 127.0.0.1 {master_port} 1\n"
        f"sentinel auth-pass posts {password}\n"
    )
    with subprocess.Popen(
        [find_server(), str(config), "--sentinel"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield port
        finally:
            process.terminate()
