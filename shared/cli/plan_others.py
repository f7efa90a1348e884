"""What else spends from the windows of a plan: jobs that wait already, and series."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from shared.bootstrap import Parts
from shared.cli.exits import tell
from shared.cli.plan_stops import Standstill
from shared.domain.job import Job, NewJob
from shared.domain.series import Series
from shared.domain.states import State
from shared.ledger.jobs import JobFilter
from shared.plan.model import Coming, PlannedCampaign

#: What is on its way or waits; it spends from the same windows.
MOVING = frozenset({State.SCHEDULED, State.QUEUED, State.RETRYING})

#: As many jobs that wait already are taken into account.
MOST_WAITING = 50_000


def others(
    parts: Parts, standstill: Standstill, start: datetime, ours: Sequence[NewJob]
) -> list[PlannedCampaign]:
    """Return what waits, and the series of our connections, without what stands still.

    Jobs that are ours, since the file was loaded already, are not counted once more.
    """
    connections = {each.connection for each in ours}
    rows = {_row(each) for each in ours}
    jobs: defaultdict[str, list[NewJob]] = defaultdict(list)
    for job in _waiting(parts):
        if not standstill.holds(job) and _row(job) not in rows:
            jobs[job.campaign].append(_as_new(job))
    coming: defaultdict[str, list[Coming]] = defaultdict(list)
    for series in parts.ledger.series.list():
        concerned = series.next_at is not None and series.connection in connections
        if concerned and not standstill.holds_series(series):
            coming[series.campaign].append(_coming(series, start))
    return [
        PlannedCampaign(
            name=name,
            rules=parts.ledger.campaigns.rules(name),
            jobs=jobs[name],
            coming=coming[name],
        )
        for name in dict.fromkeys([*jobs, *coming])
    ]


def _waiting(parts: Parts) -> list[Job]:
    """Return what the ledger holds that has not gone yet, in the order in which it was added."""
    found = parts.ledger.jobs.page(JobFilter(states=MOVING), limit=MOST_WAITING + 1, before=None)
    if len(found) > MOST_WAITING:
        tell(
            f"warning: more than {MOST_WAITING:,} jobs wait already; the {MOST_WAITING:,} that were"
            " added last are counted, so that the plan is too hopeful"
        )
    return list(reversed(found[:MOST_WAITING]))


def _row(job: Job | NewJob) -> tuple[str, str, str, str]:
    return job.ref, job.connection, job.post.account_id, job.post.likeness


def _coming(series: Series, start: datetime) -> Coming:
    return Coming(series=series, after=max(series.handled_until, start))


def _as_new(job: Job) -> NewJob:
    return NewJob(
        ref=job.ref,
        provider=job.provider,
        connection=job.connection,
        post=job.post,
        run_at=max(job.run_at, job.due_at),
        not_after=job.not_after,
    )
