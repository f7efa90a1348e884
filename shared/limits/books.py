"""The books: who counts requests. Redis counts for all processes, memory for one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from typing_extensions import override

from shared.domain.limit import Block, Call, Scope
from shared.limits.gauge import Gauge

#: A request without an answer is taken to be under way for this long, not longer.
LONGEST_CALL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The slots that one request holds; the port gives it out as text."""

    nonce: str
    cost: int
    admitted_ms: int
    ids: tuple[str, ...]

    @override
    def __str__(self) -> str:
        return " ".join((self.nonce, str(self.cost), str(self.admitted_ms), *self.ids))

    @classmethod
    def parse(cls, text: str) -> "Reservation":
        nonce, cost, admitted_ms, *ids = text.split(" ")
        return cls(nonce=nonce, cost=int(cost), admitted_ms=int(admitted_ms), ids=tuple(ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A request that is over: an answer came, or its thread went on to the next one."""

    reservation: Reservation
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """May this scope make this call now? Its declared windows come along."""

    scope: Scope
    call: Call
    gauges: Sequence[Gauge]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the books say: slots taken or free, or when and because of what."""

    reservation: Reservation | None = None
    #: None = no window counts this call.
    free: int | None = None
    opens: datetime | None = None
    why: str = ""
    #: Bare 429s in a row, when the request was admitted.
    streak: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One window as an answer describes it, matched to the gauge that counts it."""

    gauge: Gauge
    limit: int | None
    remaining: int | None
    reset_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """All that one answer, or one order to block, changes in the books."""

    connection: str
    lessons: Sequence[Lesson] = field(default_factory=tuple)
    block: Block | None = None
    #: The streak of bare 429s to note; 0 ends it, None leaves it.
    streak: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One window that the books hold."""

    gauge: Gauge
    limit: int
    used: int
    #: When its first slot is free again; None while none is taken.
    resets_at: datetime | None
    #: When nothing of what is counted now will count any more.
    empties_at: datetime
    learnt: bool
    #: Changes with every request that the window counts.
    mark: str = ""


class Books(Protocol):
    """Counts requests; every method raises LimiterUnavailable when it cannot be asked."""

    def reserve(self, ask: Ask, cost: int, ended: Sequence[Ended], now: datetime) -> Verdict:
        """Take `cost` slots in every window, or in none."""

    def survey(self, asks: Sequence[Ask], ended: Sequence[Ended], now: datetime) -> list[Verdict]:
        """Say for each scope what `reserve` would, taking nothing."""

    def give_back(self, reservation: Reservation, ended: Sequence[Ended], now: datetime) -> None:
        """Free the slots of a request that was not sent."""

    def learn(self, teaching: Teaching, ended: Sequence[Ended], now: datetime) -> list[Standing]:
        """Take in what was taught, and return the windows whose limit is news."""

    def standings(
        self, ended: Sequence[Ended], now: datetime
    ) -> tuple[list[Standing], list[Block]]:
        """Return every window and every block."""

    def epoch(self, now: datetime) -> str:
        """Return the name of this memory; another one has forgotten what this one knew."""
