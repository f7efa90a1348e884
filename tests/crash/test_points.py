"""A process killed between any two of its side effects: the post is out once, or it is held."""

from collections import Counter
from collections.abc import Iterator

import pytest

from shared.domain.capabilities import LostAnswer
from shared.domain.post import Kind
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.providers import provider_named
from tests.crash.site import Crash, Fate, Plan, Site, Sort, crash_site
from tests.crash.stories import Story, publish_sent, record, tell
from tests.support.redis import RedisServer
from tests.support.scene import ACCOUNTS

SLIDES = ("2.jpg", "1.jpg")
CAROUSEL = Sort("wonda", "instagram", ACCOUNTS["wonda"], Kind.CAROUSEL, SLIDES)
SINGLE = Sort("wonda", "instagram", ACCOUNTS["wonda"], Kind.IMAGE)
TIKTOK = Sort("wahdx", "tiktok", "1f0a0f52-6a2e-4c55-9d1e-aa0000000001", Kind.CAROUSEL, SLIDES)
INSTAGRAM = Sort("wahdx", "instagram", ACCOUNTS["wahdx"], Kind.IMAGE)
POSTEVERYWHERE = Sort("posteverywhere", "instagram", ACCOUNTS["posteverywhere"], Kind.IMAGE)
GENVIRAL = Sort("genviral", "instagram", ACCOUNTS["genviral"], Kind.IMAGE)

ACK_FIRST = Plan(ack_first=True)
FORGOTTEN = Plan(fate=Fate.FORGOTTEN)

LIVES = [
    (CAROUSEL, Story.NEW, Plan()),
    (SINGLE, Story.NEW, ACK_FIRST),
    (TIKTOK, Story.NEW, Plan()),
    (INSTAGRAM, Story.NEW, FORGOTTEN),
    (POSTEVERYWHERE, Story.NEW, ACK_FIRST),
    (GENVIRAL, Story.NEW, Plan()),
    (CAROUSEL, Story.DIED_IN_FLIGHT, Plan()),
    (INSTAGRAM, Story.DIED_IN_FLIGHT, Plan()),
    (SINGLE, Story.DROPPED, Plan()),
    (POSTEVERYWHERE, Story.ANSWER_LOST, Plan()),
    (GENVIRAL, Story.DROPPED, FORGOTTEN),
    (INSTAGRAM, Story.DIED_BEFORE, Plan()),
]


@pytest.fixture(scope="module")
def site(redis_server: RedisServer) -> Iterator[Site]:
    redis_server.flush()
    with crash_site(redis_server.url) as made:
        yield made


@pytest.mark.parametrize(
    ("sort", "story", "plan"), LIVES, ids=[f"{sort} {story}" for sort, story, _ in LIVES]
)
def test_killed_at_any_point_it_is_published_once_or_held(
    site: Site, sort: Sort, story: Story, plan: Plan
) -> None:
    assert wrong(site, sort, story, plan) == []


def test_on_postgresql_as_on_sqlite(redis_url: str, postgres_url: str) -> None:
    with crash_site(redis_url, postgres_url) as made:
        assert wrong(made, GENVIRAL, Story.NEW, Plan(ack_first=True, fate=Fate.FORGOTTEN)) == []


def test_every_kind_of_side_effect_is_a_point(site: Site) -> None:
    points = record(site, POSTEVERYWHERE, Story.NEW, Plan())
    kinds = Counter(point.partition(" of ")[0].partition(" /")[0] for point in points)
    assert {"before commit", "after commit", "before ring", "after ring"} <= set(kinds)
    assert {"before ack", "after ack"} <= set(kinds)
    assert {"opened POST", "half sent POST", "sent POST", "answered POST", "answered GET"} <= set(
        kinds
    )
    # Released, claimed, sent, settled, asked about and ended: a move each, in this order.
    assert kinds["after commit"] >= 6


@pytest.mark.parametrize("sort", [CAROUSEL, SINGLE, POSTEVERYWHERE, GENVIRAL], ids=str)
def test_a_publish_that_is_listed_late_is_not_made_again(site: Site, sort: Sort) -> None:
    capabilities = provider_named(sort.provider).capabilities
    late = capabilities.absence_after(sort.platform, sort.kind)
    armed = publish_sent(site.points_of(sort))
    job_id = site.submit(sort)
    caption = site.parts.ledger.jobs.get(job_id).post.caption
    site.sandbox.add_fault(
        "late_listing", provider=sort.provider, caption=caption, seconds=late.total_seconds()
    )
    crash = site.crash(job_id, armed, Plan())
    assert (crash.status, crash.in_flight) == (-9, True)
    assert (crash.job.state, crash.copies) == (State.SUCCEEDED, 1)


def test_a_service_that_does_not_know_the_key_is_looked_at_first(site: Site) -> None:
    site.sandbox.add_fault("old_generation", provider="genviral", count=None)
    crash = site.crash(tell(site, GENVIRAL, Story.DIED_IN_FLIGHT), None, Plan())
    site.sandbox.clear_faults()
    assert (crash.job.state, crash.copies) == (State.SUCCEEDED, 1)


def wrong(site: Site, sort: Sort, story: Story, plan: Plan) -> list[str]:
    """Kill one job's life after the other, each a point later, and say what should not be."""
    points = own_points(sort, story, record(site, sort, story, plan))
    found: list[str] = []
    for number, point in enumerate(points):
        crash = site.crash(tell(site, sort, story), number, plan)
        assert (crash.status, crash.points) == (-9, points[: number + 1])
        found += [f"{point}: {what}" for what in _wrong(crash, sort, story)]
    found += [f"{each.job_id}: {each.what}" for each in site.parts.auditor.ledger_alone()]
    return found + [
        f"{each.job_id}: {each.what}" for each in site.parts.auditor.against_providers()
    ]


def own_points(sort: Sort, story: Story, points: list[str]) -> list[str]:
    """Leave out what a job that was released again has in common with a new one."""
    if story is Story.NEW or sort is GENVIRAL or "after ring" not in points:
        return points
    return points[: points.index("after ring") + 1]


def _wrong(crash: Crash, sort: Sort, story: Story) -> Iterator[str]:
    job = crash.job
    unanswerable = provider_named(sort.provider).capabilities.lost_answer is LostAnswer.HOLD
    in_doubt = crash.in_flight or story is Story.DIED_IN_FLIGHT
    if unanswerable and in_doubt:
        if (job.state, job.hold) != (State.HELD, Hold.LOST_ANSWER) or not job.reason:
            yield f"nobody can be asked about it, and it is {job.state}"
        if crash.copies > 1:
            yield f"it is stored {crash.copies} times"
    elif (job.state, crash.copies) != (State.SUCCEEDED, 1):
        yield f"it is {job.state} ({job.reason}) and stored {crash.copies} times"
