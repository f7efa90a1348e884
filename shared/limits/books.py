"""The books: who counts requests. Redis counts for all processes, memory for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from typing_extensions import override

from shared.domain.limit import ALONE, Block, Call, Scope, Unit
from shared.limits.gauge import Gauge

#: A window has two sides, reads and sends; with its mark the nonce of each request begins.
READS = "r"
SENDS = "s"

#: A request without an answer is taken to be under way for this long, not longer.
LONGEST_CALL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The slots that one request holds; the port gives it out as text."""

    nonce: str
    admitted_ms: int
    #: How many slots it holds in each window, by the window's id.
    costs: Mapping[str, int]

    @override
    def __str__(self) -> str:
        slots = (f"{id_}={cost}" for id_, cost in self.costs.items())
        return " ".join((self.nonce, str(self.admitted_ms), *slots))

    @classmethod
    def parse(cls, text: str) -> "Reservation":
        nonce, admitted_ms, *slots = text.split(" ")
        pairs = (slot.rsplit("=", 1) for slot in slots)
        costs = {id_: int(cost) for id_, cost in pairs}
        return cls(nonce=nonce, admitted_ms=int(admitted_ms), costs=costs)


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
    #: How many slots it takes in a window of each unit.
    costs: Mapping[Unit, int]
    #: READS, which give way to publishing, or SENDS.
    side: str
    #: What is left to reads all the same.
    share: float

    @property
    def is_alone(self) -> bool:
        """Whether it is a read with no others behind it."""
        return self.side == READS and self.call in ALONE


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
class Refusal:
    """A 429 that names no figure, to a request of ours."""

    ask: Ask
    reservation: Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """All that one answer, or one order to block, changes in the books."""

    connection: str
    lessons: Sequence[Lesson] = field(default_factory=tuple)
    #: The server says how much it bears: nothing need be found by trial.
    has_figures: bool = False
    refusal: Refusal | None = None
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
    source: str
    #: Changes with every request that the window counts.
    mark: str = ""


class Books(Protocol):
    """Counts requests; every method raises LimiterUnavailable when it cannot be asked."""

    def reserve(self, ask: Ask, ended: Sequence[Ended], now: datetime) -> Verdict:
        """Take the slots in every window, or in none."""

    def survey(self, asks: Sequence[Ask], ended: Sequence[Ended], by: datetime) -> list[Verdict]:
        """Say for each scope what `reserve` would, taking nothing; no room is noted as demand."""

    def give_back(self, reservation: Reservation, ended: Sequence[Ended], now: datetime) -> None:
        """Free the slots of a request that was not sent."""

    def learn(self, teaching: Teaching, ended: Sequence[Ended], now: datetime) -> list[Standing]:
        """Take in what was taught, and return the windows whose limit is news."""

    def standings(
        self, ended: Sequence[Ended], now: datetime
    ) -> tuple[list[Standing], list[Block]]:
        """Return every window and every block."""

    def epoch(self) -> str:
        """Return the name of this memory; another one has forgotten what this one knew."""
