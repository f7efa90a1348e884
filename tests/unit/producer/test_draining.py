"""When a backlog has drained, from facts alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.cli.forecasts import backlog_line, forecast_shape
from shared.domain.campaign import CampaignRules
from shared.domain.crowd import Crowd
from shared.domain.limit import Scope, WindowUse
from shared.ledger.backlogs import LaneBacklog
from shared.producer.draining import Backlog, Drain, drain
from tests.support.jobs import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def window(limit: int, account: str | None = None, **changes: Any) -> WindowUse:
    whom = f"wonda/{account}" if account else "wonda"
    made = WindowUse(
        connection="wonda",
        account=account,
        limit=limit,
        used=0,
        per=MINUTE,
        window="fixed",
        resets_at=None,
        blocked_until=None,
        source="configured",
        words=f"{limit} requests per 1m of {whom}",
    )
    return replace(made, **changes)


def lane(account: str, overdue: int, **changes: Any) -> LaneBacklog:
    made = LaneBacklog(
        campaign_id=1,
        connection="wonda",
        account_id=account,
        paused=False,
        waiting=overdue,
        overdue=overdue,
        ready_at=NOW,
    )
    return replace(made, **changes)


def due(jobs: int, campaign: int = 1, weight: int = 4) -> Crowd:
    return Crowd(campaign_id=campaign, weight=weight, jobs=jobs)


def drained(*lanes: LaneBacklog, windows: list[WindowUse] | None = None, **changes: Any) -> Drain:
    of: dict[Scope, list[WindowUse]] = {}
    for each in windows or ():
        of.setdefault(Scope(each.connection, each.account), []).append(each)
    backlog = Backlog(
        now=NOW,
        rules=CampaignRules(),
        lanes=lanes,
        due={"wonda": {each.account_id: [due(each.overdue)] for each in lanes}},
        in_flight={},
        windows=of,
    )
    overdue = sum(each.overdue for each in lanes)
    return drain(replace(backlog, **changes), Drain(waiting=overdue, overdue=overdue))


def end(found: Drain) -> tuple[datetime | None, str | None]:
    return found.drained_at, found.binding


def test_without_limits_nothing_holds_it() -> None:
    assert end(drained(lane("a1", 50))) == (NOW, None)


def test_the_lanes_of_a_connection_share_its_window() -> None:
    found = drained(lane("a1", 15), lane("a2", 10), windows=[window(10)])
    assert end(found) == (NOW + 2 * MINUTE, "10 requests per 1m of wonda")


def test_a_lane_s_own_window_binds_where_it_takes_longer() -> None:
    found = drained(lane("a1", 15), lane("a2", 5), windows=[window(10), window(3, "a1")])
    assert end(found) == (NOW + 4 * MINUTE, "3 requests per 1m of wonda/a1")


def test_other_campaigns_take_their_share_and_those_on_their_way_theirs() -> None:
    crowd = {"a1": [due(10), due(100, campaign=2, weight=16)]}
    found = drained(lane("a1", 10), windows=[window(10)], due={"wonda": crowd})
    assert end(found)[0] == NOW + 4 * MINUTE
    found = drained(lane("a1", 10), windows=[window(10)], in_flight={"wonda": 1})
    assert end(found)[0] == NOW + MINUTE


def test_a_block_puts_the_end_off_and_says_why() -> None:
    until = NOW + HOUR
    why = "the provider answered 429"
    block = replace(window(1), limit=None, per=None, blocked_until=until, words=why)
    found = drained(lane("a1", 5), windows=[window(10), block])
    assert end(found) == (until, "the provider answered 429")
    assert end(drained(lane("a1", 15), windows=[window(10), block]))[0] == until + MINUTE


def test_a_campaign_s_spacing_binds_on_each_account() -> None:
    rules = CampaignRules(spacing=10 * MINUTE)
    found = drained(lane("a1", 4), lane("a2", 2), windows=[window(10)], rules=rules)
    assert end(found) == (NOW + 30 * MINUTE, "the campaign's spacing")


def test_what_was_put_off_is_waited_for() -> None:
    assert end(drained(lane("a1", 1, ready_at=NOW + HOUR))) == (NOW + HOUR, None)


def test_behind_a_pause_nobody_knows() -> None:
    found = drained(lane("a1", 5), lane("a2", 1, paused=True), windows=[window(10)])
    assert end(found) == (None, "a pause that wonda/a2 is under")


def test_a_person_reads_it_in_one_line() -> None:
    found = drained(lane("a1", 15), windows=[window(10)])
    assert backlog_line(found, NOW) == (
        "overdue: 15, drained by 2026-11-22 12:01:00Z (10 requests per 1m of wonda)"
    )
    assert backlog_line(drained(lane("a1", 2)), NOW) == "overdue: 2, and no limit holds them"
    unknown = Drain(waiting=3, overdue=2)
    assert backlog_line(unknown, NOW) == "overdue: 2, and nobody can say until when"


def test_scripts_get_it_as_values() -> None:
    assert forecast_shape(None) is None
    assert forecast_shape(drained(lane("a1", 15), windows=[window(10)])) == {
        "waiting": 15,
        "overdue": 15,
        "drained_at": "2026-11-22T12:01:00.000Z",
        "binding": "10 requests per 1m of wonda",
    }
