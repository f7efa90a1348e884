"""Series: each occurrence becomes one job, whoever ticks, whatever breaks off in between."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from shared.domain.campaign import CampaignRules
from shared.domain.cron import read_cron
from shared.domain.recurrence import Recurrence
from shared.domain.release import LatePolicy
from shared.domain.series import HORIZON, NewSeries, Step, next_step
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.errors import InputError, UnknownName
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter
from shared.ledger.occurrences import ON_ITS_WAY, REPLACED
from tests.contract.ledger.building import NOW, SECOND, at_once, claim, folded, release, statements
from tests.contract.ledger.conftest import OpenLedger
from tests.contract.ledger.recurring import (
    DAY,
    HOLD,
    HOUR,
    POST,
    PUBLISH,
    SKIP,
    asked,
    at,
    run_ats,
    tick,
)


def test_the_next_occurrence_becomes_a_job_when_the_one_before_it_has_gone_by(
    ledger: Ledger,
) -> None:
    added = ledger.series.add(asked(), now=NOW)
    assert (added.next_at, added.campaign) == (at(13), "bread")

    [first] = tick(ledger, NOW)
    assert tick(ledger, at(13) - SECOND) == []
    [second] = tick(ledger, at(13))

    assert first
    assert second
    assert run_ats(ledger) == [at(13), at(14)]
    job = ledger.jobs.get(first)
    assert (job.ref, job.campaign) == ("rye@2026-03-01T13:00:00Z", "bread")
    assert (job.post, job.state, job.connection) == (POST, State.SCHEDULED, "wonda")
    assert folded(ledger, first) is State.SCHEDULED
    noted = ledger.occurrences.recent(added.id, 10)
    assert [(each.at, each.job_id, each.state) for each in noted] == [
        (at(14), second, State.SCHEDULED),
        (at(13), first, State.SCHEDULED),
    ]


def test_nothing_is_made_further_ahead_than_the_horizon(ledger: Ledger) -> None:
    ledger.series.add(asked("0 9 * * *"), now=NOW)
    due = at(8, day=2)

    assert tick(ledger, due - HORIZON - SECOND) == []
    assert len(tick(ledger, due - HORIZON)) == 1
    assert ledger.series.get("rye").next_at == at(8, day=3)


def test_two_schedulers_at_once_make_each_job_once(open_ledger: OpenLedger) -> None:
    ledgers = [open_ledger() for _ in range(4)]
    for number in range(8):
        ledgers[0].series.add(asked(name=f"s{number}"), now=NOW)

    def work(ledger: Ledger, name: str) -> Callable[[], list[int]]:
        return lambda: [each for each in tick(ledger, NOW, by=name, most=200) if each]

    made = at_once(*(work(each, f"s{at}") for at, each in enumerate(ledgers)))

    ids = [each for some in made for each in some]
    assert len(ids) == len(set(ids)) == 8
    assert len(ledgers[0].jobs.page(JobFilter(), 100)) == 8


def test_a_step_that_breaks_off_anywhere_is_taken_again_whole(ledger: Ledger) -> None:
    series = ledger.series.add(asked(late=HOLD), now=NOW)
    now = at(18) + SECOND
    step = next_step(series.recurrence, series.handled_until, now, PUBLISH)
    engine = ledger._database._engine

    said = 0
    for breaks_at in range(1, 100):
        left = breaks_at

        def crash(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise RuntimeError("killed")

        event.listen(engine, "after_cursor_execute", crash)
        try:
            ledger.occurrences.advance(series, step, now=now, by="s1")
        except RuntimeError:
            assert ledger.series.get("rye") == series
            assert run_ats(ledger) == []
            assert ledger.occurrences.recent(series.id, 9) == []
            said += 1
        else:
            break
        finally:
            event.remove(engine, "after_cursor_execute", crash)

    assert said > 5
    assert run_ats(ledger) == [at(18)]
    assert len(ledger.occurrences.recent(series.id, 9)) == 6
    assert tick(ledger, now)
    assert run_ats(ledger) == [at(18), at(19)]


def test_a_step_seen_before_a_pause_is_not_taken(ledger: Ledger) -> None:
    seen = ledger.series.add(asked(), now=NOW)
    step = next_step(seen.recurrence, seen.handled_until, NOW, PUBLISH)
    assert ledger.series.pause("rye", now=NOW, by="test")

    assert ledger.occurrences.advance(seen, step, now=NOW, by="s1") is None
    assert run_ats(ledger) == []


def test_a_clock_that_steps_back_makes_no_doubles(ledger: Ledger) -> None:
    ledger.series.add(asked("*/10 * * * *"), now=NOW)
    for minutes in (0, 15, 30, 45, 5, 10, 20, 50):
        tick(ledger, NOW + timedelta(minutes=minutes))

    found = run_ats(ledger)
    assert len(found) == len(set(found)) == 6
    assert found[-1] == at(13)


def test_of_what_went_by_in_an_outage_the_last_one_goes(ledger: Ledger) -> None:
    series = ledger.series.add(asked(), now=NOW)
    [before] = tick(ledger, NOW)
    made = [each for each in tick(ledger, at(18) + 600 * SECOND) if each]

    # 13:00 was there already and has not gone out; 14:00 to 17:00 were never made.
    assert run_ats(ledger, State.SCHEDULED) == [at(18), at(19)]
    assert ledger.jobs.get(made[0]).run_at == at(18)
    assert before
    assert ledger.jobs.get(before).reason == REPLACED
    noted = ledger.occurrences.recent(series.id, 20)
    assert [each.at for each in reversed(noted)] == [at(hour) for hour in range(13, 20)]
    assert [each.at for each in noted if each.job_id is None] == [at(17), at(16), at(15), at(14)]


def test_what_is_only_now_on_its_way_is_the_one_that_goes(ledger: Ledger) -> None:
    series = ledger.series.add(asked(), now=NOW)
    [before] = tick(ledger, NOW)
    assert before
    release(ledger, now=at(18))
    [job] = claim(ledger, before, now=at(18))
    ledger.claims.open_attempt(job, {}, now=at(18))
    tick(ledger, at(18) + SECOND)

    assert run_ats(ledger, State.SCHEDULED) == [at(19)]
    noted = {each.at: each.why for each in ledger.occurrences.recent(series.id, 20)}
    assert noted[at(18)] == ON_ITS_WAY


@pytest.mark.parametrize(
    ("policy", "late", "state"),
    [
        (SKIP, 3 * HOUR, None),
        (SKIP, HOUR, State.SCHEDULED),
        (HOLD, 3 * HOUR, State.HELD),
        (HOLD, HOUR, State.SCHEDULED),
        (PUBLISH, 3 * HOUR, State.SCHEDULED),
    ],
)
def test_the_last_one_follows_the_late_policy(
    ledger: Ledger, policy: LatePolicy, late: timedelta, state: State | None
) -> None:
    series = ledger.series.add(asked("0 9 * * *", late=policy), now=NOW)
    missed = at(8, day=9)
    tick(ledger, missed + late)

    noted = ledger.occurrences.recent(series.id, 1)[0]
    assert (noted.at, noted.state) == (missed, state)
    if state is not None:
        assert noted.job_id
        job = ledger.jobs.get(noted.job_id)
        assert job.hold is (Hold.LATE if state is State.HELD else None)
        assert folded(ledger, job.id) is state


def test_a_long_outage_is_caught_up_by_parts_and_ends_with_one_post(ledger: Ledger) -> None:
    series = ledger.series.add(asked("* * * * *"), now=NOW)
    tick(ledger, NOW)
    tick(ledger, NOW + DAY)

    assert len(run_ats(ledger, State.SCHEDULED)) == 2
    noted = ledger.occurrences.recent(series.id, 5000)
    assert len(noted) == 24 * 60 + 1
    assert len({each.at for each in noted}) == len(noted)


def test_its_own_late_policy_counts_for_its_jobs_whatever_the_campaign_says(
    ledger: Ledger,
) -> None:
    ledger.series.add(asked(late=SKIP), now=NOW)
    ledger.series.add(asked(name="other"), now=NOW)
    own, other = tick(ledger, NOW)
    ledger.campaigns.submit("bread", [], rules=CampaignRules(late=HOLD), now=NOW, by="test")
    assert own
    assert other

    policies = ledger.latecomers.policies()
    for key, policy in policies:
        ledger.latecomers.late([key], policy, now=at(16), by="test")

    assert len(policies) == 2
    assert ledger.jobs.get(own).state is State.FAILED
    assert ledger.jobs.get(other).state is State.HELD


def test_a_pause_takes_back_what_waits_and_a_resume_makes_it_again(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    made: list[int | None] = []
    for _ in range(3):
        made += tick(ledger, NOW)
        assert ledger.series.pause("rye", now=NOW, by="test")
        assert not ledger.series.pause("rye", now=NOW, by="test")
        assert run_ats(ledger, State.SCHEDULED) == []
        assert ledger.series.resume("rye", now=NOW)
        assert not ledger.series.resume("rye", now=NOW)
    made += tick(ledger, NOW)

    states = [ledger.jobs.get(each).state for each in made if each]
    assert states == [State.CANCELLED, State.CANCELLED, State.CANCELLED, State.SCHEDULED]
    assert set(run_ats(ledger)) == {at(13)}


def test_what_went_by_during_a_pause_never_comes(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    ledger.series.pause("rye", now=NOW, by="test")
    assert tick(ledger, at(16)) == []
    ledger.series.resume("rye", now=at(16) + SECOND)
    tick(ledger, at(16) + SECOND)

    assert run_ats(ledger) == [at(17)]


def test_a_removed_series_leaves_nothing_behind_and_may_be_added_once_more(
    ledger: Ledger,
) -> None:
    ledger.series.add(asked(), now=NOW)
    tick(ledger, NOW)
    assert ledger.series.remove("rye", now=NOW, by="test") == 1
    with pytest.raises(UnknownName, match="series list"):
        ledger.series.get("rye")
    assert ledger.series.list() == []

    ledger.series.add(asked(), now=NOW)
    [again] = tick(ledger, NOW)
    assert again
    assert ledger.jobs.get(again).state is State.SCHEDULED


def test_a_post_that_went_out_is_not_made_again_by_a_series_of_the_same_name(
    ledger: Ledger,
) -> None:
    ledger.series.add(asked(), now=NOW)
    [made] = tick(ledger, NOW)
    assert made
    release(ledger, now=at(13))
    [job] = claim(ledger, made, now=at(13))
    ledger.claims.open_attempt(job, {}, now=at(13))
    ledger.series.remove("rye", now=at(13), by="test")
    ledger.series.add(asked(), now=NOW)  # a clock that has stepped back

    assert tick(ledger, NOW) == [made]


def test_a_job_that_a_person_cancelled_stays_cancelled(ledger: Ledger) -> None:
    ledger.series.add(asked(), now=NOW)
    [made] = tick(ledger, NOW)
    assert made
    cancelled = Settlement(to=State.CANCELLED, why="not this one")
    assert ledger.moves.apply(ledger.jobs.get(made), cancelled, now=NOW, by="test")
    tick(ledger, at(13) + SECOND)

    assert run_ats(ledger, State.SCHEDULED) == [at(14)]


def test_a_series_ends_with_its_last_occurrence(ledger: Ledger) -> None:
    recurrence = Recurrence(cron=read_cron("0 * * * *"), zone=ZoneInfo("UTC"), end=at(13))
    ledger.series.add(
        NewSeries(
            name="rye",
            campaign="bread",
            recurrence=recurrence,
            provider="wonda",
            connection="wonda",
            post=POST,
        ),
        now=NOW,
    )
    tick(ledger, NOW)

    assert ledger.series.get("rye").next_at is None
    assert tick(ledger, at(20)) == []
    assert run_ats(ledger) == [at(13)]


def test_it_comes_back_from_the_database_as_it_was_asked_for(ledger: Ledger) -> None:
    wanted = asked("0 9 * * mon-fri", late=SKIP)
    stored = ledger.series.add(wanted, now=NOW)

    assert {name: getattr(stored, name) for name in wanted.__slots__} == {
        name: getattr(wanted, name) for name in wanted.__slots__
    }
    with pytest.raises(InputError, match="already"):
        ledger.series.add(wanted, now=NOW)


def test_a_tick_does_not_read_series_that_are_far_ahead(ledger: Ledger) -> None:
    for number in range(100):
        ledger.series.add(asked("0 9 1 1 *", name=f"s{number}"), now=NOW)
    with statements(ledger) as said:
        assert ledger.series.due(NOW, 10) == []
    [(sql, values)] = [each for each in said if "FROM series" in each[0]]
    explain = "EXPLAIN QUERY PLAN" if ledger.dialect == "sqlite" else "EXPLAIN"
    with ledger._database._engine.begin() as connection:
        connection.execute(text("ANALYZE"))
        plan = connection.exec_driver_sql(f"{explain} {sql}", values).all()

    assert any("ix_series_wake" in row[-1] for row in plan), plan


def test_steps_are_decided_by_the_clock_alone() -> None:
    recurrence = asked().recurrence
    ahead = next_step(recurrence, at(13), at(13), PUBLISH)
    assert ahead.made
    assert ahead.made.at == at(14)
    assert (ahead.next_at, ahead.wake_at) == (at(15), at(14))
    over = Step(handled_until=NOW, following=None)
    assert (over.next_at, over.wake_at) == (None, None)
