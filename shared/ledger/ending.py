"""An ending: a claim and what came of it, as it is written with others."""

from dataclasses import dataclass
from typing import Any

from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.ledger.events import Stamp
from shared.ledger.rows import answer_columns


@dataclass(frozen=True, slots=True)
class Ending:
    """A claim and what came of it."""

    job: Job
    settlement: Settlement
    stamp: Stamp


class NotTogether(Exception):
    """One of several endings is not like the others; nothing of them may be kept."""


@dataclass(frozen=True, slots=True)
class Change:
    """An ending and what it makes of its job's columns."""

    ending: Ending
    columns: dict[str, Any]

    @property
    def guard(self) -> dict[str, int]:
        return {"of_job": self.ending.job.id, "of_fence": self.ending.job.fence}

    @property
    def answer(self) -> dict[str, str | None]:
        """What it makes of its attempt's columns."""
        settlement = self.ending.settlement
        return {"outcome": settlement.outcome, **answer_columns(settlement)}
