"""The series of a plan: each next occurrence becomes a job while the plan's own work goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.domain.recurrence import Occurrence
from shared.domain.series import HORIZON
from shared.plan.backlog import PlannedJob
from shared.plan.loop import Loop
from shared.plan.model import Coming, PlannedCampaign, Question
from shared.plan.rows import Rows

#: Of all series together so many jobs are made at most; a plan has to end.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class _Source:
    """One series, of the campaign of this number."""

    number: int
    campaign: PlannedCampaign
    coming: Coming
    ahead: Iterator[Occurrence]


class Recurring:
    """Makes the jobs of series as the scheduler does: when the one before has gone by."""

    def __init__(
        self,
        question: Question,
        rows: Rows,
        loop: Loop,
        goes_on: Callable[[], bool],
        join: Callable[[PlannedJob], None],
    ) -> None:
        """`goes_on` tells whether anybody still waits for what the plan is about."""
        self._rows = rows
        self._loop = loop
        self._goes_on = goes_on
        self._join = join
        self.made = 0
        #: The first occurrence that was left out because there were too many.
        self.cut_at: datetime | None = None
        for number, campaign in enumerate(question.campaigns, 1):
            for coming in campaign.coming:
                ahead = coming.series.recurrence.occurrences(coming.after)
                source = _Source(number, campaign, coming, ahead)
                self._await(source, question.start)

    def _await(self, source: _Source, before: datetime) -> None:
        following = next(source.ahead, None)
        if following is not None:
            at = max(before, following.at - HORIZON)
            self._loop.at(at, lambda: self._make(source, following))

    def _make(self, source: _Source, occurrence: Occurrence) -> None:
        if not self._goes_on():
            return
        if self.made >= MOST:
            self.cut_at = min(self.cut_at or occurrence.at, occurrence.at)
            return
        self.made += 1
        series = source.coming.series
        job = series.job(occurrence)
        self._join(self._rows.add(source.number, source.campaign, job, series.late))
        self._await(source, occurrence.at)
