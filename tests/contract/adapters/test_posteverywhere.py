"""PostEverywhere's create call: exact requests, every answer, every error."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import Accepted, Deferred, ErrorClass, Failed, Outcome, Uncertain
from shared.domain.post import Kind, Media, Post
from shared.errors import LeaseLost
from shared.provider import Order
from tests.contract.adapters.posteverywhere_answers import (
    BASE,
    IMAGE_ID,
    POST_ID,
    POSTEVERYWHERE,
    created,
    failure,
    post,
    success,
)
from tests.support.gate import RecordingGate
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import KEY, Wires

POSTS = f"{BASE}/posts"
THREE = (Media(id="m1"), Media(id="m2"), Media(id="m3"))


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(POSTEVERYWHERE, server.url + BASE) as opened:
        yield opened


def publish(wires: Wires, of: Post) -> Outcome:
    return POSTEVERYWHERE.publish(Order(job_id=1, post=of), wires.open())


def own(platform: str, content_type: str | None = None, **settings: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"contentType": content_type} if content_type else {}
    return {"platform_content": {platform: {**content, "settings": settings}}}


BODIES: dict[str, tuple[Post, dict[str, Any]]] = {
    "text on x": (post(Kind.TEXT, "x"), {"content": "Rye week"}),
    "text on linkedin": (post(Kind.TEXT, "linkedin"), {"content": "Rye week"}),
    "image on threads": (
        post(platform="threads"),
        {"content": "Rye week", "media_ids": [IMAGE_ID]},
    ),
    "image without a caption": (
        post(platform="threads", caption=""),
        {"media_ids": [IMAGE_ID]},
    ),
    "instagram carousel in order": (
        post(Kind.CAROUSEL, media=THREE),
        {
            "content": "Rye week",
            "media_ids": ["m1", "m2", "m3"],
            "platform_content": {"instagram": {"contentType": "Post"}},
        },
    ),
    "instagram image with alt text": (
        post(alt_texts=("A loaf",)),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            **own("instagram", "Post", altText="A loaf"),
        },
    ),
    "instagram reel with a cover": (
        post(Kind.VIDEO, options={"cover_timestamp_ms": 1500}),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            **own("instagram", "Reels", coverPhotoTimestamp=1500),
        },
    ),
    "instagram trial reel": (
        post(Kind.VIDEO, options={"trial_reel": True}),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            "platform_content": {"instagram": {"contentType": "Trial Reel"}},
        },
    ),
    "instagram story": (
        post(Kind.STORY, caption=""),
        {
            "media_ids": [IMAGE_ID],
            "platform_content": {"instagram": {"contentType": "Story"}},
        },
    ),
    "facebook reel": (
        post(Kind.VIDEO, "facebook", options={"video_type": "Short"}),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            "platform_content": {"facebook": {"contentType": "Reels"}},
        },
    ),
    "facebook story": (
        post(Kind.STORY, "facebook"),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            "platform_content": {"facebook": {"contentType": "Story"}},
        },
    ),
    "youtube short": (
        post(
            Kind.VIDEO,
            "youtube",
            title="How rye rises",
            options={"video_type": "Short", "visibility": "unlisted"},
        ),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            **own("youtube", "Short", privacyStatus="unlisted", title="How rye rises"),
        },
    ),
    "tiktok video with every option": (
        post(
            Kind.VIDEO,
            "tiktok",
            options={
                "privacy": "SELF_ONLY",
                "allow_comment": False,
                "allow_duet": False,
                "allow_stitch": True,
            },
        ),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            **own(
                "tiktok",
                privacyLevel="SELF_ONLY",
                allowComments=False,
                allowDuet=False,
                allowStitch=True,
            ),
        },
    ),
    "pinterest": (
        post(
            platform="pinterest",
            title="Rye",
            options={"board_id": "b7", "link": "https://harbor.example/rye"},
        ),
        {
            "content": "Rye week",
            "media_ids": [IMAGE_ID],
            **own("pinterest", boardId="b7", link="https://harbor.example/rye", title="Rye"),
        },
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_body_is_exactly_what_the_sheet_says(name: str, server: Scripted, wires: Wires) -> None:
    of, expected = BODIES[name]
    server.on("POST", POSTS, created())

    assert isinstance(publish(wires, of), Accepted)
    assert [problem for problem in POSTEVERYWHERE.check(of, None) if not problem.warning] == []
    [request] = server.requests
    assert request.json == {"account_ids": [4101], **expected}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"


def test_the_memo_keeps_what_a_search_needs(server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, created())

    publish(wires, post())

    assert wires.gate.memos == [
        {"content": "Rye week", "account_id": "4101", "media_ids": [IMAGE_ID]}
    ]
    assert wires.limiter.calls == [Call.PUBLISH]


ACCEPTED = {
    "as documented": created(),
    "only an id": created(post_id=None),
    "the oldest name": created(post_id=None, id=None, post_group_id=POST_ID),
    "destinations as a number": created(destinations=2),
    "results as an array": created(results=[{"account_id": 4101, "status": "queued"}]),
    "without the envelope": answered({"post_id": POST_ID, "status": "publishing"}, 201),
    "an id and no error on a strange status": success({"post_id": POST_ID}, 422),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_shape_of_a_created_post_is_accepted(
    name: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, ACCEPTED[name])

    outcome = publish(wires, post())

    assert isinstance(outcome, Accepted)
    assert outcome.receipt.publish_id == POST_ID
    assert outcome.receipt.provider_status == "publishing"


UNREADABLE = {
    "no JSON": Reply(status=201, body=b"<html>created</html>"),
    "an empty body": Reply(status=201),
    "null": answered(None, 200),
    "a list": answered([POST_ID], 200),
    "no id": success({"status": "publishing"}, 201),
    "no content": success(None, 201),
    "an error with a 200": failure(200, "internal_error"),
    "a redirect": Reply(status=302, headers={"Location": "https://elsewhere.example"}),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_names_no_post_is_uncertain(
    name: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, UNREADABLE[name])

    outcome = publish(wires, post())

    assert isinstance(outcome, Uncertain)
    assert outcome.fault.error_class is ErrorClass.UNKNOWN_OUTCOME


REFUSALS = [
    (400, "validation_error", ErrorClass.VALIDATION),
    (400, "invalid_json", ErrorClass.VALIDATION),
    (400, "invalid_field_name", ErrorClass.VALIDATION),
    (400, "content_too_long", ErrorClass.VALIDATION),
    (400, "post_creation_failed", ErrorClass.VALIDATION),
    (401, "authentication_failed", ErrorClass.AUTH),
    (401, None, ErrorClass.AUTH),
    (402, "insufficient_credits", ErrorClass.BILLING),
    (402, None, ErrorClass.BILLING),
    (403, "insufficient_scope", ErrorClass.FORBIDDEN),
    (403, None, ErrorClass.FORBIDDEN),
    (404, "not_found", ErrorClass.NOT_FOUND),
    (409, "post_already_published", ErrorClass.CONFLICT),
    (415, None, ErrorClass.VALIDATION),
    (422, "permanent_failure_circuit_breaker", ErrorClass.VALIDATION),
]


@pytest.mark.parametrize(("status", "code", "expected"), REFUSALS)
def test_every_refusal_has_its_class(
    status: int, code: str | None, expected: ErrorClass, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, failure(status, code, retryable=False))

    outcome = publish(wires, post())

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert (outcome.fault.error_class, outcome.fault.code) == (expected, code)
    assert outcome.fault.message == "It does not work."


@pytest.mark.parametrize("code", ["internal_error", "service_unavailable", None])
@pytest.mark.parametrize("retryable", [True, False])
def test_a_server_error_is_uncertain_whatever_it_says_of_retrying(
    code: str | None, retryable: bool, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, failure(503, code, retryable=retryable))

    outcome = publish(wires, post())

    assert isinstance(outcome, Uncertain)
    assert outcome.fault.error_class is ErrorClass.UNKNOWN_OUTCOME


def test_a_refusal_that_the_provider_calls_retryable_is_tried_again(
    server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, failure(409, "validation_error", retryable=True))

    outcome = publish(wires, post())

    assert isinstance(outcome, Failed)
    assert outcome.again


def test_reasons_that_the_message_leaves_out_are_told(server: Scripted, wires: Wires) -> None:
    errors = [{"platform": "x", "code": "media_required", "message": "x needs media."}]
    reply = failure(400, "post_creation_failed", details={"validation_errors": errors})
    server.on("POST", POSTS, reply)

    outcome = publish(wires, post())

    assert isinstance(outcome, Failed)
    assert outcome.fault.message == "It does not work. x needs media."


ODD_REFUSALS = {
    "error null": answered({"data": None, "error": None}, 400),
    "error as text": answered({"data": None, "error": "No."}, 400),
    "no JSON": Reply(status=400, body=b"Bad Request"),
}


@pytest.mark.parametrize("name", ODD_REFUSALS)
def test_a_refusal_in_an_odd_shape_is_still_one(name: str, server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, ODD_REFUSALS[name])

    outcome = publish(wires, post())

    assert isinstance(outcome, Failed)
    assert outcome.fault.error_class is ErrorClass.VALIDATION


def test_a_429_defers(server: Scripted, wires: Wires) -> None:
    reply = answered({"data": None, "error": {"code": "rate_limited"}}, 429, **{"Retry-After": "7"})
    server.on("POST", POSTS, reply)

    outcome = publish(wires, post())

    assert isinstance(outcome, Deferred)
    assert 5 < outcome.wait.total_seconds() <= 7


def test_an_answer_lost_after_the_request_is_uncertain(server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, DROPPED)

    assert isinstance(publish(wires, post()), Uncertain)


def test_a_refused_connection_surely_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}{BASE}"
        with Wires(POSTEVERYWHERE, address) as wires:
            outcome = publish(wires, post())

            assert isinstance(outcome, Failed)
            assert outcome.again
            assert outcome.fault.error_class is ErrorClass.TRANSIENT
            assert wires.gate.memos == []


def test_without_a_lease_nothing_is_sent(server: Scripted, wires: Wires) -> None:
    with pytest.raises(LeaseLost):
        POSTEVERYWHERE.publish(
            Order(job_id=1, post=post()), wires.open(gate=RecordingGate(lost=True))
        )

    assert server.requests == []
