"""Plans beside what stands still and what comes again and again."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.campaign import CampaignRules
from shared.domain.cron import Cron
from shared.domain.recurrence import Recurrence
from shared.domain.release import Lateness, LatePolicy
from shared.domain.series import NewSeries
from shared.domain.states import State
from shared.plan import recurring
from shared.plan.model import Coming, ModelConnection, PlannedCampaign, Question, Stop
from shared.plan.outcome import plan
from shared.plan.remedies import remedies
from tests.support.plans import START, jobs, model, per_account, question

HOUR = timedelta(hours=1)
STOP = Stop(why="account model/a0 is paused by ann", lift="`resume` lets it go on")


def beside_series(
    count: int, connection: ModelConnection, late: LatePolicy | None = None
) -> Question:
    """Ask for posts of one account that also has a post of a series every ten minutes."""
    template = jobs(1)[0]
    series = NewSeries(
        name="rye",
        campaign="rye",
        recurrence=Recurrence(cron=Cron("*/10 * * * *"), zone=ZoneInfo("UTC")),
        provider="model",
        connection="model",
        post=replace(template.post, caption="rye"),
        late=late,
    )
    ours = PlannedCampaign(name="c", jobs=jobs(count), rules=CampaignRules())
    coming = PlannedCampaign(name="rye", jobs=[], coming=[Coming(series=series, after=START)])
    asked = question([], connection, about="c")
    return replace(asked, campaigns=[coming, ours])


def test_what_stands_still_stays_and_spends_nothing() -> None:
    limit = replace(per_account(2, HOUR))
    asked = question(jobs(4, 2), model(limit), stops={("model", "a0"): STOP})
    found = plan(asked)
    assert {each.account for each in found.missing} == {"a0"}
    assert {(each.state, each.attempts) for each in found.missing} == {(State.SCHEDULED, 0)}
    assert {each.reason for each in found.missing} == {str(STOP)}
    assert {each.account for each in found.windows} == {"a1"}


def test_all_that_is_asked_about_may_stand_still() -> None:
    found = plan(question(jobs(3), stops={("model", "a0"): STOP}))
    assert len(found.missing) == 3
    assert found.finish_at is None


def test_resuming_is_the_first_advice_and_the_others_come_besides() -> None:
    asked = question(jobs(12), model(per_account(2, HOUR)), stops={("model", "a0"): STOP})
    told = {}
    for hours in (6, 2):
        deadline = START + hours * HOUR
        found = remedies(asked, plan(asked), deadline, plan)
        told[hours] = {each.what: each.words for each in found}
    assert told[6] == {"resuming": "all that stands still goes on"}
    assert list(told[2]) == ["resuming", "hours", "accounts"]
    assert "besides" in told[2]["resuming"]


def test_a_series_takes_its_share_until_the_file_is_out_and_no_longer() -> None:
    limit = per_account(4, HOUR)
    found = plan(beside_series(8, model(limit)))
    alone = plan(question(jobs(8), model(limit)))
    assert found.finish_at is not None
    assert alone.finish_at is not None
    assert found.finish_at > alone.finish_at
    assert len(found.posts) == 8
    hours = (found.finish_at - START) / HOUR
    assert 6 * hours <= found.recurring <= 6 * (hours + 1) + 1
    assert found.recurring_until is None


def test_a_series_that_skips_leaves_more_room() -> None:
    limit = per_account(4, HOUR)
    skip = LatePolicy(Lateness.SKIP, timedelta(minutes=1))
    patient, skipping = (plan(beside_series(8, model(limit), late)) for late in (None, skip))
    assert patient.finish_at is not None
    assert skipping.finish_at is not None
    assert skipping.finish_at <= patient.finish_at


def test_too_many_occurrences_are_cut_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "MOST", 3)
    found = plan(beside_series(8, model(per_account(4, HOUR))))
    assert found.recurring == 3
    assert found.recurring_until == START + timedelta(minutes=40)
