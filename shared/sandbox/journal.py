"""The log of requests: what was asked and answered, never a header."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Json

_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request; `status` is None when the connection was closed without an answer."""

    time: datetime
    provider: str
    method: str
    path: str
    call: str
    status: int | None
    fault: str | None


class Journal:
    """The newest entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def listed(self) -> list[Json]:
        with self._lock:
            return [asdict(entry) | {"time": iso_ms(entry.time)} for entry in self._entries]
