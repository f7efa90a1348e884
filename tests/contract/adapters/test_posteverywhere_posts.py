"""PostEverywhere's posts afterwards: statuses, history, cancelling."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.wire.answer import CallFailed, NoAnswer
from tests.contract.adapters.posteverywhere_answers import (
    BASE,
    LINKEDIN,
    POST_ID,
    POSTEVERYWHERE,
    SENT_AT,
    destination,
    failed,
    failure,
    listed,
    publish_of,
    row,
    seconds,
    success,
)
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import Wires

POSTS = f"{BASE}/posts"
ONE = f"{POSTS}/{POST_ID}"
RESULTS = f"{ONE}/results"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(POSTEVERYWHERE, server.url + BASE) as opened:
        yield opened


def status(wires: Wires, *publishes: Publish) -> Status:
    found = POSTEVERYWHERE.statuses(publishes or (publish_of(),), wires.open())
    return found[POST_ID]


WORDS = [
    ("queued", Verdict.PENDING),
    ("publishing", Verdict.PENDING),
    ("published", Verdict.SUCCEEDED),
    ("done", Verdict.SUCCEEDED),
    ("a_new_word", Verdict.PENDING),
]


@pytest.mark.parametrize(("word", "verdict"), WORDS)
def test_the_word_of_our_destination_decides(
    word: str, verdict: Verdict, server: Scripted, wires: Wires
) -> None:
    others = [destination(LINKEDIN, "failed", error="Token expired."), destination(status=word)]
    server.on("GET", ONE, success(row(status="partially_failed", destinations=others)))

    found = status(wires)

    assert (found.verdict, found.raw) == (verdict, word)
    assert server.calls == [f"GET {ONE}"]


def test_a_published_destination_has_its_address(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, success(row()))

    assert status(wires) == Status(
        publish_id=POST_ID,
        verdict=Verdict.SUCCEEDED,
        raw="published",
        permalink="https://www.instagram.com/p/DEMO789/",
        platform_post_id="17911122233344455",
    )
    assert wires.limiter.calls == [Call.STATUS]


def test_a_failed_destination_is_final_once_nothing_is_planned(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, success(row(status="failed", destinations=[failed()])))
    results = {"post_id": POST_ID, "post_status": "failed"}
    planned = {**results, "results": [failed(next_retry_at="2026-07-01T09:31:00.000Z")]}
    final = {**results, "results": [failed(next_retry_at=None)]}
    server.on("GET", RESULTS, success(planned), success(final))

    assert status(wires).verdict is Verdict.PENDING
    found = status(wires)

    assert found.verdict is Verdict.FAILED
    assert found.fault == Fault(
        error_class=ErrorClass.REJECTED, message="Token expired. Reconnect the account."
    )


def test_a_service_without_results_is_believed(server: Scripted, wires: Wires) -> None:
    error = {"code": "token_expired", "message": "Token expired."}
    only = destination(status="failed", error=error)
    server.on("GET", ONE, success(row(status="failed", destinations=[only])))
    server.on("GET", RESULTS, failure(404, "not_found"))

    found = status(wires)

    assert found.fault == Fault(
        error_class=ErrorClass.REJECTED, code="token_expired", message="Token expired."
    )


ODD_ROWS: dict[str, tuple[dict[str, Any], Verdict]] = {
    "account as id": ({"destinations": [destination(None, id="4101")]}, Verdict.SUCCEEDED),
    "account as text": ({"destinations": [destination("4101")]}, Verdict.SUCCEEDED),
    "one destination, no id": ({"destinations": [destination(None)]}, Verdict.SUCCEEDED),
    "a draft": ({"status": "draft", "destinations": []}, Verdict.PENDING),
    "scheduled": ({"status": "scheduled", "destinations": 1}, Verdict.PENDING),
    "post_status": (
        {"status": None, "post_status": "publishing", "destinations": None},
        Verdict.PENDING,
    ),
    "no word": ({"status": None, "destinations": None}, Verdict.PENDING),
    "old, published": ({"destinations": 1}, Verdict.SUCCEEDED),
    "old, failed": ({"status": "failed", "destinations": 1}, Verdict.FAILED),
    "old, partial": ({"status": "partially_failed", "destinations": 2}, Verdict.PENDING),
}


@pytest.mark.parametrize("name", ODD_ROWS)
def test_older_and_odd_posts_are_read(name: str, server: Scripted, wires: Wires) -> None:
    changes, verdict = ODD_ROWS[name]
    server.on("GET", ONE, success(row(**changes)))
    server.on("GET", RESULTS, failure(404, "not_found"))

    assert status(wires).verdict is verdict


def test_a_post_that_is_not_there_is_unknown(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, failure(404, "not_found"))

    assert status(wires).verdict is Verdict.UNKNOWN


def many(count: int) -> list[Publish]:
    return [publish_of(f"p{number}") for number in range(count)]


def test_many_are_answered_by_one_list(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(*(row(f"p{number}") for number in range(40))))

    found = POSTEVERYWHERE.statuses(many(40), wires.open())

    assert {each.verdict for each in found.values()} == {Verdict.SUCCEEDED}
    assert len(found) == 40
    [request] = server.requests
    assert request.query == {
        "account_id": "4101",
        "created_after": "2026-06-20T09:58:00.000Z",
        "sort": "created_at",
        "order": "desc",
        "limit": "100",
        "offset": "0",
    }


def test_several_accounts_share_a_list_and_each_has_its_own_verdict(
    server: Scripted, wires: Wires
) -> None:
    states = [destination(), destination(LINKEDIN, "publishing")]
    shared: dict[str, Any] = {"account_ids": [4101, 4105], "destinations": states}
    server.on("GET", POSTS, listed(*(row(name, **shared) for name in "abc")))
    asked = [publish_of("a"), publish_of("b", "4105"), publish_of("c")]

    found = POSTEVERYWHERE.statuses(asked, wires.open())

    assert [found[name].verdict for name in "abc"] == [
        Verdict.SUCCEEDED,
        Verdict.PENDING,
        Verdict.SUCCEEDED,
    ]
    assert "account_id" not in server.requests[0].query


def test_pages_are_followed_until_all_are_found(server: Scripted, wires: Wires) -> None:
    full = [row(f"other{number}") for number in range(99)]
    server.on("GET", POSTS, listed(row("p0"), *full), listed(row("p1"), row("p2"), has_more=False))

    found = POSTEVERYWHERE.statuses(many(3), wires.open())

    assert sorted(found) == ["p0", "p1", "p2"]
    assert [request.query["offset"] for request in server.requests] == ["0", "100"]


def test_what_no_list_shows_is_asked_one_by_one_within_bounds(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", POSTS, listed())
    for number in range(30):
        server.on("GET", f"{POSTS}/p{number}", success(row(f"p{number}")))

    found = POSTEVERYWHERE.statuses(many(30), wires.open())

    assert sorted(found) == sorted(f"p{number}" for number in range(10))
    assert len(server.requests) == 11


def test_a_failure_in_a_list_is_confirmed(server: Scripted, wires: Wires) -> None:
    rows = [row("p0", destinations=[failed()]), row("p1"), row("p2")]
    server.on("GET", POSTS, listed(*rows))
    planned = [failed(next_retry_at="2026-07-01T09:31:00.000Z")]
    server.on("GET", f"{POSTS}/p0/results", success({"post_id": "p0", "results": planned}))

    found = POSTEVERYWHERE.statuses(many(3), wires.open())

    assert found["p0"].verdict is Verdict.PENDING
    assert server.calls == [f"GET {POSTS}", f"GET {POSTS}/p0/results"]


def test_what_was_read_before_an_error_is_kept(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(row("p0"), row("p1")))
    server.on("GET", f"{POSTS}/p2", failure(500, "internal_error"))

    found = POSTEVERYWHERE.statuses(many(3), wires.open())

    assert sorted(found) == ["p0", "p1"]
    assert isinstance(found.cut_short, CallFailed)


@pytest.mark.parametrize("reply", [failure(500), DROPPED, answered(None, 429)])
def test_a_look_that_fails_altogether_raises(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, reply)

    with pytest.raises((CallFailed, NoAnswer)):
        POSTEVERYWHERE.statuses(many(3), wires.open())


def test_history_goes_back_page_by_page_and_filters_itself(server: Scripted, wires: Wires) -> None:
    foreign = [row(f"f{number}", account_ids=[LINKEDIN]) for number in range(98)]
    first = [row("new", at=SENT_AT + seconds(9)), *foreign, row("twice")]
    second = [row("twice"), row("last"), row("old", at=SENT_AT - seconds(1)), *foreign[:97]]
    server.on("GET", POSTS, listed(*first), listed(*second))

    found = list(POSTEVERYWHERE.history("4101", SENT_AT, wires.open()))

    assert [each.publish_id for each in found] == ["new", "twice", "last"]
    assert found[0].created_at == SENT_AT + seconds(9)
    assert (found[0].account_id, found[0].caption) == ("4101", "Rye week")
    assert found[0].status.verdict is Verdict.SUCCEEDED
    assert [request.query["offset"] for request in server.requests][:2] == ["0", "100"]


def test_a_service_that_ignores_the_offset_does_not_hold_us(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(*(row(f"p{number}") for number in range(100))))

    assert len(list(POSTEVERYWHERE.history("4101", SENT_AT, wires.open()))) == 100
    assert len(server.requests) == 3


def test_cancelling_removes_what_has_not_ended(server: Scripted, wires: Wires) -> None:
    waiting = row(status="scheduled", destinations=[destination(status="queued")])
    server.on("GET", ONE, success(waiting))
    server.on("DELETE", ONE, success({"post_id": POST_ID, "deleted": True}))

    found = POSTEVERYWHERE.cancel(publish_of(), wires.open())

    assert (found.verdict, found.raw) == (Verdict.CANCELLED, "deleted")
    assert wires.limiter.calls == [Call.STATUS, Call.CANCEL]


def test_a_published_post_is_never_removed(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, success(row()))

    assert POSTEVERYWHERE.cancel(publish_of(), wires.open()).verdict is Verdict.SUCCEEDED
    assert server.calls == [f"GET {ONE}"]


def test_cancelling_too_late_says_how_it_stands(server: Scripted, wires: Wires) -> None:
    waiting = row(status="publishing", destinations=[destination(status="queued")])
    server.on("GET", ONE, success(waiting), success(row()))
    server.on("DELETE", ONE, failure(409, "post_already_published"))

    assert POSTEVERYWHERE.cancel(publish_of(), wires.open()).verdict is Verdict.SUCCEEDED


def test_cancelling_what_is_not_there_is_unknown(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, success(row(status="scheduled", destinations=None)))
    server.on("DELETE", ONE, failure(404, "not_found"))

    assert POSTEVERYWHERE.cancel(publish_of(), wires.open()).verdict is Verdict.UNKNOWN


def test_a_refused_cancel_raises(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, success(row(status="scheduled", destinations=None)))
    server.on("DELETE", ONE, failure(403, "insufficient_scope"))

    with pytest.raises(CallFailed):
        POSTEVERYWHERE.cancel(publish_of(), wires.open())


def test_a_list_reaches_no_later_than_the_last_of_the_posts_asked_about(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", POSTS, listed(*(row(f"p{number}") for number in range(3))))
    asked = [
        replace(each, accepted_at=SENT_AT + seconds(number)) for number, each in enumerate(many(3))
    ]

    POSTEVERYWHERE.statuses(asked, wires.open())

    assert server.requests[0].query["created_before"] == "2026-06-20T10:02:02.000Z"


def test_the_last_one_left_is_looked_at_rather_than_paged_for(
    server: Scripted, wires: Wires
) -> None:
    others = [row(f"other{number}") for number in range(98)]
    server.on("GET", POSTS, listed(row("p0"), row("p1"), *others))
    server.on("GET", f"{POSTS}/p2", success(row("p2")))

    assert len(POSTEVERYWHERE.statuses(many(3), wires.open())) == 3
    assert server.calls == [f"GET {POSTS}", f"GET {POSTS}/p2"]


def test_more_pages_are_walked_for_more_posts(server: Scripted, wires: Wires) -> None:
    rows = [row(f"p{number}") for number in range(600)]
    server.on("GET", POSTS, *(listed(*rows[at : at + 100]) for at in range(0, 600, 100)))

    assert len(POSTEVERYWHERE.statuses(many(600), wires.open())) == 600
    assert len(server.requests) == 6
