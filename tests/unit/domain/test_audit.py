"""The audit names each promise that a record breaks, and nothing where it keeps them all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.audit import compare
from shared.domain.audit import audit_job
from shared.domain.job import Attempt, Event, Job
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.domain.status import Status, Verdict
from shared.provider import Listed
from tests.support.jobs import NOW, a_job

S = State
PATH = (S.SCHEDULED, S.QUEUED, S.PUBLISHING, S.IN_PROGRESS, S.SUCCEEDED)


def events(*states: State) -> list[Event]:
    earlier: list[State | None] = [None, *states]
    return [
        Event(at=NOW, job_id=1, from_state=before, to_state=to, why="", attempt=None, by="test")
        for before, to in zip(earlier, states, strict=False)
    ]


def attempt(number: int = 1, **changes: Any) -> Attempt:
    whole = Attempt(
        id=number,
        job_id=1,
        number=number,
        fence=number,
        opened_at=NOW + timedelta(minutes=number),
        closed_at=NOW + timedelta(minutes=number, seconds=5),
        outcome="accepted",
        publish_id="p1",
    )
    return replace(whole, **changes)


def succeeded() -> Job:
    return a_job(S.SUCCEEDED, settled_at=NOW, provider_publish_id="p1", lease_until=None)


def invariants(job: Job, attempts: list[Attempt], happened: list[Event]) -> set[str]:
    return {each.invariant for each in audit_job(job, attempts, happened)}


def test_a_whole_record_agrees() -> None:
    assert invariants(succeeded(), [attempt()], events(*PATH)) == set()


@pytest.mark.parametrize(
    ("happened", "broken"),
    [
        ((), {"I8"}),
        (PATH[:-1], {"I8"}),
        ((S.SCHEDULED, S.PUBLISHING, S.SUCCEEDED), {"I8"}),
        ((*PATH, S.RETRYING, S.QUEUED, S.PUBLISHING, S.SUCCEEDED), {"I4", "I8"}),
    ],
)
def test_a_history_that_does_not_lead_there_is_named(
    happened: tuple[State, ...], broken: set[str]
) -> None:
    assert invariants(succeeded(), [attempt()], events(*happened)) == broken


@pytest.mark.parametrize(
    "attempts",
    [
        [attempt(1), attempt(2, publish_id="p2")],
        [attempt(1), attempt(2, outcome="failed", publish_id=None)],
    ],
)
def test_a_second_publish_and_a_send_after_success_are_named(attempts: list[Attempt]) -> None:
    assert invariants(succeeded(), attempts, events(*PATH)) == {"I2"}


def test_a_replay_that_found_the_same_publish_agrees() -> None:
    replayed = [attempt(1, outcome="uncertain", publish_id=None), attempt(2)]
    assert invariants(succeeded(), replayed, events(*PATH)) == set()


def test_an_open_attempt_outside_a_claim_is_named() -> None:
    left_open = [attempt(closed_at=None, outcome=None)]
    assert invariants(succeeded(), left_open, events(*PATH)) == {"I1"}


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (S.PUBLISHING, {"lease_until": None}),
        (S.IN_PROGRESS, {"next_poll_at": None, "provider_publish_id": "p1"}),
        (S.IN_PROGRESS, {"next_poll_at": NOW}),
        (S.UNCERTAIN, {}),
        (S.HELD, {}),
    ],
)
def test_a_job_that_nothing_would_bring_on_is_named(state: State, changes: dict[str, Any]) -> None:
    job = a_job(state, **{"lease_until": None, **changes})
    happened = [*events(S.SCHEDULED, S.QUEUED, S.PUBLISHING)]
    if state is not S.PUBLISHING:
        happened.append(replace(happened[-1], from_state=S.PUBLISHING, to_state=state))
    assert invariants(job, [], happened) == {"I3"}


def listed(caption: str, verdict: Verdict = Verdict.SUCCEEDED) -> Listed:
    status = Status(publish_id="p", verdict=verdict, raw="x")
    return Listed(publish_id="p", account_id="a1", caption=caption, created_at=NOW, status=status)


def test_the_provider_s_list_is_compared_text_by_text() -> None:
    caption = succeeded().post.caption
    held = replace(succeeded(), state=S.HELD, hold=Hold.LOST_ANSWER)
    assert list(compare([succeeded()], [listed(f" {caption}")])) == []
    assert list(compare([held], [])) == []
    assert list(compare([held], [listed(caption)])) == []
    (twice,) = compare([succeeded()], [listed(caption), listed(caption)])
    assert twice.invariant == "I2"
    (missing,) = compare([succeeded()], [listed(caption, Verdict.FAILED)])
    assert missing.invariant == "I4"
