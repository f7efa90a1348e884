"""Wonda's publish calls: exact requests, every answer, every row of the error table."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Failed,
    Outcome,
    Receipt,
    Succeeded,
    Uncertain,
)
from shared.domain.post import Kind, Post
from shared.errors import LeaseLost
from shared.provider import Order
from shared.wire.wire import Wire
from tests.contract.adapters.wonda_samples import (
    IG_CAROUSEL,
    IG_CAROUSEL_ANSWER,
    IG_SINGLE,
    INSTAGRAM,
    JOB_ANSWER,
    NO_ROWS,
    TIKTOK,
    TT_CAROUSEL,
    TT_CAROUSEL_ANSWER,
    TT_SINGLE,
    WONDA,
    post,
)
from tests.support.gate import RecordingGate
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import KEY, Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    server.on("GET", "/api/v1/instagram/publishes", answered(NO_ROWS))
    server.on("GET", "/api/v1/tiktok/publishes", answered(NO_ROWS))
    with Wires(WONDA, server.url) as opened:
        yield opened


def publish(wire: Wire, of: Post) -> Outcome:
    return WONDA.publish(Order(job_id=1, post=of), wire)


BODIES = {
    "instagram carousel": (
        post(),
        IG_CAROUSEL,
        {
            "mediaIds": ["m1", "m2", "m3"],
            "instagramAccountId": INSTAGRAM,
            "caption": "Rye week",
        },
    ),
    "tiktok carousel with every option": (
        post(
            "tiktok",
            options={
                "privacy": "PUBLIC_TO_EVERYONE",
                "post_mode": "direct",
                "cover_index": 2,
            },
        ),
        TT_CAROUSEL,
        {
            "mediaIds": ["m1", "m2", "m3"],
            "tiktokAccountId": TIKTOK,
            "caption": "Rye week",
            "privacyLevel": "PUBLIC_TO_EVERYONE",
            "postMode": "direct",
            "coverIndex": 2,
        },
    ),
    "instagram image with alt text": (
        post(kind=Kind.IMAGE, alt_texts=("A loaf",)),
        IG_SINGLE,
        {
            "mediaId": "m1",
            "instagramAccountId": INSTAGRAM,
            "caption": "Rye week",
            "product": "IMAGE",
            "altText": "A loaf",
        },
    ),
    "instagram reel": (
        post(kind=Kind.VIDEO, options={"share_to_feed": False}),
        IG_SINGLE,
        {
            "mediaId": "m1",
            "instagramAccountId": INSTAGRAM,
            "caption": "Rye week",
            "product": "REELS",
            "shareToFeed": False,
        },
    ),
    "instagram story without caption": (
        post(kind=Kind.STORY, caption=""),
        IG_SINGLE,
        {"mediaId": "m1", "instagramAccountId": INSTAGRAM, "product": "STORIES"},
    ),
    "tiktok video with every option": (
        post(
            "tiktok",
            Kind.VIDEO,
            options={
                "privacy": "MUTUAL_FOLLOW_FRIENDS",
                "post_mode": "inbox",
                "ai_generated": False,
                "allow_comment": False,
                "allow_duet": True,
                "allow_stitch": False,
                "disclose_commercial": True,
                "brand_organic": True,
                "branded_content": False,
            },
        ),
        TT_SINGLE,
        {
            "mediaId": "m1",
            "tiktokAccountId": TIKTOK,
            "caption": "Rye week",
            "privacyLevel": "MUTUAL_FOLLOW_FRIENDS",
            "postMode": "inbox",
            "isAigc": False,
            "disableComment": True,
            "disableDuet": False,
            "disableStitch": True,
            "discloseCommercial": True,
            "brandOrganic": True,
            "brandedContent": False,
        },
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_publish_call_is_exactly_what_the_sheet_says(
    name: str, server: Scripted, wires: Wires
) -> None:
    of, path, body = BODIES[name]
    server.on("POST", path, answered({**IG_CAROUSEL_ANSWER, **TT_CAROUSEL_ANSWER, **JOB_ANSWER}))

    publish(wires.open(), of)

    (sent,) = server.asked("POST", path)
    assert sent.json == body
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert wires.limiter.calls == [Call.HISTORY, Call.PUBLISH]


def test_a_carousel_is_published_when_its_answer_comes(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, answered(IG_CAROUSEL_ANSWER, 201))

    assert publish(wires.open(), post()) == Succeeded(
        Receipt(
            publish_id="3f7b9a10-64c2-4f4e-8a3b-7a2a6a1f0c11",
            provider_status="succeeded",
            permalink="https://instagram.com/p/DEMO123abc/",
            platform_post_id="17990001112223334",
        )
    )


def test_a_carousel_for_the_inbox_is_delivered_there_and_has_no_address(
    server: Scripted, wires: Wires
) -> None:
    server.on("POST", TT_CAROUSEL, answered({**TT_CAROUSEL_ANSWER, "tiktokMediaId": None}))

    outcome = publish(wires.open(), post("tiktok", options={"post_mode": "inbox"}))

    assert outcome == Succeeded(
        Receipt(
            publish_id="5b8f0a9e-22f8-4f4c-9a51-8b3f9f0d7711",
            provider_status="succeeded",
            delivered_to_inbox=True,
        )
    )


@pytest.mark.parametrize("word", ["queued", "in_progress", "scheduled", "idle", "brand_new_word"])
def test_a_single_publish_is_accepted_with_the_word_kept(
    word: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", TT_SINGLE, answered({**JOB_ANSWER, "status": word, "scheduledFor": None}))

    outcome = publish(wires.open(), post("tiktok", Kind.VIDEO))

    receipt = Receipt(publish_id=JOB_ANSWER["outputJobId"], provider_status=word)
    assert outcome == Accepted(receipt)


def test_a_number_for_an_id_is_read_as_text(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_SINGLE, answered({"outputJobId": 42, "status": None}))

    outcome = publish(wires.open(), post(kind=Kind.IMAGE))

    assert outcome == Accepted(Receipt(publish_id="42", provider_status=""))


@pytest.mark.parametrize(
    "body", [{}, {"instagramPublishId": None}, [], None, b"<html>ok</html>", "done"]
)
def test_a_success_without_an_id_is_uncertain(body: Any, server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, answered(body))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Uncertain)
    assert outcome.fault.error_class is ErrorClass.UNKNOWN_OUTCOME


ERRORS = [
    (400, "validation_error", ErrorClass.VALIDATION),
    (400, "bad_request", ErrorClass.VALIDATION),
    (400, "unknown_project", ErrorClass.VALIDATION),
    (401, "unauthorized", ErrorClass.AUTH),
    (402, "payment_required", ErrorClass.BILLING),
    (402, "insufficient_credits", ErrorClass.BILLING),
    (403, "forbidden", ErrorClass.FORBIDDEN),
    (403, "feature_disabled", ErrorClass.FORBIDDEN),
    (403, "paid_plan_required", ErrorClass.FORBIDDEN),
    (404, "not_found", ErrorClass.NOT_FOUND),
    (410, "gone", ErrorClass.NOT_FOUND),
    (422, "a_new_code", ErrorClass.VALIDATION),
]


@pytest.mark.parametrize(("status", "code", "error_class"), ERRORS)
def test_a_refusal_fails_for_good(
    status: int, code: str, error_class: ErrorClass, server: Scripted, wires: Wires
) -> None:
    error = {"error": {"message": "No, because.", "code": code}}
    server.on("POST", IG_CAROUSEL, answered(error, status))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert (outcome.fault.error_class, outcome.fault.code) == (error_class, code)
    assert outcome.fault.message == "No, because."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "plain words"}, "plain words"),
        (b"<h1>Forbidden</h1>", "<h1>Forbidden</h1>"),
        (None, "HTTP 403"),
        ({"error": {"message": None, "code": None}}, '{"error": {"message": null, "code": null}}'),
        ({"error": f"bad key {KEY}"}, "bad key [redacted]"),
    ],
)
def test_an_error_of_any_form_is_read(
    body: Any, message: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", IG_CAROUSEL, answered(body, 403))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Failed)
    assert outcome.fault.error_class is ErrorClass.FORBIDDEN
    assert outcome.fault.message == message


@pytest.mark.parametrize("status", [500, 502, 503, 504, 302])
def test_any_other_answer_leaves_the_outcome_unknown(
    status: int, server: Scripted, wires: Wires
) -> None:
    error = {"error": {"message": "Oops", "code": "internal_server_error"}}
    server.on("POST", IG_CAROUSEL, answered(error, status))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Uncertain)
    assert outcome.fault.error_class is ErrorClass.UNKNOWN_OUTCOME


CONFLICT = answered({"error": {"message": "Busy", "code": "conflict"}}, 409)


def test_media_still_processing_defers(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, CONFLICT, answered(IG_CAROUSEL_ANSWER))
    first = wires.open()

    outcome = publish(first, post())
    later = publish(wires.open(prepared=first.prepared), post())

    assert isinstance(outcome, Deferred)
    assert outcome.wait == timedelta(seconds=5)
    assert outcome.fault.error_class is ErrorClass.CONFLICT
    assert isinstance(later, Succeeded)


def test_a_conflict_that_never_ends_fails_at_last(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, CONFLICT)

    outcome = publish(wires.open(prepared={"conflicts": 60}), post())

    assert isinstance(outcome, Failed)
    assert outcome.fault.error_class is ErrorClass.CONFLICT


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "throttled"])
def test_a_429_defers_by_what_it_asks_for(code: str, server: Scripted, wires: Wires) -> None:
    error = {"error": {"message": "Slow down", "code": code}}
    server.on("POST", IG_CAROUSEL, Reply(status=429, body=error, headers={"Retry-After": "30"}))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Deferred)
    assert timedelta(seconds=25) < outcome.wait <= timedelta(seconds=30)


def test_a_lost_answer_is_uncertain(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, DROPPED)

    assert isinstance(publish(wires.open(), post()), Uncertain)
    assert len(wires.gate.memos) == 1


def test_a_connection_refused_fails_and_may_be_tried_again() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with Wires(WONDA, address) as wires:
            outcome = publish(wires.open(), post())

            assert isinstance(outcome, Failed)
            assert outcome.again
            assert not wires.gate.memos


def test_an_answer_lost_before_the_publish_call_fails_and_may_be_tried_again(
    server: Scripted, wires: Wires
) -> None:
    server.on("GET", "/api/v1/instagram/publishes", DROPPED)

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Failed)
    assert outcome.again
    assert not server.asked("POST", IG_CAROUSEL)


def test_without_a_lease_nothing_is_sent(server: Scripted, wires: Wires) -> None:
    server.on("POST", IG_CAROUSEL, answered(IG_CAROUSEL_ANSWER))

    with pytest.raises(LeaseLost):
        publish(wires.open(gate=RecordingGate(lost=True)), post())

    assert not server.asked("POST", IG_CAROUSEL)


def test_the_newest_row_is_noted_before_the_call(server: Scripted, wires: Wires) -> None:
    row = {"instagramPublishId": "row-9", "createdAt": "2026-06-20T10:00:00.000Z"}
    server.on("GET", "/api/v1/instagram/publishes", answered({"items": [row]}))
    server.on("POST", IG_CAROUSEL, answered(IG_CAROUSEL_ANSWER))

    publish(wires.open(), post())

    (look,) = server.asked("GET", "/api/v1/instagram/publishes")
    assert look.query == {"instagramAccountId": INSTAGRAM, "limit": "1"}
    assert wires.gate.memos == [{"newest_id": "row-9", "newest_at": "2026-06-20T10:00:00.000Z"}]
    assert server.calls[-1] == f"POST {IG_CAROUSEL}"
