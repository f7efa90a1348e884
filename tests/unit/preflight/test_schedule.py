"""Duplicates and crowding: in the file, and against what the ledger has already."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.limit import Limit, Reach, Unit, Window
from shared.domain.post import Kind, Media
from tests.unit.preflight.rows import (
    HOUR,
    NOW,
    Around,
    connected,
    neighbour,
    preflight,
    prepared,
    told,
)

DAY = timedelta(days=1)
SAME: dict[str, Any] = {
    "caption": "Rye week",
    "media": (Media(url="https://cdn.example.com/rye.jpg"),),
}


def three_a_day(window: Window = Window.ROLLING, **changes: object) -> Limit:
    given = {"requests": 3, "per": DAY, "unit": Unit.POSTS, "window": window}
    return Limit(**{**given, **changes})  # type: ignore[arg-type]


def test_the_same_to_the_same_account_within_the_window_is_warned_of() -> None:
    first, again = prepared(1, **SAME), prepared(2, at=NOW + 24 * HOUR, **SAME)
    (found,) = preflight(first, again).findings()
    assert (found.ref, found.field, found.warning) == ("r2", "caption", True)
    assert "row 1 (ref r1), 23h apart" in found.message


@pytest.mark.parametrize(
    "other",
    [
        prepared(2, at=NOW + 26 * HOUR, **SAME),
        prepared(2, account_id="a2", **SAME),
        prepared(2, caption="Rye month", media=SAME["media"]),
        prepared(2, caption="Rye week"),
        prepared(2, to=connected("wahdx"), **SAME),
    ],
)
def test_later_elsewhere_or_other_content_is_no_duplicate(other: object) -> None:
    assert told(prepared(1, **SAME), other) == []  # type: ignore[arg-type]


def test_of_a_row_for_two_accounts_each_post_is_warned_of() -> None:
    rows = [prepared(1, account_id=account, **SAME) for account in ("a1", "a2")]
    own = [replace(each, row=replace(each.row, ref=f"r1/{at}")) for at, each in enumerate(rows)]
    jobs = [neighbour(9 + at, NOW, each.job.post) for at, each in enumerate(rows)]
    assert told(*own, around=Around(*jobs)) == [
        ("r1/0", "caption", True),
        ("r1/1", "caption", True),
    ]


def test_the_window_is_configurable_and_blanks_do_not_count() -> None:
    rows = prepared(1, **SAME), prepared(2, at=NOW + 2 * HOUR, **{**SAME, "caption": " Rye  week "})
    assert told(*rows, window=HOUR) == [("r2", "caption", True)]
    assert told(*rows, window=timedelta(minutes=59)) == []


def test_a_post_without_a_caption_is_named_by_its_media() -> None:
    silent: dict[str, Any] = {**SAME, "caption": ""}
    assert told(prepared(1, **silent), prepared(2, **silent)) == [("r2", "media", True)]


def test_what_the_ledger_has_counts_but_not_the_job_that_the_row_made() -> None:
    row = prepared(1, **SAME)
    job = neighbour(9, NOW, row.job.post)
    (found,) = preflight(row, around=Around(job)).findings()
    assert "job 9 of old, 1h apart" in found.message

    own = neighbour(9, NOW, row.job.post, ref="r1")
    assert told(row, around=Around(own)) == []


def test_of_a_named_campaign_only_its_own_jobs_are_rows_of_the_file() -> None:
    row = prepared(1, **SAME)
    own = Around(neighbour(9, NOW, row.job.post, ref="r1"))
    edited = Around(neighbour(9, NOW, prepared(2, **SAME).job.post, ref="r1"))
    unsaid, named, other = (
        preflight(row, around=own, campaign=each) for each in (None, "old", "x")
    )

    assert (unsaid.findings(), named.findings()) == ([], [])
    [note] = unsaid.notes
    assert "1 job of old: rows of this file" in note
    (found,) = other.findings()
    assert "job 9 of old, 1h apart" in found.message
    assert (named.notes, other.notes) == ([], [])
    # A row that was edited since is still the job of its ref.
    changed = prepared(1, caption="Rye month")
    assert told(changed, around=edited, campaign="old") == []


def test_a_row_is_warned_of_once_and_a_job_never() -> None:
    row = prepared(1, **SAME)
    jobs = [neighbour(n, NOW + n * HOUR, row.job.post) for n in range(3)]
    assert told(row, around=Around(*jobs)) == [("r1", "caption", True)]


def test_a_row_without_a_time_goes_now() -> None:
    rows = prepared(1, at=None, **SAME), prepared(2, at=NOW + 24 * HOUR, **SAME)
    assert told(*rows) == [("r2", "caption", True)]


def test_more_than_the_cap_in_any_window_is_told_once_at_the_row_that_goes_over() -> None:
    to = connected("wonda", three_a_day())
    rows = [prepared(n, at=NOW + n * 7 * HOUR, to=to) for n in range(1, 7)]
    (found,) = preflight(*rows).findings()
    assert (found.ref, found.field, found.warning) == ("r4", "run_at", True)
    assert "4 posts of this account within 1d (from row 1 (ref r1) to here)" in found.message
    assert "the limit is 3 posts per 1d" in found.message


def test_a_schedule_that_fits_says_nothing() -> None:
    to = connected("wonda", three_a_day())
    assert told(*[prepared(n, at=NOW + n * 8 * HOUR, to=to) for n in range(1, 9)]) == []
    others = [prepared(n, to=to, account_id="a2") for n in range(1, 9)]
    assert told(*others) == []


def test_the_ledger_s_jobs_fill_the_window_too() -> None:
    to = connected("wonda", three_a_day())
    row = prepared(1, at=NOW + 4 * HOUR, to=to)
    jobs = [
        neighbour(n, NOW + n * HOUR, prepared(n, caption=f"Old {n}").job.post) for n in range(1, 4)
    ]
    around = Around(*jobs)
    (found,) = preflight(row, around=around).findings()
    assert "from job 1 of old to here" in found.message
    assert around.asked == [(NOW + 4 * HOUR - DAY, NOW + 4 * HOUR + DAY)]


def test_containers_are_counted_where_the_cap_counts_them() -> None:
    slides = tuple(Media(url=f"https://cdn.example.com/{n}.jpg") for n in range(4))
    cap = three_a_day(requests=9, unit=Unit.CONTAINERS)
    rows = [
        prepared(n, to=connected("wonda", cap), kind=Kind.CAROUSEL, media=slides)
        for n in range(1, 3)
    ]
    (found,) = preflight(*rows).findings()
    assert "makes 10 containers" in found.message


def test_a_calendar_day_is_the_zone_s() -> None:
    to = connected("wonda", three_a_day(Window.DAY, zone="Asia/Tokyo"))
    midnight = datetime(2026, 7, 2, 15, tzinfo=UTC)
    before = [prepared(n, at=midnight - n * HOUR, to=to) for n in range(1, 4)]
    after = [prepared(n, at=midnight + n * HOUR, to=to) for n in range(4, 7)]
    assert told(*before, *after) == []
    assert told(*before, prepared(9, at=midnight - 5 * HOUR, to=to)) == [("r1", "run_at", True)]


def test_an_account_s_share_of_declared_limits_counts() -> None:
    to = connected("wonda", three_a_day(reach=Reach.ACCOUNT))
    assert len(told(*[prepared(n, to=to) for n in range(1, 6)])) == 1


def test_waiting_drafts_have_a_cap_of_their_own() -> None:
    draft: dict[str, Any] = {
        "platform": "tiktok",
        "kind": Kind.CAROUSEL,
        "options": {"post_mode": "inbox"},
    }
    to = connected("genviral")
    rows = [prepared(n, to=to, **draft) for n in range(1, 7)]
    (found,) = preflight(*rows).findings()
    assert found.ref == "r6"
    assert "5 waiting drafts" in found.message
    direct = [prepared(n, to=to, platform="tiktok", kind=Kind.CAROUSEL) for n in range(1, 9)]
    assert told(*direct) == []


@given(st.lists(st.integers(0, 72 * 60), min_size=1, max_size=25))
def test_a_warning_comes_exactly_where_a_window_holds_too_many(minutes: list[int]) -> None:
    to = connected("wonda", three_a_day())
    rows = [prepared(n, at=NOW + timedelta(minutes=each), to=to) for n, each in enumerate(minutes)]
    dense = any(sum(0 <= other - start < 24 * 60 for other in minutes) > 3 for start in minutes)
    assert bool(told(*rows)) is dense
