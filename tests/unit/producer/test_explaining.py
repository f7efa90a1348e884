"""An explanation, from facts alone: one cause each, when the job should go, and what if not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.cli.explained import explanation_shape, told
from shared.dispatch import PER_LANE
from shared.domain.campaign import CampaignRules
from shared.domain.crowd import Crowd
from shared.domain.limit import Headroom, WindowUse
from shared.domain.pause import Pausable, Pause, Target
from shared.domain.release import LatePolicy, read_late_policy
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.ledger.waits import MOST_BEFORE, MOST_DUE, Other, Wait
from shared.producer.explaining import explain
from shared.producer.explanation import Explanation, Reason
from shared.producer.facts import Facts, Room
from tests.support.jobs import NOW, a_job

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BREAD = Target(Pausable.ACCOUNT, "wonda", "a1")
OTHER = Other(7, "r7", State.PUBLISHING)
OPEN = Headroom(free=None)
TEN = "10 requests per 1m of p"


def due(jobs: int, campaign: int = 1, weight: int = 4, lanes: int = 1) -> Crowd:
    return Crowd(campaign_id=campaign, weight=weight, jobs=jobs, lanes=lanes)


def wait(**changes: Any) -> Wait:
    alone = Wait(
        campaign_id=1,
        rules=CampaignRules(),
        pause=None,
        unfit=None,
        turn=None,
        twin=None,
        close=None,
        spaced_until=None,
        before=0,
        in_lane=[due(1)],
        at_connection=[due(1)],
        lane_in_flight=0,
        connection_in_flight=0,
    )
    return replace(alone, **changes)


def ten(used: int, resets_at: datetime | None, **changes: Any) -> WindowUse:
    window = WindowUse(
        connection="p",
        account=None,
        limit=10,
        used=used,
        per=MINUTE,
        window="fixed",
        resets_at=resets_at,
        blocked_until=None,
        source="configured",
        words=TEN,
    )
    return replace(window, **changes)


def room(*windows: WindowUse, connection: Headroom = OPEN, account: Headroom = OPEN) -> Room:
    return Room(connection=connection, account=account, windows=windows)


FULL = room(
    ten(10, NOW + 30 * SECOND),
    connection=Headroom(free=0, until=NOW + 30 * SECOND, limit=TEN),
)


def said(
    state: State = State.SCHEDULED,
    waits: Wait | None = None,
    limits: Room | None = None,
    late: LatePolicy | None = None,
    away: str = "",
    **job: Any,
) -> Explanation:
    of_waiting = state in {State.SCHEDULED, State.RETRYING}
    facts = Facts(
        job=a_job(state, **job),
        now=NOW,
        late=late,
        wait=(waits or wait()) if of_waiting else None,
        room=(limits or room()) if of_waiting and not away else None,
        away=away,
    )
    return explain(facts)


@pytest.mark.parametrize(
    ("facts", "reason", "words"),
    [
        ({"due_at": NOW + HOUR}, Reason.NOT_DUE, "waits for its time"),
        (
            {"due_at": NOW + HOUR, "deferrals": 1, "reason": "wait 90 s"},
            Reason.DEFERRED,
            "deferred (wait 90 s)",
        ),
        (
            {"state": State.RETRYING, "due_at": NOW + HOUR, "attempts": 2},
            Reason.RETRYING,
            "Attempt 2 failed",
        ),
        (
            {"waits": wait(pause=Pause(BREAD, "mia", "too loud", NOW - HOUR))},
            Reason.PAUSED,
            "paused by mia since 2026-11-22 11:00:00Z (too loud)",
        ),
        ({"waits": wait(unfit="expired")}, Reason.ACCOUNT, "account cannot post (expired)"),
        ({"waits": wait(turn=OTHER)}, Reason.ORDER, "job 7 (ref r7, publishing) must end first"),
        ({"waits": wait(twin=OTHER)}, Reason.LOOK_ALIKE, "job 7 (ref r7, publishing) looks"),
        ({"waits": wait(close=OTHER)}, Reason.SPACING, "job 7 (ref r7, publishing) is on its way"),
        ({"waits": wait(spaced_until=NOW + MINUTE)}, Reason.SPACING, "distance to the post before"),
        ({"away": "Redis is away."}, Reason.LIMITS_UNKNOWN, "nothing is sent: Redis is away."),
        ({"limits": FULL}, Reason.LIMIT, f"waits for a limit: {TEN}"),
        ({"waits": wait(lane_in_flight=PER_LANE)}, Reason.IN_FLIGHT, "8 posts of its account"),
        ({"waits": wait(before=1)}, Reason.BEHIND, "behind 1 other in its lane"),
        ({"waits": wait(before=12)}, Reason.BEHIND, "behind 12 others in its lane"),
        ({"waits": wait(before=MOST_BEFORE + 1)}, Reason.BEHIND, "more than 1,000 others"),
        ({}, Reason.NEXT, "nothing holds it"),
        ({"state": State.QUEUED}, Reason.QUEUED, "handed to the workers"),
        ({"state": State.QUEUED, "rings": 3}, Reason.QUEUED, "rung again 3 times"),
        ({"state": State.PUBLISHING}, Reason.PUBLISHING, "publishing it now"),
        ({"state": State.IN_PROGRESS, "provider_status": "busy"}, Reason.IN_PROGRESS, "busy"),
        ({"state": State.UNCERTAIN}, Reason.UNCERTAIN, "answer to its publish call was lost"),
        ({"state": State.HELD, "hold": Hold.LATE}, Reason.HELD, "`dropline jobs cancel 1` ends it"),
        ({"state": State.FAILED, "reason": "refused"}, Reason.ENDED, "ended: failed (refused)"),
    ],
)
def test_every_cause_has_its_word_and_its_sentence(
    facts: dict[str, Any], reason: Reason, words: str
) -> None:
    found = said(**facts)
    assert found.reason is reason
    assert words in found.sentence
    assert found.sentence.count(".") >= 1


def test_the_cause_that_must_pass_first_is_the_one_named() -> None:
    both = wait(pause=Pause(BREAD, "mia"), before=5, spaced_until=NOW + MINUTE)
    assert said(waits=both, limits=FULL).reason is Reason.PAUSED
    assert said(waits=replace(both, pause=None), limits=FULL).reason is Reason.SPACING


def test_a_full_limit_says_when_it_opens_and_how_many_go_before() -> None:
    found = said(waits=wait(before=3, in_lane=[due(4)], at_connection=[due(4)]), limits=FULL)
    assert found.until == found.expected_at == NOW + 30 * SECOND
    assert (found.limit, found.position) == (TEN, 4)
    assert "behind 3 others" in found.sentence


def test_of_two_full_limits_the_one_that_opens_last_is_named() -> None:
    later = Headroom(free=0, until=NOW + HOUR, limit="1 request per 1h of p/a1")
    found = said(limits=replace(FULL, account=later))
    assert (found.limit, found.until) == (later.limit, NOW + HOUR)


def test_a_limit_that_those_on_their_way_will_use_up_holds_a_job_too() -> None:
    limits = room(ten(4, NOW + MINUTE), connection=Headroom(free=6, limit=TEN))
    found = said(waits=wait(connection_in_flight=6), limits=limits)
    assert found.reason is Reason.LIMIT
    assert "those on their way (6)" in found.sentence
    assert found.expected_at == NOW + MINUTE
    assert said(waits=wait(connection_in_flight=5), limits=limits).reason is Reason.NEXT


def test_those_before_it_at_its_connection_put_it_off() -> None:
    crowd = [due(24, lanes=2), due(100, campaign=2, weight=1)]
    waits = wait(before=11, in_lane=[due(12)], at_connection=crowd)
    found = said(waits=waits, limits=room(ten(0, None), connection=Headroom(free=10, limit=TEN)))
    assert found.reason is Reason.BEHIND
    # 23 of its own campaign and 6 of the other one: it is the last of the third window.
    assert found.expected_at == NOW + 2 * MINUTE
    assert found.limit == TEN


def test_a_job_for_later_goes_when_what_is_due_now_has_gone_or_at_its_time() -> None:
    waits = wait(at_connection=[due(30)], in_lane=[due(30)])
    limits = room(ten(0, None))
    soon = said(waits=waits, limits=limits, due_at=NOW + SECOND)
    later = said(waits=waits, limits=limits, due_at=NOW + HOUR)
    assert (soon.expected_at, later.expected_at) == (NOW + 3 * MINUTE, NOW + HOUR)
    assert soon.position is None


def test_a_block_puts_everything_off() -> None:
    block = ten(0, NOW + HOUR, limit=None, per=None, window="block", blocked_until=NOW + HOUR)
    found = said(waits=wait(before=10), limits=room(ten(0, None), block))
    assert found.expected_at == NOW + HOUR + MINUTE


def test_distance_in_its_campaign_counts_for_each_of_those_before_it() -> None:
    rules = CampaignRules(spacing=10 * MINUTE, jitter=2 * MINUTE)
    waits = wait(rules=rules, before=2, spaced_until=NOW + MINUTE, in_lane=[due(3)])
    found = said(waits=waits)
    assert found.expected_at == NOW + MINUTE + 2 * 11 * MINUTE
    assert said(waits=replace(waits, close=OTHER)).expected_at == NOW + 3 * 11 * MINUTE


@pytest.mark.parametrize(
    "waits",
    [
        wait(pause=Pause(BREAD, "mia")),
        wait(unfit=""),
        wait(turn=OTHER),
        wait(twin=OTHER),
        wait(before=MOST_BEFORE + 1),
        wait(at_connection=[due(MOST_DUE + 1)]),
    ],
)
def test_where_nobody_can_know_when_no_time_is_named(waits: Wait) -> None:
    assert said(waits=waits).expected_at is None


def test_where_the_limits_cannot_be_asked_only_a_time_to_come_is_named() -> None:
    assert said(away="Redis is away").expected_at is None
    assert said(away="Redis is away", due_at=NOW + HOUR).expected_at == NOW + HOUR


@pytest.mark.parametrize(
    ("policy", "then", "words"),
    [
        ("skip after 10s", "failed", "it is not sent any more after 2026-11-22 12:00:10Z"),
        ("hold after 10s", "held", "it is held after 2026-11-22 12:00:10Z (`hold after 10s`)"),
    ],
)
def test_what_goes_too_late_says_what_becomes_of_it(policy: str, then: str, words: str) -> None:
    found = said(limits=FULL, late=read_late_policy(policy))
    assert found.late is not None
    assert (found.late.at, found.late.then) == (NOW + 10 * SECOND, then)
    assert found.late.expected is True
    assert f"That is too late: {words}" in told(found, NOW)


def test_what_goes_in_time_says_nothing_of_its_deadline() -> None:
    found = said(limits=FULL, late=read_late_policy("skip after 1h"))
    assert found.late is not None
    assert found.late.expected is False
    assert told(found, NOW) == f"{found.sentence} Until 2026-11-22 12:00:30Z."


def test_a_deadline_that_may_pass_is_named_where_nobody_knows() -> None:
    found = said(waits=wait(turn=OTHER), not_after=NOW + HOUR)
    assert "If it has not gone by 2026-11-22 13:00:00Z" in told(found, NOW)
    passed = said(waits=wait(turn=OTHER), not_after=NOW - HOUR)
    assert "is not sent any more from the scheduler's next tick on" in told(passed, NOW)
    assert "(`not_after`)" in told(said(State.QUEUED, not_after=NOW + HOUR), NOW)


def test_the_first_of_two_deadlines_counts() -> None:
    skip = read_late_policy("skip after 2h")
    found = said(late=skip, not_after=NOW + HOUR).late
    assert found is not None
    assert found.policy == "not_after"


@pytest.mark.parametrize(
    "job",
    [{"deferrals": 1}, {"first_sent_at": NOW}],
)
def test_a_late_policy_is_about_what_was_never_tried(job: dict[str, Any]) -> None:
    assert said(late=read_late_policy("skip after 1h"), **job).late is None


def test_a_person_is_told_when_it_should_go_and_what_puts_it_off() -> None:
    found = said(waits=wait(before=15), limits=room(ten(0, None), connection=OPEN))
    assert told(found, NOW) == (
        "It is due, behind 15 others in its lane."
        " It should go at 2026-11-22 12:01:00Z, because of 10 requests per 1m of p."
    )


def test_scripts_get_the_same_as_values() -> None:
    shape = explanation_shape(a_job(State.SCHEDULED), said(limits=FULL, not_after=NOW + HOUR))
    assert shape == {
        "id": 1,
        "state": "scheduled",
        "reason": "limit",
        "why": None,
        "hold": None,
        "sentence": f"It is due, and waits for a limit: {TEN}.",
        "until": "2026-11-22T12:00:30.000Z",
        "expected_at": "2026-11-22T12:00:30.000Z",
        "position": 1,
        "limit": TEN,
        "late": {
            "policy": "not_after",
            "at": "2026-11-22T13:00:00.000Z",
            "then": "failed",
            "expected": False,
        },
    }
