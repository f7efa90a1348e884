"""A plan against the run of it: real workers, three campaigns, limits in seconds for hours."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.cli.planning import model_of
from shared.domain.campaign import CampaignRules, Priority
from shared.domain.job import Job
from shared.plan.model import PlannedCampaign, Question
from shared.plan.outcome import Plan, plan
from shared.plan.traits import Traits
from shared.sandbox.server import Sandbox
from tests.support.stack import Stack, ended_well, stack

#: How many times the size of the suite's; DROPLINE_TEST_PLAN=6 takes about four minutes.
SIZE = int(os.environ.get("DROPLINE_TEST_PLAN", "1"))

#: Two ticks of dispatch are more than 5 % of a run as short as the suite's.
SLACK = timedelta(seconds=2)

pytestmark = pytest.mark.timeout(120 + 60 * SIZE)

OUT_AFTER = timedelta(seconds=0.5)

#: What loopback takes to answer, and what the sandbox's platforms take beside it.
QUICK = timedelta(milliseconds=30)

CONFIG = """
[connections.genviral]
limits = [{posts = 3, per = "3s", window = "sliding"}]

[connections.wonda]
limits = [{containers = 8, per = "10s", window = "rolling", scope = "account"}]

[connections.wahdx]
limits = []

[caps.instagram-posts]
off = true

[caps.instagram-containers]
off = true
"""

TRAITS = {
    "genviral": Traits(call=QUICK, settle=OUT_AFTER, status=QUICK),
    "wahdx": Traits(call=QUICK + OUT_AFTER),
    "wonda": Traits(call=QUICK + OUT_AFTER, upload=QUICK),
}


@dataclass(frozen=True)
class Sent:
    """One campaign of the test: who gets how many posts, and under which rules."""

    name: str
    provider: str
    accounts: Mapping[str, int]
    slides: int
    rules: CampaignRules

    def rows(self, sandbox: Sandbox) -> list[dict[str, Any]]:
        return [
            {
                "ref": f"{account[-3:]}-{number}",
                "provider": self.provider,
                "platform": "instagram",
                "account": account,
                "caption": f"{self.name} {account} {number}",
                "media": [
                    sandbox.media_url(f"{self.name}-{account[-3:]}-{number}-{slide}.jpg")
                    for slide in range(self.slides)
                ],
            }
            for account, posts in self.accounts.items()
            for number in range(posts * SIZE)
        ]


CAMPAIGNS = (
    Sent(
        "throttled",
        "genviral",
        {
            f"3a061820-7849-4285-82c7-97a6b5c4221{n}": posts
            for n, posts in ((1, 14), (2, 8), (3, 3))
        },
        1,
        CampaignRules(priority=Priority.HIGH),
    ),
    Sent(
        "spaced",
        "wahdx",
        {f"1f0a0f52-6a2e-4c55-9d1e-aa00000000{n}": posts for n, posts in ((15, 11), (16, 6))},
        1,
        CampaignRules(ordered=True, spacing=timedelta(seconds=3)),
    ),
    Sent(
        "capped",
        "wonda",
        {f"7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a0{n}": posts for n, posts in ((1, 7), (2, 5))},
        3,
        CampaignRules(),
    ),
)


@pytest.fixture
def running(postgres_url: str, redis_url: str) -> Iterator[Stack]:
    with stack(postgres_url, redis_url, CONFIG, media_delay=OUT_AFTER) as made:
        made.start("worker", "scheduler", "beat")
        for name in TRAITS:
            made.parts.sync_accounts(name)
        made.wait_for(lambda: _living(made) == {"worker", "scheduler", "beat"})
        yield made


def _living(running: Stack) -> set[str]:
    now = running.parts.clock.now()
    alive = running.parts.ledger.heartbeats.alive(now, timedelta(minutes=1))
    return {each.kind for each in alive}


def test_the_planned_finish_and_the_order_of_lanes_are_those_of_the_run(running: Stack) -> None:
    start = running.parts.clock.now()
    asked = _question(running, start)
    planned = {each.name: _plan(asked, each.name) for each in CAMPAIGNS}

    start = running.parts.clock.now()
    for each in CAMPAIGNS:
        running.submit(each.rows(running.sandbox), each.name, each.rules)
    done = {
        each.name: running.wait_at_rest(each.name, timedelta(seconds=60 + 60 * SIZE))
        for each in CAMPAIGNS
    }

    told = []
    for name, jobs in done.items():
        assert ended_well(jobs), running.say()
        foretold, actual = _span(planned[name]), _finish(jobs) - start
        told.append(f"{name}: planned {foretold}, actual {actual}, {foretold / actual - 1:+.2%}")
    sys.stdout.write("\n".join(told))
    for name, jobs in done.items():
        foretold, actual = _span(planned[name]), _finish(jobs) - start
        assert abs(foretold - actual) <= max(0.05 * actual, SLACK), told
        assert [each.account for each in planned[name].lanes()] == _lanes(jobs), name


def _question(running: Stack, start: datetime) -> Question:
    parts = running.parts
    campaigns = [
        PlannedCampaign(
            name=each.name,
            jobs=parts.producer.check(running.read(each.rows(running.sandbox))).jobs,
            rules=each.rules,
        )
        for each in CAMPAIGNS
    ]
    models = {
        name: model_of(parts, parts.connected(name), traits) for name, traits in TRAITS.items()
    }
    return Question(campaigns=campaigns, connections=models, start=start)


def _plan(asked: Question, about: str) -> Plan:
    return plan(
        Question(
            campaigns=asked.campaigns,
            connections=asked.connections,
            start=asked.start,
            about=about,
        )
    )


def _span(planned: Plan) -> timedelta:
    assert planned.finish_at is not None
    return planned.finish_at - planned.start


def _finish(jobs: Sequence[Job]) -> datetime:
    return max(job.settled_at for job in jobs if job.settled_at)


def _lanes(jobs: Sequence[Job]) -> list[str]:
    ends: dict[str, datetime] = {}
    for job in jobs:
        assert job.settled_at is not None
        account = job.post.account_id
        ends[account] = max(ends.get(account, job.settled_at), job.settled_at)
    return sorted(ends, key=ends.__getitem__)
