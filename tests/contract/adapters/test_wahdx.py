"""WAHDX's publish call and accounts: exact requests, every answer, every error, every warning."""

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
from shared.domain.post import Kind, Media, Post
from shared.errors import LeaseLost
from shared.provider import Order
from shared.wire.wire import Wire
from tests.contract.adapters.wahdx_samples import (
    ACCOUNT,
    POST,
    SYNC_ANSWER,
    TIKTOK_ANSWER,
    WAHDX,
    post,
)
from tests.support.gate import RecordingGate
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import KEY, Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(WAHDX, server.url) as opened:
        yield opened


def publish(wire: Wire, of: Post) -> Outcome:
    return WAHDX.publish(Order(job_id=1, post=of), wire)


SLIDES = [{"url": "https://cdn.example.com/1.jpg?x=1"}, {"url": "https://cdn.example.com/2.webp"}]
CLIP = [{"url": "https://cdn.example.com/clip.mp4"}]

BODIES = {
    "tiktok carousel with every option": (
        post(
            title="Rye",
            options={
                "privacy": "PUBLIC_TO_EVERYONE",
                "post_mode": "direct",
                "allow_comment": False,
                "cover_index": 1,
                "auto_add_music": False,
                "ai_generated": True,
            },
        ),
        {
            "platform": "tiktok",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": SLIDES,
            "photoTitle": "Rye",
            "tiktokSettings": {
                "privacy_level": "PUBLIC_TO_EVERYONE",
                "allow_comment": False,
                "photo_cover_index": 1,
                "auto_add_music": False,
                "video_made_with_ai": True,
            },
        },
    ),
    "tiktok video with every option": (
        post(
            kind=Kind.VIDEO,
            options={
                "privacy": "SELF_ONLY",
                "allow_comment": True,
                "allow_duet": False,
                "allow_stitch": False,
                "cover_timestamp_ms": 2500,
                "ai_generated": False,
            },
        ),
        {
            "platform": "tiktok",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": CLIP,
            "tiktokSettings": {
                "privacy_level": "SELF_ONLY",
                "allow_comment": True,
                "allow_duet": False,
                "allow_stitch": False,
                "video_cover_timestamp_ms": 2500,
                "video_made_with_ai": False,
            },
        },
    ),
    "tiktok photo draft": (
        post(kind=Kind.IMAGE, options={"post_mode": "inbox", "privacy": "SELF_ONLY"}),
        {
            "platform": "tiktok",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": SLIDES[:1],
            "tiktokSettings": {
                "privacy_level": "SELF_ONLY",
                "draft": True,
                "media_type": "photo",
            },
        },
    ),
    "tiktok video draft": (
        post(kind=Kind.VIDEO, caption="", options={"post_mode": "inbox"}),
        {
            "platform": "tiktok",
            "accountId": ACCOUNT,
            "mediaItems": CLIP,
            "tiktokSettings": {"draft": True},
        },
    ),
    "instagram video shared to the feed": (
        post("instagram", Kind.VIDEO, options={"share_to_feed": True}),
        {
            "platform": "instagram",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": CLIP,
            "instagramSettings": {"share_to_feed": True},
        },
    ),
    "threads carousel": (
        post("threads"),
        {
            "platform": "threads",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": SLIDES,
        },
    ),
    "facebook image": (
        post("facebook", Kind.IMAGE),
        {
            "platform": "facebook",
            "accountId": ACCOUNT,
            "content": "Rye week",
            "mediaItems": SLIDES[:1],
        },
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_publish_call_is_exactly_what_the_sheet_says(
    name: str, server: Scripted, wires: Wires
) -> None:
    of, body = BODIES[name]
    server.on("POST", POST, answered(TIKTOK_ANSWER))

    publish(wires.open(), of)

    (sent,) = server.requests
    assert sent.call == f"POST {POST}"
    assert sent.json == body
    assert sent.headers["x-api-key"] == KEY
    assert "authorization" not in sent.headers
    assert wires.limiter.calls == [Call.PUBLISH]


def test_tiktok_accepts_and_is_polled(server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(TIKTOK_ANSWER))

    assert publish(wires.open(), post(kind=Kind.VIDEO)) == Accepted(
        Receipt(
            publish_id="v_pub_file~v2.7301112223334445",
            provider_status="PUBLISH_INITIATED",
        )
    )


@pytest.mark.parametrize("platform", ["instagram", "threads", "facebook"])
def test_the_others_answer_with_the_finished_post(
    platform: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POST, answered({**SYNC_ANSWER, "platform": platform}))

    assert publish(wires.open(), post(platform)) == Succeeded(
        Receipt(
            publish_id="17900011122233344",
            provider_status="PUBLISH_COMPLETE",
            permalink="https://www.instagram.com/p/DEMO456/",
            platform_post_id="17900011122233344",
        )
    )


@pytest.mark.parametrize(
    "body",
    [
        {"success": "true", "status": "publish_complete", "data": {"id": 17}},
        {"success": True, "status": "PUBLISH_COMPLETE", "publish_id": "17", "data": None},
        {"success": True, "data": {"publishId": "17", "status": "PUBLISH_COMPLETE"}},
        {"data": {"publish_id": "17", "status": "PUBLISH_COMPLETE"}, "error": None},
    ],
)
def test_an_answer_of_another_form_is_read(body: Any, server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(body, 201))

    outcome = publish(wires.open(), post("instagram"))

    assert isinstance(outcome, Succeeded)
    assert outcome.receipt.publish_id == "17"


def test_a_draft_is_accepted_and_not_yet_delivered(server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(TIKTOK_ANSWER))

    outcome = publish(wires.open(), post(options={"post_mode": "inbox"}))

    assert isinstance(outcome, Accepted)
    assert not outcome.receipt.delivered_to_inbox


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "error": "Invalid privacy_level"},
        {"error": "Invalid privacy_level"},
        {"success": False, "error": {"message": "Invalid privacy_level"}, "data": {}},
    ],
)
def test_a_success_that_says_no_is_a_failure(body: Any, server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(body))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert outcome.fault.error_class is ErrorClass.VALIDATION
    assert outcome.fault.message == "Invalid privacy_level"


@pytest.mark.parametrize(
    "body", [{}, {"success": True}, {"success": True, "data": []}, [], None, b"<html>"]
)
def test_a_success_without_an_id_is_uncertain(body: Any, server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(body))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Uncertain)
    assert outcome.fault.error_class is ErrorClass.UNKNOWN_OUTCOME


ERRORS = [
    (400, ErrorClass.VALIDATION),
    (401, ErrorClass.AUTH),
    (403, ErrorClass.FORBIDDEN),
    (404, ErrorClass.NOT_FOUND),
    (409, ErrorClass.CONFLICT),
    (422, ErrorClass.VALIDATION),
]
FORMS: list[tuple[Any, str]] = [
    ({"success": False, "error": "No, because."}, "No, because."),
    ({"error": "No, because.", "subscription": "free"}, "No, because."),
    (b"No, because.", "No, because."),
    ({"error": None}, '{"error": null}'),
]


@pytest.mark.parametrize(("status", "error_class"), ERRORS)
@pytest.mark.parametrize(("body", "message"), FORMS)
def test_a_refusal_fails_for_good(
    status: int, error_class: ErrorClass, body: Any, message: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POST, answered(body, status))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert (outcome.fault.error_class, outcome.fault.message) == (error_class, message)


@pytest.mark.parametrize("status", [500, 502, 503, 302])
def test_any_other_answer_leaves_the_outcome_unknown(
    status: int, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POST, answered({"error": "Oops"}, status))

    assert isinstance(publish(wires.open(), post()), Uncertain)


def test_a_429_defers_by_what_it_asks_for(server: Scripted, wires: Wires) -> None:
    error = {"error": "Too many requests"}
    server.on("POST", POST, Reply(status=429, body=error, headers={"Retry-After": "30"}))

    outcome = publish(wires.open(), post())

    assert isinstance(outcome, Deferred)
    assert timedelta(seconds=25) < outcome.wait <= timedelta(seconds=30)


def test_a_lost_answer_is_uncertain(server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, DROPPED)

    assert isinstance(publish(wires.open(), post()), Uncertain)
    assert len(wires.gate.memos) == 1


def test_a_connection_refused_fails_and_may_be_tried_again() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with Wires(WAHDX, f"http://127.0.0.1:{nobody.getsockname()[1]}") as wires:
            outcome = publish(wires.open(), post())

            assert isinstance(outcome, Failed)
            assert outcome.again
            assert not wires.gate.memos


def test_without_a_lease_nothing_is_sent(server: Scripted, wires: Wires) -> None:
    server.on("POST", POST, answered(TIKTOK_ANSWER))

    with pytest.raises(LeaseLost):
        publish(wires.open(gate=RecordingGate(lost=True)), post())

    assert server.calls == []


@pytest.mark.parametrize(
    "media",
    [
        Media(url="http://127.0.0.1/a.jpg"),
        Media(url="http://localhost:9/a.jpg"),
        Media(url="http://10.0.0.8/a.jpg"),
        Media(url="http://[::1]/a.jpg"),
        Media(url="ftp://cdn.example.com/a.jpg"),
        Media(url="https:///a.jpg"),
        Media(path="/etc/passwd"),
    ],
)
def test_media_that_wahdx_must_not_fetch_are_refused(
    media: Media, server: Scripted, wires: Wires
) -> None:
    of = post(kind=Kind.IMAGE, media=(media,))

    outcome = publish(wires.open(private_media=False), of)

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert outcome.fault.error_class is ErrorClass.VALIDATION
    assert outcome.fault.code == "media_refused"
    assert server.calls == []
