"""A campaign's rules: order on each account, distance between posts, its own late policy."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.campaign import CampaignRules, Priority
from shared.domain.job import Job
from shared.domain.release import LOOK_AHEAD, Lateness, LatePolicy
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.ledger import Ledger
from tests.contract.ledger.building import (
    FAILED,
    NOW,
    SECOND,
    SUCCEEDED,
    UNCERTAIN,
    claim,
    new_job,
    publishing_as,
    release,
    submit,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ORDERED = CampaignRules(ordered=True)


def load(ledger: Ledger, rules: CampaignRules, *refs: str, **more: Any) -> list[int]:
    jobs = [new_job(ref, **more) for ref in refs]
    return ledger.campaigns.submit("spring", jobs, rules=rules, now=NOW, by="test").added


def released(ledger: Ledger, now: datetime = NOW) -> list[int]:
    return [each.job_id for each in release(ledger, now=now)]


def send(ledger: Ledger, job_id: int, at: datetime) -> Job:
    """Claim a queued job and open its attempt."""
    [job] = claim(ledger, job_id, now=at)
    ledger.claims.open_attempt(job, {}, now=at)
    return job


def publish(ledger: Ledger, job_id: int, at: datetime) -> None:
    published = publishing_as(SUCCEEDED, f"publish of {job_id}")
    ledger.claims.settle(send(ledger, job_id, at), published, now=at, by="w")


def test_without_rules_nothing_in_particular_is_asked_for(ledger: Ledger) -> None:
    submit(ledger, new_job("one"))
    assert ledger.campaigns.rules("spring") == ledger.campaigns.rules("unknown") == CampaignRules()


def test_rules_come_back_as_they_were_given(ledger: Ledger) -> None:
    rules = CampaignRules(
        priority=Priority.HIGH,
        ordered=True,
        spacing=10 * MINUTE,
        jitter=90 * SECOND,
        late=LatePolicy(Lateness.SKIP, timedelta(minutes=90)),
    )
    load(ledger, rules, "one")
    assert ledger.campaigns.rules("spring") == rules
    submit(ledger, new_job("two"))
    assert ledger.campaigns.rules("spring") == rules


def test_where_order_is_kept_the_next_goes_when_the_one_before_has_ended(ledger: Ledger) -> None:
    first, second = load(ledger, ORDERED, "first", "second")
    [elsewhere] = load(ledger, ORDERED, "elsewhere", account="a2")

    assert sorted(released(ledger)) == [first, elsewhere]
    assert released(ledger, NOW + HOUR) == []
    publish(ledger, first, NOW + HOUR)

    assert released(ledger, NOW + HOUR) == [second]


@pytest.mark.parametrize("how", ["failed", "cancelled", "too late", "late"])
def test_a_turn_is_given_up_by_every_ending(ledger: Ledger, how: str) -> None:
    not_after = NOW + MINUTE if how == "too late" else None
    [first] = load(ledger, ORDERED, "first", run_at=NOW - HOUR, not_after=not_after)
    [second] = load(ledger, ORDERED, "second")
    if how == "failed":
        assert released(ledger) == [first]
        ledger.claims.settle(send(ledger, first, NOW), FAILED, now=NOW, by="w")
    elif how == "cancelled":
        cancelled = Settlement(to=State.CANCELLED, why="a person said so")
        ledger.moves.apply(ledger.jobs.get(first), cancelled, now=NOW, by="mia")
    elif how == "too late":
        assert released(ledger) == [first]
        assert ledger.latecomers.too_late(now=NOW + HOUR, by="test") == 1
    else:
        policy = LatePolicy(Lateness.SKIP, MINUTE)
        assert ledger.latecomers.late(["wonda"], policy, now=NOW, by="test") == 1

    assert released(ledger, NOW + HOUR) == [second]


def test_a_turn_is_kept_while_the_answer_is_unknown_or_a_retry_waits(ledger: Ledger) -> None:
    first, _second = load(ledger, ORDERED, "first", "second")
    assert released(ledger) == [first]
    ledger.claims.settle(send(ledger, first, NOW), UNCERTAIN, now=NOW, by="w")
    assert released(ledger, NOW + HOUR) == []

    retrying = Settlement(to=State.RETRYING, why="it is not there", due_at=NOW + 2 * HOUR)
    ledger.moves.apply(ledger.jobs.get(first), retrying, now=NOW, by="look")
    assert released(ledger, NOW + HOUR) == []
    assert released(ledger, NOW + 2 * HOUR) == [first]


def test_order_follows_the_times_and_not_the_file(ledger: Ledger) -> None:
    [later] = load(ledger, ORDERED, "later", run_at=NOW - SECOND)
    [sooner] = load(ledger, ORDERED, "sooner", run_at=NOW - MINUTE)
    assert released(ledger) == [sooner]
    publish(ledger, sooner, NOW)
    assert released(ledger, NOW) == [later]


def test_posts_of_a_spaced_campaign_keep_their_distance(ledger: Ledger) -> None:
    ids = load(ledger, CampaignRules(spacing=10 * MINUTE), "one", "two", "three")
    at = NOW
    for job_id in ids:
        assert released(ledger, at) == [job_id]
        assert ledger.jobs.get(job_id).due_at == (NOW if job_id == ids[0] else at)
        at += 15 * MINUTE
        # Nothing goes while it is on its way, however long that takes.
        assert released(ledger, at - SECOND) == []
        publish(ledger, job_id, at)
        assert released(ledger, at + 10 * MINUTE - SECOND) == []
        at += 10 * MINUTE


def test_a_release_ahead_of_time_keeps_the_distance_too(ledger: Ledger) -> None:
    first, second = load(ledger, CampaignRules(spacing=MINUTE), "one", "two")
    assert released(ledger) == [first]
    publish(ledger, first, NOW)

    ahead = NOW + MINUTE + LOOK_AHEAD - timedelta(milliseconds=1)
    assert [each.job_id for each in release(ledger, now=ahead)] == [second]
    assert ledger.jobs.get(second).due_at == NOW + MINUTE


def test_the_distance_is_to_the_post_and_not_to_its_plan(ledger: Ledger) -> None:
    first, second = load(ledger, CampaignRules(spacing=MINUTE), "one", "two")
    assert released(ledger) == [first]
    deferred = Settlement(to=State.SCHEDULED, why="limit", due_at=NOW + HOUR)
    [job] = claim(ledger, first)
    ledger.claims.settle(job, deferred, now=NOW, by="w")

    assert released(ledger, NOW + MINUTE) == [second]
    publish(ledger, second, NOW + MINUTE)
    assert released(ledger, NOW + HOUR) == [first]


def test_another_campaign_of_the_account_keeps_no_distance(ledger: Ledger) -> None:
    [spaced] = load(ledger, CampaignRules(spacing=HOUR), "one")
    assert released(ledger) == [spaced]
    [other] = submit(ledger, new_job("other"), campaign="autumn")
    assert released(ledger) == [other]


def test_jitter_adds_to_the_distance_the_same_each_time(ledger: Ledger) -> None:
    rules = CampaignRules(spacing=MINUTE, jitter=MINUTE)
    first, second = load(ledger, rules, "one", "two")
    assert released(ledger) == [first]
    publish(ledger, first, NOW)
    gap = rules.gap(second)
    assert MINUTE <= gap < 2 * MINUTE
    assert gap == rules.gap(second) != rules.gap(first)

    assert released(ledger, NOW + gap - timedelta(milliseconds=1)) == []
    assert released(ledger, NOW + gap) == [second]
    assert ledger.jobs.get(second).due_at == NOW + gap
    assert ledger.jobs.get(second).run_at == NOW


def test_look_alikes_of_two_campaigns_with_rules_go_one_at_a_time(ledger: Ledger) -> None:
    [ordered] = load(ledger, ORDERED, "one", caption="same")
    [other] = submit(ledger, new_job("other", caption="same"), campaign="autumn")
    [only] = released(ledger)
    publish(ledger, only, NOW)
    [rest] = released(ledger, NOW + 3 * SECOND)
    assert {only, rest} == {ordered, other}


def test_new_rules_are_for_the_jobs_that_have_not_ended(ledger: Ledger) -> None:
    first, second, third = submit(ledger, *(new_job(ref) for ref in ("one", "two", "three")))
    load(ledger, ORDERED, "four", run_at=NOW + HOUR)
    assert released(ledger) == [first]
    publish(ledger, first, NOW)
    load(ledger, CampaignRules(), "five", run_at=NOW + HOUR)
    assert released(ledger) == [second, third]


def test_a_campaign_s_late_policy_comes_before_its_connection_s(ledger: Ledger) -> None:
    policy = LatePolicy(Lateness.HOLD, MINUTE)
    [own] = load(ledger, CampaignRules(late=policy), "own", run_at=NOW - HOUR)
    [plain] = ledger.campaigns.submit(
        "autumn", [new_job("plain", run_at=NOW - HOUR)], now=NOW, by="test"
    ).added
    [(key, stored)] = ledger.latecomers.policies()
    assert stored == policy

    assert ledger.latecomers.late([key], policy, now=NOW, by="tick") == 1
    assert ledger.jobs.get(own).state is State.HELD
    assert ledger.latecomers.late(["wonda"], policy, now=NOW, by="tick") == 1
    assert ledger.jobs.get(plain).state is State.HELD


def test_lanes_of_each_campaign_are_looked_at_whatever_another_has_waiting(
    ledger: Ledger,
) -> None:
    submit(ledger, *(new_job(f"r{each}", account=f"a{each}") for each in range(50)))
    [single] = submit(
        ledger, new_job("single", account="b", run_at=NOW + SECOND), campaign="single"
    )
    lanes = ledger.releases.due_lanes(NOW + SECOND, 10)
    assert len(lanes) == 10
    assert "b" in {lane.account_id for lane in lanes}
    assert ledger.jobs.get(single).state is State.SCHEDULED


def test_lanes_of_closed_connections_are_not_looked_at(ledger: Ledger) -> None:
    submit(ledger, new_job("one"), new_job("two", connection="agency"))
    assert ledger.releases.due_connections(NOW) == ["agency", "wonda"]
    assert ledger.releases.due_connections(NOW - SECOND) == []
    lanes = ledger.releases.due_lanes(NOW, 10, closed=["wonda"])
    assert [lane.connection for lane in lanes] == ["agency"]
