"""Records: what came of attempts, written however long SQL is away: no answer is thrown away."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from typing_extensions import override

from shared.clock import Clock
from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.settling import held_for_person
from shared.errors import PartUnreachable, PublishClaimed
from shared.ledger import Ledger
from shared.ledger.claims import Settled
from shared.ledger.ending import Ending
from shared.ledger.events import Stamp
from shared.logs import logger

log = logger(__name__)

FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=5)


class Recorder(Protocol):
    """Who writes settlements; `then` is called when this one is stored, or can never be."""

    def record(self, job: Job, settlement: Settlement, then: Callable[[], None]) -> None: ...


class Records(Recorder):
    """Writes settlements at once, on the thread of whoever has them."""

    def __init__(self, ledger: Ledger, clock: Clock, owner: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self._owner = owner

    @override
    def record(self, job: Job, settlement: Settlement, then: Callable[[], None]) -> None:
        try:
            self.write([self.ending(job, settlement)])
        finally:
            then()

    def ending(self, job: Job, settlement: Settlement) -> Ending:
        return Ending(job, settlement, Stamp(self._clock.now(), self._owner))

    def write(self, endings: Sequence[Ending]) -> None:
        """Return when each is stored, or is known to be one that never can be."""
        pause = FIRST_PAUSE
        while endings := self._write(endings):
            self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _write(self, endings: Sequence[Ending]) -> list[Ending]:
        """Return those that must be written again."""
        answers = self._ledger.claims.settle_all(endings)
        again = [_again(ending, answer) for ending, answer in zip(endings, answers, strict=True)]
        return [ending for ending in again if ending is not None]


def _again(ending: Ending, answer: Settled | Exception) -> Ending | None:
    """Say what became of a settlement, and return what is still to be written."""
    job, settlement = ending.job, ending.settlement
    named = log.bind(job=job.id, connection=job.connection)
    match answer:
        case Settled.MOVED:
            named.info("settled", to=str(settlement.to), why=settlement.why)
        case Settled():
            named.warning("the claim was lost", answer=str(answer), outcome=settlement.outcome)
        case PublishClaimed():
            why = "the provider answered with the id of another job's publish"
            held = held_for_person(why, settlement.fault, stray=settlement.receipt)
            return replace(ending, settlement=held)
        case PartUnreachable():
            named.warning("an answer waits", why=str(answer), outcome=settlement.outcome)
            return ending
        case surprise:
            named.error(
                "a settlement cannot be written; the lease brings its job back", exc_info=surprise
            )
    return None
