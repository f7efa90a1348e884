"""A series as people add it, and the scheduler's steps through it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.cron import read_cron
from shared.domain.post import Kind, Post
from shared.domain.recurrence import Recurrence
from shared.domain.release import Lateness, LatePolicy
from shared.domain.series import NewSeries, next_step
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter
from tests.contract.ledger.building import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PUBLISH = LatePolicy()
SKIP = LatePolicy(Lateness.SKIP, 2 * HOUR)
HOLD = LatePolicy(Lateness.HOLD, 2 * HOUR)
POST = Post(platform="instagram", account_id="a1", kind=Kind.TEXT, caption="Rye")


def asked(cron: str = "0 * * * *", **more: Any) -> NewSeries:
    zone = more.pop("zone", "Europe/Paris")
    return NewSeries(
        name=more.pop("name", "rye"),
        campaign=more.pop("campaign", "bread"),
        recurrence=Recurrence(cron=read_cron(cron), zone=ZoneInfo(zone)),
        provider="wonda",
        connection="wonda",
        post=POST,
        **more,
    )


def tick(
    ledger: Ledger, now: datetime, policy: LatePolicy = PUBLISH, by: str = "s1", most: int = 50
) -> list[int | None]:
    """Take steps as the scheduler does, until nothing is to be done."""
    made: list[int | None] = []
    for _ in range(most):
        due = ledger.series.due(now, 10)
        if not due:
            return made
        for each in due:
            step = next_step(each.recurrence, each.handled_until, now, each.late or policy)
            made.append(ledger.occurrences.advance(each, step, now=now, by=by))
    raise AssertionError("the series is always due")


def run_ats(ledger: Ledger, *states: State) -> list[datetime]:
    jobs = ledger.jobs.page(JobFilter(states=states or None), 1000)
    return sorted(job.run_at for job in jobs)


def at(hour: int, day: int = 1) -> datetime:
    return NOW.replace(day=day, hour=hour, minute=0, second=0, microsecond=0)
