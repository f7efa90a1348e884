"""Submitting: all problems at once or all rows in one go, and once each."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.bootstrap import Parts
from shared.domain.limit import Limit, Unit
from shared.domain.states import State
from shared.embedded.server import free_port
from shared.errors import InputError, KeyMissing, PartUnreachable
from shared.settings import read_settings
from tests.support.scene import Scene, connections_of, scene

HOUR = timedelta(hours=1)
UNKNOWN_ACCOUNT = "1f0a0f52-6a2e-4c55-9d1e-aa0000009999"
WAHDX_EXPIRED = "1f0a0f52-6a2e-4c55-9d1e-aa0000000014"


def problems_of(stage: Scene, **changes: Any) -> list[str]:
    with pytest.raises(InputError) as refused:
        stage.submit(stage.row(**changes))
    assert stage.ledger.campaigns.list() == []
    return list(refused.value.problems)


def test_a_due_row_becomes_a_queued_job_and_its_worker_is_rung(stage: Scene) -> None:
    submission = stage.submit(stage.row())
    (job_id,) = submission.added
    assert submission.rung
    assert stage.states(job_id) == [State.SCHEDULED, State.QUEUED]
    assert stage.bell.rung == [job_id]


def test_a_row_for_later_waits_and_nobody_is_rung(stage: Scene) -> None:
    job_id = stage.in_state(State.SCHEDULED)
    assert stage.job(job_id).due_at == stage.job(job_id).run_at > stage.clock.now()
    assert stage.bell.rung == []


def test_every_problem_of_every_row_is_told_and_nothing_is_written(stage: Scene) -> None:
    rows = [
        stage.row(ref="good"),
        stage.row(ref="lost", account=UNKNOWN_ACCOUNT),
        stage.row("posteverywhere", ref="long", caption="x" * 3_000, options={"board_id": "7"}),
        stage.row(provider="nobody", ref="strange", account="a"),
        stage.row("wahdx", ref="secret", media=["http://10.0.0.8/1.jpg"]),
    ]
    with pytest.raises(InputError) as refused:
        stage.submit(*rows)
    said = refused.value.problems
    for ref, field in (
        ("lost", "account"),
        ("long", "caption"),
        ("long", "board_id"),
        ("strange", "provider"),
    ):
        assert any(f"(ref {ref})" in each and field in each for each in said), said
    assert not any("good" in each for each in said)
    assert stage.ledger.campaigns.list() == []
    assert stage.bell.rung == []


def test_the_same_rows_twice_add_nothing(stage: Scene) -> None:
    rows = [stage.row("genviral"), stage.row("wonda")]
    first = stage.submit(*rows)
    second = stage.submit(*rows)
    assert len(first.added) == 2
    assert (second.added, second.unchanged, second.changed) == ([], 2, [])
    assert sorted(second.existing) == sorted(first.added)
    assert sorted(stage.bell.rung) == sorted(first.added)


def test_the_same_row_without_a_time_is_unchanged_an_hour_later(stage: Scene) -> None:
    stage.submit(stage.row())
    stage.move(HOUR)
    assert stage.submit(stage.row()).unchanged == 1


@pytest.mark.parametrize(
    "change",
    [{"caption": "Other words"}, {"run_at": "2031-01-01T00:00:00Z"}, {"platform": "tiktok"}],
)
def test_a_changed_row_is_named_and_what_is_stored_stays(
    stage: Scene, change: dict[str, Any]
) -> None:
    tiktok = {"account": "b3f9a1bb-01d2-4d1e-9b50-203f4e5d2203"} if "platform" in change else {}
    (job_id,) = stage.submit(stage.row()).added
    before = stage.job(job_id)
    again = stage.submit(stage.row(**change, **tiktok))
    assert (again.added, again.unchanged, again.changed) == ([], 0, ["genviral"])
    assert stage.job(job_id) == before


def test_the_same_ref_in_another_campaign_is_another_job(stage: Scene) -> None:
    stage.submit(stage.row(), campaign="spring")
    assert len(stage.submit(stage.row(caption="Autumn"), campaign="autumn").added) == 1


def test_accounts_are_asked_for_once_and_again_when_they_are_old(stage: Scene) -> None:
    stage.submit(stage.row(ref="one"))
    stage.submit(stage.row(ref="two", caption="two"))
    assert stage.asked("accounts") == 1
    stage.move(timedelta(minutes=6))
    stage.submit(stage.row(ref="three", caption="three"))
    assert stage.asked("accounts") == 2


def test_an_account_connected_a_moment_ago_is_found(stage: Scene) -> None:
    fresh = stage.sandbox.providers["genviral"].accounts.pop(stage.row().account)
    stage.submit(stage.row(ref="other", account="18e4f600-5627-4263-80a5-758493a22208"))
    stage.sandbox.providers["genviral"].accounts[fresh.id] = fresh
    assert len(stage.submit(stage.row()).added) == 1
    assert stage.asked("accounts") == 2


def test_a_wrong_account_in_many_rows_is_asked_for_once_more_only(stage: Scene) -> None:
    stage.submit(stage.row(ref="good"))
    rows = [stage.row(ref=f"r{n}", account=UNKNOWN_ACCOUNT) for n in range(5)]
    with pytest.raises(InputError) as refused:
        stage.submit(*rows)
    assert len(refused.value.problems) == 5
    assert stage.asked("accounts") == 2


def test_old_accounts_must_do_while_the_provider_is_away(stage: Scene) -> None:
    stage.submit(stage.row(ref="one"))
    stage.move(HOUR)
    stage.sandbox.add_fault("error_before", call="accounts", status=503, count=None)
    assert len(stage.submit(stage.row(ref="two", caption="two")).added) == 1


def test_a_provider_whose_accounts_were_never_known_must_answer(stage: Scene) -> None:
    stage.sandbox.add_fault("error_before", call="accounts", status=503, count=None)
    with pytest.raises(PartUnreachable, match="genviral"):
        stage.submit(stage.row())
    assert stage.ledger.campaigns.list() == []


def test_an_account_that_cannot_post_is_refused_with_the_reason(stage: Scene) -> None:
    (problem,) = problems_of(stage, provider="posteverywhere", account="4131")
    assert "account" in problem
    assert "4131" in problem or "post" in problem


def test_an_at_name_finds_its_account_on_the_row_s_platform(stage: Scene) -> None:
    job_id = stage.submitted(account="@Harbor.Bakery")
    assert stage.job(job_id).post.account_id == stage.row().account


def test_an_at_name_that_two_accounts_bear_is_ambiguous_and_offers_both(stage: Scene) -> None:
    accounts = stage.sandbox.providers["genviral"].accounts
    twin = replace(accounts[stage.row().account], id="ffffffff-3a51-4a61-9d4a-6c1d6f7b2201")
    accounts[twin.id] = twin
    (problem,) = problems_of(stage, account="@harbor.bakery")
    assert "ambiguous" in problem
    assert twin.id in problem
    assert stage.row().account in problem


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"account": UNKNOWN_ACCOUNT}, "account", "genviral"),
        ({"account": "@nobody"}, "account", "genviral"),
        ({"connection": "nowhere"}, "connection", "known are genviral"),
        ({"connection": "wonda"}, "provider", "at wonda, not at genviral"),
        ({"options": {"board_id": "7"}}, "board_id", "genviral"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_its_field(
    stage: Scene, change: dict[str, Any], field: str, hint: str
) -> None:
    (problem,) = problems_of(stage, **change)
    assert field in problem
    assert hint in problem


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/1.jpg", "http://[::1]/1.jpg", "http://192.168.1.9/1.jpg"]
)
def test_private_media_are_refused_where_the_settings_say_so(stage: Scene, url: str) -> None:
    connections = stage.parts.connections
    connected = connections["genviral"]
    strict = replace(connected, connection=replace(connected.connection, private_media=False))
    connections["genviral"] = strict  # type: ignore[index]
    (problem,) = problems_of(stage, media=[url])
    assert "media[0]" in problem
    assert "private" in problem


def test_a_media_url_that_is_not_http_is_refused_anyway(stage: Scene) -> None:
    (problem,) = problems_of(stage, media=["ftp://cdn.example.com/1.jpg"], kind="image")
    assert "http" in problem


def test_a_post_that_a_limit_never_admits_is_a_problem_of_its_row(stage: Scene) -> None:
    most = Limit(requests=2, unit=Unit.CONTAINERS, per=24 * HOUR)
    connections = stage.parts.connections
    connected = connections["genviral"]
    limited = replace(connected, connection=replace(connected.connection, limits=(most,)))
    connections["genviral"] = limited  # type: ignore[index]
    slides = [stage.sandbox.media_url(f"{each}.jpg") for each in range(2)]
    (problem,) = problems_of(stage, media=slides, kind="carousel")
    assert "media" in problem
    assert "makes 3 containers; the limit is 2 containers per 1d" in problem
    assert stage.submit(stage.row()).added


def test_a_row_that_could_not_be_read_whole_is_never_submitted(stage: Scene) -> None:
    with pytest.raises(InputError):
        stage.submit(replace(stage.row(), flawed=True))
    assert stage.ledger.campaigns.list() == []


def test_a_connection_without_a_key_says_which_variable_to_set(stage: Scene) -> None:
    connections = stage.parts.connections
    connected = connections["genviral"]
    keyless = replace(connected, connection=replace(connected.connection, key=None))
    connections["genviral"] = keyless  # type: ignore[index]
    with pytest.raises(KeyMissing, match="DROPLINE_GENVIRAL_API_KEY"):
        stage.submit(stage.row())


def test_while_redis_is_away_the_rows_stay_and_the_answer_says_so(redis_url: str) -> None:
    with scene(redis_url) as stage:
        stage.submit(stage.row(ref="first"))
        home = stage.parts.settings.home
        with Parts.of(read_settings(_without_redis(stage, home))) as parts:
            row = stage.row(ref="second", caption="second")
            submission = parts.producer.submit([row], campaign="test", by="test")
        (job_id,) = submission.added
        assert not submission.rung
        assert stage.job(job_id).state is State.SCHEDULED
        stage.move(timedelta(minutes=1))
        assert stage.scheduler.dispatch() == 1
        assert stage.bell.rung[-1] == job_id


def _without_redis(stage: Scene, home: Path) -> dict[str, str]:
    return {
        **connections_of(stage.sandbox),
        "DROPLINE_HOME": str(home),
        "DROPLINE_DATABASE_URL": stage.parts.settings.database_url,
        "DROPLINE_REDIS_URL": f"redis://127.0.0.1:{free_port(0)}/0",
    }
