"""Plans of small campaigns: when posts leave, in what order, what holds them, what goes wrong."""

import itertools
from dataclasses import replace
from datetime import timedelta

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.limit import Unit
from shared.domain.release import Lateness, LatePolicy
from shared.domain.retry import RetryPolicy
from shared.domain.states import State
from shared.limits.gauge import milliseconds
from shared.plan.model import Outage, PlannedCampaign, Spent, Trouble
from shared.plan.outcome import plan
from tests.support.plans import (
    SECOND,
    START,
    jobs,
    model,
    per_account,
    question,
    sliding,
)

HOUR = timedelta(hours=1)


def test_without_limits_each_leaves_at_its_time_and_is_out_when_it_was_seen_to_be() -> None:
    found = plan(question(jobs(5, apart=10 * SECOND)))
    assert [each.sent_at for each in found.posts] == [START + n * 10 * SECOND for n in range(5)]
    assert all(each.is_out for each in found.posts)
    last = found.posts[-1].run_at
    assert found.finish_at is not None
    assert last + 3 * SECOND <= found.finish_at <= last + 8 * SECOND
    assert not found.late


def test_a_limit_of_each_account_holds_its_posts_and_is_named() -> None:
    limit = per_account(2, HOUR)
    found = plan(question(jobs(6), model(limit)))
    hours = [(each.sent_at - START) // HOUR for each in found.posts if each.sent_at]
    assert sorted(hours) == [0, 0, 1, 1, 2, 2]
    assert found.binding == "2 posts per 1h of each account of model"
    (window,) = found.windows
    assert (window.peak, window.total, window.limit) == (2, 6, 2)
    assert len(found.late) == 4
    assert found.lateness(1.0) >= 2 * HOUR


def test_a_carousel_costs_its_slides_and_one_of_the_containers() -> None:
    limit = per_account(22, HOUR, Unit.CONTAINERS)
    found = plan(question(jobs(4, slides=10), model(limit)))
    hours = [(each.sent_at - START) // HOUR for each in found.posts if each.sent_at]
    assert sorted(hours) == [0, 0, 1, 1]
    assert found.windows[0].total == 44


def test_a_carousel_that_no_window_ever_holds_fails_and_the_plan_does_not_fit() -> None:
    found = plan(question(jobs(1, slides=10), model(per_account(10, HOUR, Unit.CONTAINERS))))
    assert [each.state for each in found.missing] == [State.FAILED]
    assert not found.fits(None)
    assert found.finish_at is None


def test_spacing_lies_between_the_posts_of_one_account_and_is_named() -> None:
    rules = CampaignRules(spacing=timedelta(minutes=10))
    found = plan(question(jobs(4), rules=rules))
    sent = sorted(each.sent_at for each in found.posts if each.sent_at)
    gaps = [later - before for before, later in itertools.pairwise(sent)]
    assert all(timedelta(minutes=10) <= gap <= timedelta(minutes=10, seconds=3) for gap in gaps)
    assert found.binding == "the campaign's spacing"


def test_an_ordered_campaign_sends_each_after_the_end_of_the_one_before() -> None:
    found = plan(question(jobs(5), rules=CampaignRules(ordered=True)))
    for before, later in zip(found.posts, found.posts[1:], strict=False):
        assert before.settled_at is not None
        assert later.sent_at is not None
        assert later.sent_at >= before.settled_at


def test_a_campaign_of_high_priority_is_finished_first() -> None:
    low = PlannedCampaign(name="low", jobs=jobs(40, 4), rules=CampaignRules(priority=Priority.LOW))
    high = PlannedCampaign(
        name="high", jobs=jobs(40, 4, prefix="b"), rules=CampaignRules(priority=Priority.HIGH)
    )
    asked = replace(question([], model(sliding(10, timedelta(minutes=1)))), campaigns=[low, high])
    ends = {
        each.name: max(
            post.sent_at or START for post in plan(replace(asked, about=each.name)).posts
        )
        for each in (low, high)
    }
    assert ends["high"] < ends["low"]


def test_posts_of_equal_words_on_one_account_go_one_at_a_time() -> None:
    first = jobs(1)[0]
    twins = [replace(first, ref=f"t{number}") for number in range(3)]
    sent = sorted(each.sent_at for each in plan(question(twins)).posts if each.sent_at)
    assert all(b - a >= SECOND for a, b in itertools.pairwise(sent))


def test_few_places_hold_posts_and_are_named() -> None:
    found = plan(question(jobs(40, 40), places=2))
    sent = sorted(each.sent_at for each in found.posts if each.sent_at)
    assert sent[-1] - sent[0] == 19 * SECOND
    assert found.binding == "free places at the workers"


def test_an_outage_costs_attempts_and_ends_what_has_no_more() -> None:
    away = Trouble(outages=(Outage(begins=START, lasts=timedelta(minutes=5)),))
    patient = plan(question(jobs(3, 3), trouble=away))
    assert all(each.is_out for each in patient.posts)
    assert all(
        each.sent_at and each.sent_at >= START + timedelta(minutes=5) for each in patient.posts
    )
    hasty = model(retry=RetryPolicy(max_attempts=3))
    found = plan(question(jobs(3, 3), hasty, trouble=away))
    assert [each.attempts for each in found.missing] == [3, 3, 3]
    assert "gave up after 3 attempts" in found.missing[0].reason


def test_an_outage_of_another_connection_is_nobodys_business() -> None:
    away = Trouble(outages=(Outage(begins=START, lasts=HOUR, connection="other"),))
    assert plan(question(jobs(3), trouble=away)).posts == plan(question(jobs(3))).posts


def test_calls_that_fail_are_tried_again_by_the_policy() -> None:
    found = plan(question(jobs(200, 50), trouble=Trouble(failing=0.2)))
    assert all(each.is_out for each in found.posts)
    again = [each for each in found.posts if each.attempts > 1]
    assert 20 <= len(again) <= 60
    assert found.waits["the pause after a failed call"] > 0


def test_the_same_seed_has_the_same_answer_and_another_seed_another() -> None:
    asked = question(
        jobs(60, 6), model(sliding(7, timedelta(minutes=1))), trouble=Trouble(failing=0.1), seed=3
    )
    assert plan(asked) == plan(asked)
    assert plan(asked) != plan(replace(asked, seed=4))


def test_not_after_and_the_late_policy_end_what_comes_too_late() -> None:
    limit = per_account(2, HOUR)
    asked = jobs(6, not_after=START + timedelta(minutes=90))
    assert [each.state for each in plan(question(asked, model(limit))).missing] == [
        State.FAILED,
        State.FAILED,
    ]
    skip = CampaignRules(late=LatePolicy(Lateness.SKIP, timedelta(minutes=30)))
    assert len(plan(question(jobs(6), model(limit), rules=skip)).missing) == 4
    hold = CampaignRules(late=LatePolicy(Lateness.HOLD, timedelta(minutes=30)))
    held = plan(question(jobs(6), model(limit), rules=hold)).missing
    assert {each.state for each in held} == {State.HELD}


def test_what_was_spent_before_counts() -> None:
    limit = per_account(2, HOUR)
    before = START - timedelta(minutes=10)
    spent = Spent(
        scope_connection="model", account="a0", limit=limit, ends_ms=[milliseconds(before)] * 2
    )
    found = plan(question(jobs(1), model(limit)), [spent])
    assert found.posts[0].sent_at is not None
    assert found.posts[0].sent_at >= before + HOUR


def test_lanes_come_in_the_order_in_which_they_end() -> None:
    rules = CampaignRules(spacing=timedelta(minutes=1))
    asked = [*jobs(4, prefix="slow"), *jobs(2, prefix="fast")]
    assert [each.account for each in plan(question(asked, rules=rules)).lanes()] == [
        "fast0",
        "slow0",
    ]
