"""What would make a plan fit, and that it really does."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.campaign import CampaignRules
from shared.domain.limit import Reach
from shared.plan.model import Question
from shared.plan.outcome import plan
from shared.plan.remedies import Remedy, remedies
from tests.support.plans import SECOND, START, jobs, model, per_account, question

HOUR = timedelta(hours=1)


def advised(asked: Question, within: timedelta) -> dict[str, str]:
    answer, deadline = plan(asked), START + within
    assert not answer.fits(deadline)
    found: list[Remedy] = list(remedies(asked, answer, deadline, plan))
    return {each.what: each.words for each in found}


def test_the_fewest_more_accounts_and_hours_are_told() -> None:
    asked = question(jobs(12), model(per_account(2, HOUR)))
    found = advised(asked, 2 * HOUR)
    assert found["accounts"] == "2 more accounts, 3 for each that is behind"
    assert found["hours"].startswith("3 h 1 min more")
    spread = [
        replace(each, post=replace(each.post, account_id=f"b{number % 3}"))
        for number, each in enumerate(jobs(12))
    ]
    assert plan(question(spread, model(per_account(2, HOUR)))).fits(START + 2 * HOUR)


def test_a_smaller_spacing_is_told() -> None:
    rules = CampaignRules(spacing=8 * timedelta(minutes=1))
    found = advised(question(jobs(11), rules=rules), timedelta(minutes=45))
    assert found["spacing"] == "4/8 of the spacing and jitter"


def test_a_full_connection_wants_another_one() -> None:
    shared = replace(per_account(10, HOUR), reach=Reach.CONNECTION)
    found = advised(question(jobs(40, 8), model(shared)), 2 * HOUR)
    assert found["connections"] == "2 connections instead of one for model"
    assert "accounts" not in found


def test_few_places_want_more() -> None:
    found = advised(question(jobs(60, 60), places=2), 15 * SECOND)
    assert found["workers"].endswith("publish calls at once instead of 2")


def test_a_post_that_is_meant_for_later_only_wants_more_hours() -> None:
    found = advised(question(jobs(3, apart=HOUR)), HOUR)
    assert list(found) == ["hours"]
