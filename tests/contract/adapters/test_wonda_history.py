"""Wonda's two histories, and the search in them after a lost answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.lost import Absent, Ambiguous, Found, Unanswered
from shared.domain.post import Kind, Post
from shared.domain.status import Status, Verdict
from shared.provider import Lost
from tests.contract.adapters.wonda_samples import (
    IG_ROWS,
    INSTAGRAM,
    SENT_AT,
    TIKTOK,
    TT_ROWS,
    WONDA,
    ig_row,
    post,
    rows,
    stamp,
    tt_row,
)
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(WONDA, server.url) as opened:
        yield opened


def pages(*items: list[dict[str, Any]], key: str = "instagramPublishId") -> list[Reply]:
    """Every page but the last names its last row as the cursor, as the sample does (S)."""
    replies = []
    for number, page in enumerate(items):
        last = {name: page[-1][name] for name in ("createdAt", key)}
        more = {} if number == len(items) - 1 else {"nextCursor": last}
        replies.append(rows(*page, **more))
    return replies


def test_the_history_walks_cursor_pairs_and_shows_each_row_once(
    server: Scripted, wires: Wires
) -> None:
    first = [ig_row("a", 9), ig_row("b", 8)]
    second = [ig_row("b", 8), ig_row("c", 7), ig_row("d", 6)]
    server.on("GET", IG_ROWS, *pages(first, second))
    server.on("GET", TT_ROWS, rows(nextCursor=None))

    listed = list(WONDA.history(INSTAGRAM, SENT_AT, wires.open()))

    assert [each.publish_id for each in listed] == ["a", "b", "c", "d"]
    assert server.asked("GET", IG_ROWS)[1].query == {
        "instagramAccountId": INSTAGRAM,
        "limit": "100",
        "cursorCreatedAt": stamp(8),
        "cursorInstagramPublishId": "b",
    }
    assert listed[0].created_at == SENT_AT + timedelta(seconds=9)
    assert (listed[0].caption, listed[0].account_id) == ("Rye week", INSTAGRAM)


def test_the_history_of_tiktok_has_its_own_cursor(server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, rows())
    server.on("GET", TT_ROWS, *pages([tt_row("a", 9)], [tt_row("b", 8)], key="tiktokPublishId"))

    listed = list(WONDA.history(TIKTOK, SENT_AT, wires.open()))

    assert [each.publish_id for each in listed] == ["a", "b"]
    assert server.asked("GET", TT_ROWS)[1].query["cursorTiktokPublishId"] == "a"


def test_the_history_ends_where_rows_are_older(server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, *pages([ig_row("new", 5), ig_row("old", -5)], [ig_row("x", -9)]))
    server.on("GET", TT_ROWS, rows())

    listed = list(WONDA.history(INSTAGRAM, SENT_AT, wires.open()))

    assert [each.publish_id for each in listed] == ["new"]
    assert len(server.asked("GET", IG_ROWS)) == 1


def test_a_cursor_that_leads_nowhere_ends_the_walk(server: Scripted, wires: Wires) -> None:
    cursor = {"createdAt": stamp(5), "instagramPublishId": "a"}
    server.on("GET", IG_ROWS, rows(ig_row("a", 5), nextCursor=cursor))
    server.on("GET", TT_ROWS, answered({"items": None}))

    assert len(list(WONDA.history(INSTAGRAM, SENT_AT, wires.open()))) == 1
    assert len(server.asked("GET", IG_ROWS)) == 2


def lost(of: Post, claimed: frozenset[str] = frozenset(), **memo: Any) -> Lost:
    noted = {"newest_id": None, "newest_at": None, **memo}
    return Lost(post=of, memo=noted, sent_at=SENT_AT, claimed=claimed)


def test_the_one_row_that_matches_is_found(server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, rows(ig_row("ours"), ig_row("before", 0)))

    sighting = WONDA.find(lost(post(), newest_id="before", newest_at=stamp(0)), wires.open())

    assert sighting == Found(
        Status(
            publish_id="ours",
            verdict=Verdict.SUCCEEDED,
            raw="succeeded",
            permalink="https://instagram.com/p/DEMO123abc/",
            platform_post_id="17990001112223334",
        )
    )
    assert server.requests[0].query["product"] == "CAROUSEL"


def test_a_row_in_flight_or_failed_is_found_as_such(server: Scripted, wires: Wires) -> None:
    video = post("tiktok", Kind.VIDEO)
    server.on(
        "GET",
        TT_ROWS,
        rows(tt_row("r", status="in_progress")),
        rows(tt_row("r", status="failed")),
    )

    first, second = (WONDA.find(lost(video), wires.open()) for _ in range(2))

    assert isinstance(first, Found)
    assert first.status.verdict is Verdict.PENDING
    assert isinstance(second, Found)
    assert second.status.verdict is Verdict.FAILED


OTHERS = {
    "the row noted before": ig_row("before"),
    "a row older than the noted one": ig_row("x", -3),
    "a row older than the window": ig_row("x", -61),
    "another caption": ig_row("x", caption="Rye weak"),
    "another product": ig_row("x", product="IMAGE"),
    "another account": ig_row("x", instagramAccountId="somebody"),
    "a publish of another job": ig_row("claimed"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_ours_is_not_found(name: str, server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, rows(OTHERS[name]))
    of = lost(post(), frozenset({"claimed"}), newest_id="before", newest_at=stamp(-2))

    assert WONDA.find(of, wires.open()) == Absent()


def test_a_row_outside_the_window_is_not_ours_even_if_nothing_was_noted(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", IG_ROWS, rows(ig_row("x", -59)), rows(ig_row("x", -61)))

    assert isinstance(WONDA.find(lost(post()), wires.open()), Found)
    assert WONDA.find(lost(post()), wires.open()) == Absent()


def test_several_rows_are_ambiguous(server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, rows(ig_row("a", 2), ig_row("b", 1)))

    assert WONDA.find(lost(post()), wires.open()) == Ambiguous(("a", "b"))


def test_a_claimed_row_leaves_the_other_one(server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, rows(ig_row("a", 2), ig_row("b", 1)))

    sighting = WONDA.find(lost(post(), frozenset({"a"})), wires.open())

    assert isinstance(sighting, Found)
    assert sighting.status.publish_id == "b"


def test_a_row_on_a_later_page_is_found(server: Scripted, wires: Wires) -> None:
    others = [ig_row(f"o{n}", 100 - n, caption="Another") for n in range(100)]
    server.on("GET", IG_ROWS, *pages(others, [ig_row("ours", -1)]))

    assert isinstance(WONDA.find(lost(post()), wires.open()), Found)


@pytest.mark.parametrize("caption", [None, ""])
def test_no_caption_is_an_empty_caption(
    caption: str | None, server: Scripted, wires: Wires
) -> None:
    server.on("GET", IG_ROWS, rows(ig_row("a", caption=caption)))

    assert isinstance(WONDA.find(lost(post(caption="")), wires.open()), Found)


@pytest.mark.parametrize(
    ("options", "level", "is_ours"),
    [
        ({}, "SELF_ONLY", True),
        ({}, "PUBLIC_TO_EVERYONE", False),
        ({"privacy": "PUBLIC_TO_EVERYONE"}, "PUBLIC_TO_EVERYONE", True),
        ({"privacy": "PUBLIC_TO_EVERYONE"}, "SELF_ONLY", False),
        ({"privacy": "PUBLIC_TO_EVERYONE", "post_mode": "inbox"}, "SELF_ONLY", True),
    ],
)
def test_privacy_must_agree_except_in_the_inbox(
    options: dict[str, str], level: str, is_ours: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", TT_ROWS, rows(tt_row("a", privacyLevel=level)))

    sighting = WONDA.find(lost(post("tiktok", options=options)), wires.open())

    assert isinstance(sighting, Found) is is_ours


@pytest.mark.parametrize(
    "reply", [DROPPED, answered({"error": "oops"}, 500), answered(b"<html>"), answered({})]
)
def test_a_look_that_fails_proves_nothing(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", IG_ROWS, reply)

    assert isinstance(WONDA.find(lost(post()), wires.open()), Unanswered)
