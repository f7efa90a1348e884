"""The rows of a plan: lanes, streams and jobs as submissions would write them."""

from datetime import datetime

from shared.domain.job import Job, NewJob
from shared.domain.limit import Scope
from shared.domain.release import LatePolicy
from shared.domain.states import State
from shared.plan.backlog import PlannedJob, PlannedLane, PlannedStream
from shared.plan.model import Place, PlannedCampaign, Question


class Rows:
    """What the campaigns of a question come to, campaign by campaign; series add to it later."""

    def __init__(self, question: Question) -> None:
        self._start = question.start
        self._stops = question.stops
        self._lanes: dict[Place, PlannedLane] = {}
        self._streams: dict[tuple[int, int], PlannedStream] = {}
        self.jobs: list[PlannedJob] = []
        for number, campaign in enumerate(question.campaigns, 1):
            for asked in campaign.jobs:
                self.add(number, campaign, asked)

    def add(
        self,
        number: int,
        campaign: PlannedCampaign,
        asked: NewJob,
        late: LatePolicy | None = None,
    ) -> PlannedJob:
        """Write a job of the campaign of this number."""
        place = asked.connection, asked.post.account_id
        lane = self._lanes.setdefault(place, PlannedLane(len(self._lanes) + 1, *place))
        stream = self._streams.get((number, lane.id))
        if stream is None:
            stream = PlannedStream(len(self._streams) + 1, number, campaign.rules, lane)
            self._streams[number, lane.id] = stream
            lane.streams.append(stream)
        stop = self._stops.get(place)
        reason = "" if stop is None else str(stop)
        job = _job(len(self.jobs) + 1, asked, campaign.name, self._start, reason)
        ready_at = max(job.run_at, self._start)
        planned = PlannedJob(job, stream, asked.post.likeness, ready_at, late=late)
        self.jobs.append(planned)
        return planned

    def moving(self) -> list[PlannedJob]:
        """Return the jobs that are not stopped."""
        return [each for each in self.jobs if _place(each) not in self._stops]


def platforms(question: Question) -> dict[Scope, str]:
    """Return the platform of each account that anything is for."""
    jobs = (job for campaign in question.campaigns for job in campaign.jobs)
    found = {Scope(each.connection, each.post.account_id): each.post.platform for each in jobs}
    coming = (each.series for campaign in question.campaigns for each in campaign.coming)
    found |= {Scope(each.connection, each.post.account_id): each.post.platform for each in coming}
    return found


def _place(planned: PlannedJob) -> Place:
    return planned.job.connection, planned.job.post.account_id


def _job(number: int, asked: NewJob, campaign: str, start: datetime, reason: str) -> Job:
    run_at = asked.run_at or start
    return Job(
        id=number,
        campaign=campaign,
        ref=asked.ref,
        provider=asked.provider,
        connection=asked.connection,
        post=asked.post,
        state=State.SCHEDULED,
        reason=reason,
        run_at=run_at,
        due_at=run_at,
        created_at=start,
        not_after=asked.not_after,
    )
