"""Runs the embedded Redis of one home in the foreground: `python -m shared.embedded HOME`."""

import signal
import sys
import threading
from pathlib import Path

from shared.embedded.valkey import EmbeddedRedis
from shared.errors import DroplineError

_LOOK_EVERY_S = 0.5


def main(home: Path) -> int:
    """Serve until SIGINT or SIGTERM (0), or until the server died (1)."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with EmbeddedRedis(home) as redis:
        sys.stdout.write(f"the embedded Redis of {home} is ready\n")
        sys.stdout.flush()
        while not stopping.wait(_LOOK_EVERY_S):
            if redis.pid is None:
                sys.stderr.write(f"the embedded Redis of {home} is gone\n")
                return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except DroplineError as error:
        sys.exit(str(error))
