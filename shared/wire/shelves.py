"""One job at the shelf: what is there is used, what nobody brings is brought, the rest awaited."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self, TypeVar

from typing_extensions import override

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.shelf import TRUST, Standing, lease_for
from shared.errors import PartUnreachable
from shared.wire.answer import NotAdmitted
from shared.wire.wire import Wire

#: How often a job looks whether another one has uploaded its file, how long it stands and waits
#: for that, and how soon it comes back afterwards.
LOOK_EVERY = timedelta(milliseconds=200)
PATIENCE = timedelta(seconds=5)
COME_BACK = timedelta(seconds=2)

Each = TypeVar("Each")


class AtShelf(AbstractContextManager["AtShelf"]):
    """What one job takes from a connection's shelf and puts there; what it took it leaves."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._shelf = wire.road.shelf
        self._connection = wire.connection.name
        self._by = uuid.uuid4().hex
        self._taken: set[str] = set()

    def look(self, contents: Sequence[str]) -> Mapping[str, Standing]:
        if not contents:
            return {}
        return self._shelf.look(self._connection, contents, now=self._wire.clock.now())

    def take(self, contents: Sequence[str], size_bytes: int = 0) -> Mapping[str, Standing]:
        """Return how it stands with files of so many bytes together, claiming what is absent."""
        now, lease = self._wire.clock.now(), lease_for(size_bytes)
        found = self._shelf.take(self._connection, contents, by=self._by, now=now, lease=lease)
        self._taken.update(content for content, each in found.items() if each.mine)
        return found

    def put(self, content: str, stored: Standing, *, lasting: bool = True) -> None:
        """Keep what the provider calls a file; what is not lasting is brought anew after a while.

        An address with a query may carry a signature: it stays with the job alone.
        """
        if "?" in (stored.media_id or ""):
            return
        now = self._wire.clock.now()
        until = None if lasting else now + TRUST
        self._shelf.put(self._connection, content, stored, now=now, expires_at=until)
        self._taken.discard(content)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._taken:
            # Where SQL is away, the lease leaves them.
            with suppress(PartUnreachable):
                self._shelf.leave(self._connection, by=self._by)

    @override
    def __enter__(self) -> Self:
        return self


def until_none_left(
    wire: Wire, files: Sequence[Each], round_of: Callable[[Sequence[Each]], Sequence[Each]]
) -> None:
    """Go round until no file is left that somebody else uploads. Raises NotAdmitted."""
    until = wire.clock.now() + PATIENCE
    while files and (files := round_of(files)):
        now = wire.clock.now()
        if now >= until:
            message = "another job uploads the same file"
            fault = Fault(error_class=ErrorClass.TRANSIENT, code="media_busy", message=message)
            raise NotAdmitted(fault, now + COME_BACK)
        wire.pause(LOOK_EVERY)
