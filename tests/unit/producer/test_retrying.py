"""Which jobs are retried, which would not be helped by it, which must not be."""

from dataclasses import replace

import pytest

from shared.bootstrap import Parts
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.ledger.retries import Candidate
from shared.producer.retrying import Verdict, judge
from shared.settings import read_settings

CANDIDATE = Candidate(
    id=7,
    campaign="spring",
    campaign_id=1,
    provider="wonda",
    connection="wonda",
    account_id="a1",
    state=State.FAILED,
    hold=None,
    error_class="rejected",
    error_code=None,
    error_message="no",
    retried_as=None,
    unfit=None,
    answered_late=False,
)


def judged(
    changed: dict[str, object], *, key: str | None = "k", anyway: bool = False
) -> tuple[Verdict, str]:
    connections = Parts.of(
        read_settings({"DROPLINE_WONDA_API_KEY": key} if key else {})
    ).connections
    found = judge(replace(CANDIDATE, **changed), connections, anyway=anyway)  # type: ignore[arg-type]
    return found.verdict, found.why


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"state": State.CANCELLED},
        {"error_class": None},
        {"error_class": "too_late"},
        {"error_class": "transient"},
        {"error_class": "account"},
    ],
)
def test_what_has_ended_badly_and_may_end_better_is_retried(changed: dict[str, object]) -> None:
    assert judged(changed) == (Verdict.RETRY, "")


@pytest.mark.parametrize(
    ("changed", "key", "why"),
    [
        ({"unfit": "expired"}, "k", "its account cannot post: expired"),
        ({"unfit": ""}, "k", "its account cannot post"),
        ({"error_class": "validation"}, "k", "content was refused and has not changed"),
        ({}, None, "has no API key: set DROPLINE_WONDA_API_KEY"),
        ({"connection": "agency"}, "k", "connection agency is not set any more"),
    ],
)
def test_what_would_end_as_before_is_hopeless_unless_somebody_insists(
    changed: dict[str, object], key: str | None, why: str
) -> None:
    verdict, said = judged(changed, key=key)
    assert (verdict, why in said) == (Verdict.HOPELESS, True)
    assert judged(changed, key=key, anyway=True) == (Verdict.RETRY, said)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"retried_as": 9}, "retried already as job 9"),
        ({"answered_late": True}, "may be live"),
        ({"state": State.UNCERTAIN}, "may be live"),
        ({"state": State.PUBLISHING}, "may be live"),
        ({"state": State.IN_PROGRESS}, "may be live"),
        ({"state": State.HELD, "hold": Hold.LOST_ANSWER}, "may be live"),
        ({"state": State.HELD, "hold": Hold.SETTLE}, "may be live"),
        ({"state": State.HELD, "hold": Hold.ACCOUNT}, "it is held, not failed"),
        ({"state": State.SUCCEEDED}, "it is succeeded, not failed"),
    ],
)
def test_what_may_be_live_is_refused_however_much_somebody_insists(
    changed: dict[str, object], why: str
) -> None:
    verdict, said = judged(changed, anyway=True)
    assert (verdict, why in said) == (Verdict.REFUSED, True)
