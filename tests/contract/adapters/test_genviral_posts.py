"""Genviral's posts afterwards: statuses, lists, history, deleting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.wire.answer import CallFailed, NoAnswer
from tests.contract.adapters.genviral_answers import (
    BASE,
    GENVIRAL,
    INSTAGRAM,
    ONE,
    POST_ID,
    POSTS,
    SENT_AT,
    TIKTOK,
    delivery,
    failure,
    listed,
    post,
    publish_of,
    row,
    seconds,
    stamp,
    states,
    success,
)
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(GENVIRAL, server.url + BASE) as opened:
        yield opened


def status(wires: Wires, publish: Publish | None = None) -> Status:
    return GENVIRAL.statuses([publish or publish_of()], wires.open())[POST_ID]


WORDS = [
    ("draft", Verdict.PENDING),
    ("pending", Verdict.PENDING),
    ("scheduled", Verdict.PENDING),
    ("retry", Verdict.PENDING),
    ("posted", Verdict.SUCCEEDED),
    ("failed", Verdict.FAILED),
    ("canceled", Verdict.CANCELLED),
    ("deleted", Verdict.CANCELLED),
    ("void", Verdict.CANCELLED),
]


@pytest.mark.parametrize(("word", "verdict"), [*WORDS, ("partial", Verdict.PENDING)])
def test_the_word_of_our_delivery_decides(
    word: str, verdict: Verdict, server: Scripted, wires: Wires
) -> None:
    both = states(delivery(TIKTOK, "failed"), delivery(status=word))
    server.on("GET", ONE, success(row(status="partial", accounts=both)))

    found = status(wires)

    assert (found.verdict, found.raw) == (verdict, word)
    assert server.calls == [f"GET {ONE}"]


@pytest.mark.parametrize(("word", "verdict"), WORDS)
def test_the_word_of_the_post_decides_where_ours_is_unknown(
    word: str, verdict: Verdict, server: Scripted, wires: Wires
) -> None:
    server.on("GET", ONE, success(row(status=word, accounts=states(delivery(status="rendering")))))

    found = status(wires)

    assert (found.verdict, found.raw) == (verdict, "rendering")


ODD_ROWS: dict[str, tuple[dict[str, Any], Verdict, str]] = {
    "both words unknown": (
        {"status": "cooking", "accounts": states(delivery(status="rendering"))},
        Verdict.PENDING,
        "rendering",
    ),
    "no deliveries": ({"accounts": None}, Verdict.SUCCEEDED, "posted"),
    "deliveries as an array": (
        {"accounts": [delivery(status="failed")]},
        Verdict.FAILED,
        "failed",
    ),
    "account as id": (
        {"accounts": states(delivery(None, id=INSTAGRAM))},
        Verdict.SUCCEEDED,
        "posted",
    ),
    "one delivery, no id": ({"accounts": states(delivery(None))}, Verdict.SUCCEEDED, "posted"),
    "called off while ours waits": (
        {"status": "canceled", "accounts": states(delivery(status="pending"))},
        Verdict.CANCELLED,
        "pending",
    ),
    "no words": ({"status": None, "accounts": None}, Verdict.PENDING, ""),
}


@pytest.mark.parametrize("name", ODD_ROWS)
def test_odd_posts_are_read_too(name: str, server: Scripted, wires: Wires) -> None:
    changes, verdict, raw = ODD_ROWS[name]
    server.on("GET", ONE, success(row(**changes)))

    found = status(wires)

    assert (found.verdict, found.raw) == (verdict, raw)


def test_a_posted_delivery_has_its_address(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, success(row()))

    assert status(wires) == Status(
        publish_id=POST_ID,
        verdict=Verdict.SUCCEEDED,
        raw="posted",
        permalink="https://www.instagram.com/p/DEMO321/",
    )
    assert wires.limiter.calls == [Call.STATUS]


def test_a_failed_delivery_says_why(server: Scripted, wires: Wires) -> None:
    refused = delivery(status="failed", error_message="media rejected")
    server.on("GET", ONE, success(row(status="failed", accounts=states(refused))))

    assert status(wires).fault == Fault(error_class=ErrorClass.REJECTED, message="media rejected")


@pytest.mark.parametrize("tiktok", [None, {"post_mode": "MEDIA_UPLOAD"}])
def test_in_inbox_mode_posted_means_delivered_to_the_inbox(
    tiktok: Any, server: Scripted, wires: Wires
) -> None:
    inbox = publish_of(of=post(platform="tiktok", options={"post_mode": "inbox"}))
    sent = states(delivery(published_url=None))
    server.on("GET", ONE, success(row(tiktok=tiktok, accounts=sent)))

    found = status(wires, inbox)

    assert (found.verdict, found.delivered_to_inbox) == (Verdict.SUCCEEDED, True)
    assert found.permalink is None


def test_a_post_that_is_not_there_is_unknown(server: Scripted, wires: Wires) -> None:
    server.on("GET", ONE, failure(404, "not_found"))

    assert status(wires).verdict is Verdict.UNKNOWN


def many(count: int) -> list[Publish]:
    return [publish_of(f"p{number}") for number in range(count)]


def test_many_are_answered_by_one_list(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(*(row(f"p{number}") for number in range(40))))

    found = GENVIRAL.statuses(many(40), wires.open())

    assert {each.verdict for each in found.values()} == {Verdict.SUCCEEDED}
    assert len(found) == 40
    [request] = server.requests
    assert request.query == {"since": "2026-06-20T09:58:00.000Z", "limit": "100"}


def test_lists_go_back_by_until_and_repeat_nothing(server: Scripted, wires: Wires) -> None:
    first = [row(f"n{number}", at=SENT_AT + seconds(200 - number)) for number in range(100)]
    server.on("GET", POSTS, listed(*first), listed(first[-1], row("p0"), row("p1"), row("p2")))

    found = GENVIRAL.statuses(many(3), wires.open())

    assert sorted(found) == ["p0", "p1", "p2"]
    until = stamp(SENT_AT + seconds(101) + timedelta(milliseconds=1))
    assert [request.query.get("until") for request in server.requests] == [None, until]


def test_a_list_that_starts_with_the_oldest_is_followed_too(server: Scripted, wires: Wires) -> None:
    first = [row(f"o{number}", at=SENT_AT + seconds(number)) for number in range(100)]
    server.on("GET", POSTS, listed(*first), listed(first[-1], row("p0"), row("p1"), row("p2")))

    assert sorted(GENVIRAL.statuses(many(3), wires.open())) == ["p0", "p1", "p2"]
    since = stamp(SENT_AT + seconds(99) - timedelta(milliseconds=1))
    assert server.requests[1].query["since"] == since


def test_what_no_list_shows_is_asked_one_by_one_within_bounds(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", POSTS, listed())
    for number in range(30):
        server.on("GET", f"{POSTS}/p{number}", success(row(f"p{number}")))

    assert len(GENVIRAL.statuses(many(30), wires.open())) == 10
    assert len(server.requests) == 11


def test_what_was_read_before_an_error_is_kept(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(row("p0"), row("p1")))
    server.on("GET", f"{POSTS}/p2", failure(500, "get_failed"))

    found = GENVIRAL.statuses(many(3), wires.open())

    assert sorted(found) == ["p0", "p1"]
    assert isinstance(found.cut_short, CallFailed)


@pytest.mark.parametrize(
    "reply", [failure(500, "list_failed"), DROPPED, answered(None, 429), Reply(body=b"<")]
)
def test_a_look_that_fails_altogether_raises(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, reply)

    with pytest.raises((CallFailed, NoAnswer)):
        GENVIRAL.statuses(many(3), wires.open())


def test_history_is_of_one_account_and_newest_first(server: Scripted, wires: Wires) -> None:
    foreign = [
        row(f"f{number}", at=SENT_AT + seconds(50), accounts=states(delivery(TIKTOK)))
        for number in range(98)
    ]
    first = [row("new", at=SENT_AT + seconds(90)), *foreign, row("twice", at=SENT_AT + seconds(9))]
    server.on(
        "GET",
        POSTS,
        listed(*first),
        listed(row("twice"), row("last"), row("old", at=SENT_AT - seconds(1))),
    )

    found = list(GENVIRAL.history(INSTAGRAM, SENT_AT, wires.open()))

    assert [each.publish_id for each in found] == ["new", "twice", "last"]
    assert (found[0].account_id, found[0].caption) == (INSTAGRAM, "Rye week")
    assert found[0].created_at == SENT_AT + seconds(90)
    assert set(wires.limiter.calls) == {Call.HISTORY}


def deleted(**lists: Any) -> Reply:
    return success({"deletedIds": [], "blockedStatuses": [], "skipped": [], "errors": {}, **lists})


def test_deleting_what_waits_cancels_it(server: Scripted, wires: Wires) -> None:
    server.on("POST", f"{POSTS}/delete", deleted(deletedIds=[POST_ID]))

    found = GENVIRAL.cancel(publish_of(), wires.open())

    assert (found.verdict, found.raw) == (Verdict.CANCELLED, "deleted")
    assert server.requests[0].json == {"postIds": [POST_ID]}
    assert wires.limiter.calls == [Call.CANCEL]


def test_a_blocked_delete_says_how_the_post_stands(server: Scripted, wires: Wires) -> None:
    blocked = [{"id": POST_ID, "status": "posted"}]
    server.on("POST", f"{POSTS}/delete", deleted(blockedStatuses=blocked))
    server.on("GET", ONE, success(row()))

    assert GENVIRAL.cancel(publish_of(), wires.open()).verdict is Verdict.SUCCEEDED


def test_a_skipped_delete_is_unknown(server: Scripted, wires: Wires) -> None:
    server.on("POST", f"{POSTS}/delete", deleted(skipped=[POST_ID]))
    server.on("GET", ONE, failure(404, "not_found"))

    assert GENVIRAL.cancel(publish_of(), wires.open()).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "reply", [deleted(errors={POST_ID: "storage fault"}), failure(500, "bulk_delete_failed")]
)
def test_a_delete_that_failed_may_be_tried_again(
    reply: Reply, server: Scripted, wires: Wires
) -> None:
    server.on("POST", f"{POSTS}/delete", reply)

    with pytest.raises(CallFailed) as caught:
        GENVIRAL.cancel(publish_of(), wires.open())

    assert caught.value.again


def test_a_list_reaches_no_later_than_the_last_of_the_posts_asked_about(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", POSTS, listed(*(row(f"p{number}") for number in range(3))))
    asked = [
        replace(each, accepted_at=SENT_AT + seconds(number)) for number, each in enumerate(many(3))
    ]

    GENVIRAL.statuses(asked, wires.open())

    assert server.requests[0].query["until"] == stamp(SENT_AT + seconds(2 + 120))


def test_the_last_one_left_is_looked_at_rather_than_listed_for(
    server: Scripted, wires: Wires
) -> None:
    others = [row(f"other{number}") for number in range(98)]
    server.on("GET", POSTS, listed(row("p0"), row("p1"), *others))
    server.on("GET", f"{POSTS}/p2", success(row("p2")))

    assert len(GENVIRAL.statuses(many(3), wires.open())) == 3
    assert server.calls == [f"GET {POSTS}", f"GET {POSTS}/p2"]
