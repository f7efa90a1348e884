"""What a job waits for, and how much is due beside it."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from shared.domain.account import Account
from shared.domain.campaign import CampaignRules, Priority
from shared.domain.crowd import Crowd
from shared.domain.pause import Pausable, Pause, Target
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.backlogs import LaneBacklog
from shared.ledger.waits import Other, Wait
from tests.contract.ledger.building import (
    NOW,
    RETRYING,
    SECOND,
    SUCCEEDED,
    claim,
    new_job,
    release,
    settled,
    submit,
)

MINUTE = timedelta(minutes=1)


def load(ledger: Ledger, rules: CampaignRules, *refs: str, **more: Any) -> list[int]:
    jobs = [new_job(ref, **more) for ref in refs]
    campaign = more.pop("campaign", "spring")
    return ledger.campaigns.submit(campaign, jobs, rules=rules, now=NOW, by="test").added


def wait_of(ledger: Ledger, job_id: int) -> Wait:
    return ledger.waits.of(job_id, NOW)


def test_alone_in_its_lane_a_job_waits_for_nothing(ledger: Ledger) -> None:
    [only] = submit(ledger, new_job("only"))

    wait = wait_of(ledger, only)

    assert (wait.pause, wait.unfit, wait.turn, wait.twin, wait.close) == (None,) * 5
    assert (wait.spaced_until, wait.before) == (None, 0)
    assert (wait.lane_in_flight, wait.connection_in_flight) == (0, 0)
    assert [(each.jobs, each.lanes) for each in wait.in_lane] == [(1, 1)]


def test_those_due_before_it_are_counted_by_time_then_id(ledger: Ledger) -> None:
    first, second = submit(ledger, new_job("first"), new_job("second"))
    [sooner] = submit(ledger, new_job("sooner", run_at=NOW - SECOND))
    submit(ledger, new_job("elsewhere", account="a2"), new_job("later", run_at=NOW + MINUTE))

    assert [wait_of(ledger, each).before for each in (sooner, first, second)] == [0, 1, 2]


def test_what_is_due_beside_it_is_counted_by_campaign_with_its_weight(ledger: Ledger) -> None:
    [one] = submit(ledger, new_job("one"))
    submit(ledger, new_job("two", account="a2"), new_job("later", run_at=NOW + MINUTE))
    high = CampaignRules(priority=Priority.HIGH)
    urgent = [new_job("u1"), new_job("u2"), new_job("u3", connection="agency")]
    ledger.campaigns.submit("urgent", urgent, rules=high, now=NOW, by="test")

    wait = wait_of(ledger, one)

    ours = wait.campaign_id
    [theirs] = {each.campaign_id for each in wait.in_lane} - {ours}
    assert sorted(wait.in_lane, key=attrgetter("weight")) == [
        Crowd(campaign_id=ours, weight=4, jobs=1),
        Crowd(campaign_id=theirs, weight=16, jobs=2),
    ]
    assert sorted(wait.at_connection, key=attrgetter("weight")) == [
        Crowd(campaign_id=ours, weight=4, jobs=2, lanes=2),
        Crowd(campaign_id=theirs, weight=16, jobs=2),
    ]


def test_a_connection_s_backlog_is_counted_by_account_and_campaign(ledger: Ledger) -> None:
    submit(ledger, new_job("one"), new_job("two", account="a2"), new_job("three", account="a2"))
    submit(ledger, new_job("later", run_at=NOW + MINUTE), new_job("far", connection="agency"))
    submit(ledger, new_job("theirs"), campaign="autumn")

    found = ledger.backlogs.at_connection("wonda", NOW)

    counts = {account: [each.jobs for each in crowd] for account, crowd in found.items()}
    assert counts == {"a1": [1, 1], "a2": [2]}
    assert ledger.backlogs.at_connection("nobody", NOW) == {}


def test_a_pause_says_by_whom_and_why(ledger: Ledger) -> None:
    [one] = submit(ledger, new_job("one"))
    bread = Target(Pausable.ACCOUNT, "wonda", "a1")
    ledger.pauses.pause(bread, why="too loud", now=NOW, by="mia")

    assert wait_of(ledger, one).pause == Pause(bread, "mia", "too loud", NOW)
    assert wait_of(ledger, one).at_connection == []
    assert ledger.backlogs.at_connection("wonda", NOW) == {}


def test_an_account_that_cannot_post_says_why(ledger: Ledger) -> None:
    [one] = submit(ledger, new_job("one"))
    account = Account(
        account_id="a1", platform="instagram", username="bread", can_post=False, reason="expired"
    )
    ledger.accounts.sync("wonda", "wonda", [account], now=NOW, by="test")

    assert wait_of(ledger, one).unfit == "expired"


def test_where_order_is_kept_the_first_unfinished_comes_first(ledger: Ledger) -> None:
    first, second = load(ledger, CampaignRules(ordered=True), "first", "second")
    release(ledger)

    assert wait_of(ledger, second).turn == Other(first, "first", State.QUEUED)
    assert wait_of(ledger, first).turn is None


def test_a_look_alike_on_its_way_is_named(ledger: Ledger) -> None:
    first, second = submit(ledger, new_job("one", caption="x"), new_job("two", caption="x"))
    release(ledger)
    claim(ledger, first)

    wait = wait_of(ledger, second)

    assert wait.twin == Other(first, "one", State.PUBLISHING)
    assert (wait.lane_in_flight, wait.connection_in_flight) == (1, 1)


def test_where_distance_is_kept_it_says_until_when(ledger: Ledger) -> None:
    rules = CampaignRules(spacing=10 * MINUTE)
    first, second = load(ledger, rules, "first", "second")
    release(ledger)
    assert wait_of(ledger, second).close == Other(first, "first", State.QUEUED)
    [job] = claim(ledger, first)
    ledger.claims.open_attempt(job, {}, now=NOW)
    ledger.claims.settle(job, SUCCEEDED, now=NOW, by="w1")

    wait = wait_of(ledger, second)

    assert wait.close is None
    assert wait.spaced_until == NOW + 10 * MINUTE


def test_a_campaign_s_backlog_is_counted_by_lane(ledger: Ledger) -> None:
    settled(ledger, SUCCEEDED, "gone", account="a1")
    settled(ledger, RETRYING, "again", account="a1")
    submit(ledger, new_job("due"), new_job("later", run_at=NOW + MINUTE))
    submit(ledger, new_job("other", account="a2"), new_job("off", account="a3"))
    ledger.pauses.pause(Target(Pausable.ACCOUNT, "wonda", "a3"), why="", now=NOW, by="mia")
    submit(ledger, new_job("not ours"), campaign="autumn")

    backlog = ledger.backlogs.of_campaign("spring", NOW)

    [campaign_id] = {each.campaign_id for each in backlog}
    lane: dict[str, Any] = {"campaign_id": campaign_id, "connection": "wonda"}
    one: dict[str, Any] = {"waiting": 1, "overdue": 1, "ready_at": NOW}
    assert backlog == [
        LaneBacklog(
            **lane,
            account_id="a1",
            paused=False,
            waiting=3,
            overdue=2,
            ready_at=RETRYING.due_at,
        ),
        LaneBacklog(account_id="a2", paused=False, **lane, **one),
        LaneBacklog(account_id="a3", paused=True, **lane, **one),
    ]
