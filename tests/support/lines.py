"""A text stream that a test can wait on, line by line."""

import io
import queue
from datetime import timedelta
from time import monotonic

from typing_extensions import override

PATIENCE = timedelta(seconds=20)


class Lines(io.StringIO):
    """Collects what is written; `expect` waits until a line holds a text."""

    def __init__(self) -> None:
        super().__init__()
        self._new: queue.SimpleQueue[str] = queue.SimpleQueue()

    @override
    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._new.put(line)
        return super().write(text)

    def expect(self, text: str, within: timedelta = PATIENCE) -> str:
        """Wait for the next line, after those already expected, that holds the text."""
        deadline = monotonic() + within.total_seconds()
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {text!r} in:\n{self.getvalue()}") from None
            if text in line:
                return line
