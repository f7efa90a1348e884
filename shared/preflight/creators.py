"""What creators allow: each account is asked about once, and trouble is told once a connection."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import Clock
from shared.connected import Connected
from shared.domain.creator import Creator
from shared.errors import DroplineError, PartUnreachable
from shared.preflight.errands import Crew, run_errands
from shared.wire.answer import CallFailed, NoAnswer

#: Of all connections, and of one.
CREW = Crew(at_once=8, at_one_place=2)


@dataclass(frozen=True, slots=True)
class CreatorKey:
    """One account at one connection."""

    connection: str
    account_id: str


Ask = Callable[[Connected, str], Creator]


class Creators:
    """Asks about many accounts; `notes` says what could not be asked, and why."""

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        #: Connections that cannot be asked, with the reason.
        self._shut: dict[str, str] = {}
        self.notes: list[str] = []

    def of(
        self, wanted: Iterable[tuple[Connected, str]], within: timedelta
    ) -> dict[CreatorKey, Creator]:
        """Return what is known; an account that nobody could be asked about is left out."""
        connected = {CreatorKey(each.name, account): each for each, account in wanted}
        found = run_errands(
            {key: key.connection for key in connected},
            lambda key: self._one(connected[key], key),
            clock=self._clock,
            deadline=self._clock.monotonic() + within.total_seconds(),
            crew=CREW,
        )
        self._note(connected, found)
        return {key: creator for key, creator in found.items() if creator is not None}

    def _one(self, connected: Connected, key: CreatorKey) -> Creator | None:
        if key.connection in self._shut:
            return None
        try:
            return self._ask(connected, key.account_id)
        except (NoAnswer, CallFailed, PartUnreachable) as broken:
            self._shut_off(key, broken)
            return None

    def _shut_off(self, key: CreatorKey, broken: DroplineError) -> None:
        """Ask no more where nobody answers; a refusal may concern the one account only."""
        with self._lock:
            if not isinstance(broken, CallFailed) or broken.again:
                self._shut.setdefault(key.connection, str(broken))
                return
            whose = f"the creator of {key.account_id} ({key.connection})"
            self.notes.append(f"what {whose} allows was not told: {broken}")

    def _note(
        self, wanted: dict[CreatorKey, Connected], found: dict[CreatorKey, Creator | None]
    ) -> None:
        late = {key.connection for key in wanted if key not in found}
        for connection in sorted(late | self._shut.keys()):
            why = self._shut.get(connection, "there was no time left for it")
            self.notes.append(f"what creators allow at {connection} was not checked: {why}")
