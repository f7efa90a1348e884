"""Genviral's create call: exact requests, keys and replays, every answer, every error."""

import json
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import Accepted, Deferred, ErrorClass, Failed, Outcome, Uncertain
from shared.domain.post import Kind, Media, Post
from shared.errors import LeaseLost
from shared.provider import Order
from tests.contract.adapters.genviral_answers import (
    BASE,
    GENVIRAL,
    INSTAGRAM,
    POST_ID,
    POSTS,
    SLIDES,
    created,
    failure,
    post,
    success,
    ticket,
)
from tests.support.gate import RecordingGate
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import KEY, Wires

FILES = f"{BASE}/files"
FILM = "https://cdn.example.com/film.mp4"
SLIDESHOW = {"media": {"type": "slideshow", "urls": SLIDES}}
VIDEO = {"media": {"type": "video", "url": FILM}}


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(GENVIRAL, server.url + BASE) as opened:
        yield opened


def publish(wires: Wires, of: Post, **order: Any) -> Outcome:
    return GENVIRAL.publish(Order(job_id=1, post=of, **order), wires.open())


BODIES: dict[str, tuple[Post, dict[str, Any]]] = {
    "instagram carousel in order": (post(), SLIDESHOW),
    "one image is a slideshow of one": (
        post(Kind.IMAGE),
        {"media": {"type": "slideshow", "urls": SLIDES[:1]}},
    ),
    "video": (post(Kind.VIDEO, "facebook"), VIDEO),
    "video with its length": (
        post(Kind.VIDEO, options={"video_duration_s": 42.0}),
        {"media": {"type": "video", "url": FILM, "duration_sec": 42.0}},
    ),
    "text": (post(Kind.TEXT, "linkedin"), {}),
    "tiktok slideshow to the inbox": (
        post(platform="tiktok", options={"post_mode": "inbox"}),
        {**SLIDESHOW, "tiktok": {"post_mode": "MEDIA_UPLOAD"}},
    ),
    "tiktok video with every option": (
        post(
            Kind.VIDEO,
            "tiktok",
            title="Rye",
            options={
                "description": "How rye rises",
                "post_mode": "direct",
                "privacy": "SELF_ONLY",
                "allow_comment": False,
                "allow_duet": True,
                "allow_stitch": False,
                "auto_add_music": True,
                "disclose_commercial": True,
                "branded_content": False,
                "brand_organic": True,
                "user_consent": True,
                "music_url": "https://www.tiktok.com/@a/video/1",
            },
        ),
        {
            **VIDEO,
            "music_url": "https://www.tiktok.com/@a/video/1",
            "tiktok": {
                "title": "Rye",
                "description": "How rye rises",
                "post_mode": "DIRECT_POST",
                "privacy_level": "SELF_ONLY",
                "disable_comment": True,
                "disable_duet": False,
                "disable_stitch": True,
                "auto_add_music": True,
                "is_commercial": True,
                "is_branded_content": False,
                "is_your_brand": True,
                "user_consent": True,
            },
        },
    ),
    "pinterest": (
        post(
            platform="pinterest",
            title="Rye",
            options={"board_id": "b7", "link": "https://a.example", "tags": ["rye", "bread"]},
        ),
        {
            **SLIDESHOW,
            "pinterest": {
                "title": "Rye",
                "board_id": "b7",
                "link": "https://a.example",
                "tags": ["rye", "bread"],
            },
        },
    ),
    "youtube": (
        post(Kind.VIDEO, "youtube", title="Rye", options={"visibility": "unlisted"}),
        {**VIDEO, "settings": {"youtube": {"title": "Rye", "type": "unlisted"}}},
    ),
    "settings as they are": (
        post(platform="facebook", options={"settings": {"feed": "main"}}),
        {**SLIDESHOW, "settings": {"facebook": {"feed": "main"}}},
    ),
    "text on x": (post(Kind.TEXT, "x"), {}),
    "text on bluesky": (post(Kind.TEXT, "bluesky"), {}),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_body_is_exactly_what_the_sheet_says(name: str, server: Scripted, wires: Wires) -> None:
    of, expected = BODIES[name]
    server.on("POST", POSTS, created())

    assert isinstance(publish(wires, of), Accepted)
    assert [problem for problem in GENVIRAL.check(of, None) if not problem.warning] == []
    [request] = server.requests
    body = request.json
    assert re.fullmatch(r"dropline-[0-9a-f]{32}", body.pop("external_id"))
    assert body == {"caption": "Rye week", "accounts": [{"id": INSTAGRAM}], **expected}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"


def test_the_memo_keeps_the_key_and_the_bytes(server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, created())

    publish(wires, post(caption="Brötchen 🥖"))

    [request], [memo] = server.requests, wires.gate.memos
    assert memo == {"external_id": request.json["external_id"], "body": request.body.decode()}
    assert request.json["caption"] == "Brötchen 🥖"
    assert wires.limiter.calls == [Call.PUBLISH]


def test_every_attempt_has_a_key_of_its_own(server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, created())

    publish(wires, post())
    publish(wires, post())

    first, second = server.requests
    assert first.json["external_id"] != second.json["external_id"]


def test_a_replay_sends_the_same_bytes(server: Scripted, wires: Wires, tmp_path: Path) -> None:
    (tmp_path / "loaf.jpg").write_bytes(b"jpeg")
    of = post(Kind.IMAGE, media=(Media(path=str(tmp_path / "loaf.jpg")),))
    server.on("POST", FILES, ticket(server))
    server.on("PUT", "/storage/1", Reply())
    server.on("POST", POSTS, DROPPED, created(200, duplicate=True))
    assert isinstance(publish(wires, of), Uncertain)
    [memo] = wires.gate.memos
    stored = json.loads(json.dumps(memo))

    outcome = publish(wires, of, replay=stored)

    assert isinstance(outcome, Accepted)
    assert outcome.receipt.publish_id == POST_ID
    first, again = server.asked("POST", POSTS)
    assert first.body == again.body
    assert wires.gate.memos[1] == memo
    assert len(server.asked("POST", FILES)) == 1


def test_a_replay_of_nothing_is_never_a_new_post(server: Scripted, wires: Wires) -> None:
    outcome = publish(wires, post(), replay={})

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert server.requests == []


ACCEPTED = {
    "new": created(),
    "a duplicate, told in data": created(200, duplicate=True),
    "a duplicate, told at the top": success({"id": POST_ID, "status": "pending"}, duplicate=True),
    "with warnings": created(warnings=[{"field": "media", "message": "No duration"}]),
    "without ok": answered({"data": {"id": POST_ID}}, 201),
    "without a word": success({"id": POST_ID}, 201),
    "id at the top": answered({"ok": True, "id": POST_ID, "status": "pending"}, 201),
    "another name": success({"post_id": POST_ID, "status": "pending"}, 201),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_shape_of_a_created_post_is_accepted(
    name: str, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, ACCEPTED[name])

    outcome = publish(wires, post())

    assert isinstance(outcome, Accepted)
    assert outcome.receipt.publish_id == POST_ID
    assert outcome.receipt.provider_status == "pending"


UNREADABLE = {
    "no JSON": Reply(status=201, body=b"<html>created</html>"),
    "an empty body": Reply(status=201),
    "null": answered(None, 200),
    "no id": success({"status": "pending"}, 201),
    "not ok": answered({"ok": False, "code": 200, "id": POST_ID}, 200),
    "a redirect": Reply(status=307, headers={"Location": "https://elsewhere.example"}),
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
    (400, "invalid_json", ErrorClass.VALIDATION),
    (422, "invalid_payload", ErrorClass.VALIDATION),
    (400, "unknown_accounts", ErrorClass.ACCOUNT),
    (400, "missing_accounts", ErrorClass.ACCOUNT),
    (400, "validation_failed", ErrorClass.VALIDATION),
    (400, "invalid_music_url", ErrorClass.VALIDATION),
    (400, "media_unreachable", ErrorClass.VALIDATION),
    (401, "invalid_token", ErrorClass.AUTH),
    (401, None, ErrorClass.AUTH),
    (402, "subscription_required", ErrorClass.BILLING),
    (403, "tier_not_allowed", ErrorClass.FORBIDDEN),
    (404, "not_found", ErrorClass.NOT_FOUND),
    (409, "create_failed", ErrorClass.CONFLICT),
]


@pytest.mark.parametrize(("status", "code", "expected"), REFUSALS)
def test_every_refusal_has_its_class(
    status: int, code: str | None, expected: ErrorClass, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, failure(status, code))

    outcome = publish(wires, post())

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert (outcome.fault.error_class, outcome.fault.code) == (expected, code)
    assert outcome.fault.message == "It does not work."


@pytest.mark.parametrize(("status", "code"), [(500, "create_failed"), (502, None), (503, None)])
def test_a_server_error_is_uncertain(
    status: int, code: str | None, server: Scripted, wires: Wires
) -> None:
    server.on("POST", POSTS, failure(status, code))

    outcome = publish(wires, post())

    assert isinstance(outcome, Uncertain)
    assert (outcome.fault.error_class, outcome.fault.code) == (ErrorClass.UNKNOWN_OUTCOME, code)


def test_a_429_defers(server: Scripted, wires: Wires) -> None:
    server.on("POST", POSTS, answered({"error_code": "rate_limited"}, 429, **{"Retry-After": "7"}))

    outcome = publish(wires, post())

    assert isinstance(outcome, Deferred)
    assert timedelta(seconds=5) < outcome.wait <= timedelta(seconds=7)


def test_a_refused_connection_surely_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with Wires(GENVIRAL, f"http://127.0.0.1:{taken.getsockname()[1]}{BASE}") as wires:
            outcome = publish(wires, post())

            assert isinstance(outcome, Failed)
            assert outcome.again
            assert wires.gate.memos == []


def test_without_a_lease_nothing_is_sent(server: Scripted, wires: Wires) -> None:
    with pytest.raises(LeaseLost):
        GENVIRAL.publish(Order(job_id=1, post=post()), wires.open(gate=RecordingGate(lost=True)))

    assert server.requests == []


def test_private_addresses_are_refused_before_anybody_is_asked(
    server: Scripted, wires: Wires
) -> None:
    private = post(Kind.IMAGE, media=(Media(url="http://10.0.0.8/secret.jpg?token=x"),))

    outcome = GENVIRAL.publish(Order(job_id=1, post=private), wires.open(private_media=False))

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.error_class) == (False, ErrorClass.VALIDATION)
    assert outcome.fault.code == "media_refused"
    assert "token" not in outcome.fault.message
    assert server.requests == []
