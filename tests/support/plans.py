"""Questions for plans: small campaigns at one or more modelled connections."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.campaign import CampaignRules
from shared.domain.capabilities import Capabilities, LostAnswer, Shape, Source
from shared.domain.job import NewJob
from shared.domain.limit import Limit, Reach, Unit, Window
from shared.domain.polling import PollPolicy
from shared.domain.post import Kind, Media, Post
from shared.domain.release import LatePolicy
from shared.domain.retry import RetryPolicy
from shared.domain.terms import Terms
from shared.plan.model import ModelConnection, PlannedCampaign, Question
from shared.plan.traits import Traits

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

CAPABILITIES = Capabilities(
    shapes={("x", Kind.TEXT): Shape(media_min=0, media_max=0)},
    sources=frozenset({Source.URL}),
    lost_answer=LostAnswer.HOLD,
    cancel=False,
    history=False,
    status_batch=50,
)


def per_account(requests: int, per: timedelta, unit: Unit = Unit.POSTS) -> Limit:
    return Limit(requests=requests, per=per, unit=unit, window=Window.SLIDING, reach=Reach.ACCOUNT)


def sliding(requests: int, per: timedelta) -> Limit:
    return Limit(requests=requests, per=per, window=Window.SLIDING)


def model(
    *limits: Limit,
    name: str = "model",
    traits: Traits | None = None,
    retry: RetryPolicy | None = None,
    late: LatePolicy | None = None,
) -> ModelConnection:
    """Return a connection whose calls take a second and whose posts are out two later."""
    terms = Terms(
        capabilities=CAPABILITIES,
        retry=retry or RetryPolicy(),
        poll=PollPolicy(),
        late=late or LatePolicy(),
        lost_answer=LostAnswer.HOLD,
    )
    return ModelConnection(
        name=name,
        terms=terms,
        traits=traits or Traits(call=SECOND, settle=2 * SECOND),
        limits=limits,
    )


def jobs(
    count: int,
    accounts: int = 1,
    *,
    apart: timedelta = timedelta(0),
    connection: str = "model",
    slides: int = 0,
    prefix: str = "a",
    **more: Any,
) -> list[NewJob]:
    """Return jobs over accounts in turn, so far apart from the start on."""
    return [
        NewJob(
            ref=f"{prefix}{number}",
            provider="model",
            connection=connection,
            post=Post(
                platform="x",
                account_id=f"{prefix}{number % accounts}",
                kind=Kind.CAROUSEL if slides else Kind.TEXT,
                caption=f"{prefix} post {number}",
                media=tuple(Media(id=f"m{each}") for each in range(slides)),
            ),
            run_at=START + number * apart,
            **more,
        )
        for number in range(count)
    ]


def question(
    asked: Sequence[NewJob],
    *connections: ModelConnection,
    rules: CampaignRules | None = None,
    **more: Any,
) -> Question:
    campaign = PlannedCampaign(name="c", jobs=asked, rules=rules or CampaignRules())
    known = connections or (model(),)
    return Question(
        campaigns=[campaign],
        connections={each.name: each for each in known},
        start=START,
        **more,
    )
