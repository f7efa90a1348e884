"""One stream shared by many children: whole lines only, each with its speaker's name."""

import contextlib
import threading
from typing import BinaryIO, TextIO

_COLOURS = (36, 33, 32, 35, 34, 31)  # ANSI foregrounds: cyan, yellow, green, magenta, blue, red
_LONGEST_LINE_BYTES = 64 * 1024


class Output:
    """Where the children's lines go."""

    def __init__(self, stream: TextIO, names: list[str], *, colour: bool) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        width = max(map(len, names), default=0)
        self._prefixes = {
            name: _prefix(name, width, _COLOURS[place % len(_COLOURS)] if colour else None)
            for place, name in enumerate(names)
        }

    def say(self, name: str, line: str) -> None:
        # A reader who went away (`| head`) must not stop the children: keep draining.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{self._prefixes[name]}{line}\n")
            self._stream.flush()

    def forward(self, name: str, pipe: BinaryIO) -> None:
        with pipe:
            while raw := pipe.readline(_LONGEST_LINE_BYTES):
                self.say(name, raw.decode(errors="replace").rstrip("\r\n"))


def _prefix(name: str, width: int, colour: int | None) -> str:
    label = f"{name:<{width}} | "
    return label if colour is None else f"\x1b[{colour}m{label}\x1b[0m"
