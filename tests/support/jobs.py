"""Jobs and terms for tests that need one and do not care which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.capabilities import Capabilities, LostAnswer, Shape, Source
from shared.domain.job import Job
from shared.domain.polling import PollPolicy
from shared.domain.post import Kind, Media, Post
from shared.domain.release import LatePolicy
from shared.domain.retry import RetryPolicy
from shared.domain.states import State
from shared.domain.terms import Terms

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

POST = Post(
    platform="instagram",
    account_id="a1",
    kind=Kind.IMAGE,
    caption="Rye week",
    media=(Media(url="https://cdn.example.com/1.jpg"),),
)


def a_job(state: State = State.PUBLISHING, **changes: Any) -> Job:
    job = Job(
        id=1,
        campaign="c",
        ref="r1",
        provider="p",
        connection="p",
        post=POST,
        state=state,
        reason="",
        run_at=NOW,
        due_at=NOW,
        created_at=NOW,
        fence=1,
        lease_until=NOW + timedelta(seconds=30),
    )
    return replace(job, **changes)


def terms(lost_answer: LostAnswer = LostAnswer.SEARCH, **capabilities: Any) -> Terms:
    return Terms(
        capabilities=Capabilities(
            shapes={("instagram", Kind.IMAGE): Shape(caption_max=10)},
            sources=frozenset({Source.URL}),
            lost_answer=lost_answer,
            cancel=False,
            history=True,
            **capabilities,
        ),
        retry=RetryPolicy(),
        poll=PollPolicy(),
        late=LatePolicy(),
        lost_answer=lost_answer,
    )
