"""What all wires of a process share, and whose leave a publish call needs."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.clock import Clock
from shared.domain.limit import Limiter
from shared.domain.shelf import Shelf
from shared.wire.clients import Clients
from shared.wire.turns import Turns
from shared.wire.watchdog import Watchdog


class Gate(Protocol):
    """Who may send a publish call: the holder of a live claim, after its attempt is on record."""

    def ready(self) -> None:
        """Return when the job's time has come."""

    def resting(self) -> AbstractContextManager[None]:
        """Return what is entered to wait for a slot, so that other jobs may run meanwhile."""

    def open(self, memo: Mapping[str, Any]) -> None:
        """Commit the attempt row with `memo`, or raise LeaseLost; then the first byte leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What all wires of a process share."""

    clients: Clients
    watchdog: Watchdog
    limiter: Limiter
    clock: Clock
    shelf: Shelf
    turns: Turns = field(default_factory=Turns)
