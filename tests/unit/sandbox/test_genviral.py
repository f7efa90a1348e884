"""Genviral's sandbox: the worker on a hand-moved clock, replays, rules, the old generation."""

import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox

SECOND = timedelta(seconds=1)
INSTAGRAM = "a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201"
TIKTOK_HOSTED = "c2e8f0aa-90c1-4c0d-8a4f-1f2e3d4c2202"
TIKTOK = "b3f9a1bb-01d2-4d1e-9b50-203f4e5d2203"
YOUTUBE = "d4a0b2cc-12e3-4e2f-8c61-31405f6e2204"
PINTEREST = "e5b1c3dd-23f4-4f30-9d72-4251607f2205"
LINKEDIN = "f6c2d4ee-3405-4041-8e83-536271802206"
REVOKED = "4b172933-895a-4396-93d8-a8b7c6d52231"
PHOTO = "https://cdn.example.com/1.jpg"
SLIDES = {"type": "slideshow", "urls": [PHOTO]}
VIDEO = {"type": "video", "url": "https://cdn.example.com/1.mp4", "duration_sec": 20}
INBOX = {"post_mode": "MEDIA_UPLOAD"}


@pytest.fixture
def client(sandbox: Sandbox, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    base_url, key = sandbox.base_urls["genviral"], sandbox.key_headers["genviral"]
    with httpx.Client(base_url=base_url, headers=key, verify=tls) as speaking:
        yield speaking


def body(*account_ids: str, **fields: Any) -> dict[str, Any]:
    accounts = [{"id": account_id} for account_id in account_ids or (INSTAGRAM,)]
    return {"caption": "Rye", "accounts": accounts, "media": SLIDES, **fields}


def create(client: httpx.Client, *account_ids: str, **fields: Any) -> httpx.Response:
    return client.post("/posts", json=body(*account_ids, **fields))


def created(client: httpx.Client, *account_ids: str, **fields: Any) -> str:
    answer = create(client, *account_ids, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["id"])


def read(client: httpx.Client, post_id: str) -> dict[str, Any]:
    return dict(client.get(f"/posts/{post_id}").json()["data"])


def states(client: httpx.Client, post_id: str) -> list[str]:
    return [state["status"] for state in read(client, post_id)["accounts"]["states"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error_code"]


def test_the_worker_picks_a_delivery_up_after_its_tick(
    client: httpx.Client, clock: ManualClock
) -> None:
    post_id = created(client)
    seen = []
    for _ in range(5):
        [state] = read(client, post_id)["accounts"]["states"]
        seen.append((state["status"], state["last_attempted_at"] is not None))
        clock.advance(SECOND)

    assert seen == [
        ("pending", False),
        ("pending", False),
        ("pending", True),
        ("pending", True),
        ("posted", True),
    ]


def test_the_real_worker_comes_every_five_minutes(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("worker_tick", seconds=300, count=None)
    post_id = created(client)

    clock.advance(timedelta(seconds=299))
    before = read(client, post_id)["status"]
    clock.advance(5 * SECOND)

    assert (before, read(client, post_id)["status"]) == ("pending", "posted")


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (timedelta(seconds=-30), "pending"),
        (timedelta(seconds=30), "pending"),
        (timedelta(minutes=2), "scheduled"),
    ],
)
def test_a_moment_is_at_once_or_two_minutes_ahead(
    client: httpx.Client, clock: ManualClock, ahead: timedelta, status: str
) -> None:
    answer = create(client, scheduled_at=(clock.now() + ahead).isoformat())

    assert answer.json()["data"]["status"] == status


@pytest.mark.parametrize("ahead_s", [-31, 31, 119])
def test_a_moment_between_is_refused(
    client: httpx.Client, clock: ManualClock, ahead_s: int
) -> None:
    at = clock.now() + timedelta(seconds=ahead_s)

    assert refusal(create(client, scheduled_at=at.isoformat())) == (422, "invalid_payload")


def test_mixed_deliveries_make_a_partial_post_whose_failures_can_be_retried(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("refuse_publish", account_id=TIKTOK)
    post_id = created(client, INSTAGRAM, TIKTOK)
    clock.advance(5 * SECOND)
    first = read(client, post_id)["status"], states(client, post_id)

    client.post("/posts/retry", json={"post_ids": [post_id]})
    queued = states(client, post_id)
    clock.advance(5 * SECOND)

    assert first == ("partial", ["posted", "failed"])
    assert queued == ["posted", "pending"]
    assert read(client, post_id)["status"] == "posted"


def test_a_passing_failure_is_tried_again_by_the_service(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("transient_failure")
    post_id = created(client)

    clock.advance(4 * SECOND)
    waiting = read(client, post_id)["status"]
    clock.advance(4 * SECOND)

    assert (waiting, read(client, post_id)["status"]) == ("retry", "posted")


def test_the_same_bytes_under_a_key_are_one_post(client: httpx.Client, sandbox: Sandbox) -> None:
    post_id = created(client, external_id="job-1")
    again = create(client, external_id="job-1")

    assert again.status_code == 200
    assert again.json()["data"] == {
        "id": post_id,
        "status": "pending",
        "scheduled_at": None,
        "duplicate": True,
    }
    assert len(sandbox.stored()) == 1


def test_the_same_json_in_other_bytes_is_another_payload(client: httpx.Client) -> None:
    wish = body(external_id="job-1")
    headers = {"Content-Type": "application/json"}
    client.post("/posts", content=json.dumps(wish), headers=headers)

    spaced = client.post("/posts", content=json.dumps(wish, indent=1), headers=headers)

    assert refusal(spaced) == (409, "create_failed")


def test_without_a_key_the_fingerprint_finds_the_duplicate(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    answers = [create(client), create(client), create(client, caption="Oats")]

    assert [answer.status_code for answer in answers] == [201, 200, 201]
    assert len(sandbox.stored()) == 2


def test_a_lost_answer_leaves_a_post_that_the_replay_finds(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.add_fault("error_after", provider="genviral", call="publish")

    lost = create(client, external_id="job-1")
    replay = create(client, external_id="job-1")

    assert refusal(lost) == (500, "create_failed")
    assert (replay.status_code, len(sandbox.stored())) == (200, 1)


def test_a_key_that_expires_protects_no_longer(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("key_life", seconds=3600, count=None)
    created(client, external_id="job-1")

    clock.advance(timedelta(seconds=3599))
    inside = create(client, external_id="job-1").status_code
    clock.advance(SECOND)

    assert (inside, create(client, external_id="job-1").status_code) == (200, 201)


def test_the_old_generation_knows_no_replay_and_short_captions_only(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.add_fault("old_generation", count=None)

    answers = [create(client, external_id="job-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert refusal(create(client, caption="x" * 501)) == (400, "validation_failed")
    assert refusal(create(client, LINKEDIN, media=None)) == (400, "validation_failed")


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (body(caption=None), (422, "invalid_payload")),
        (body(surprise=1), (422, "invalid_payload")),
        (body(accounts=[]), (400, "missing_accounts")),
        (body(*[INSTAGRAM] * 11), (422, "invalid_payload")),
        (body("not-a-uuid"), (422, "invalid_payload")),
        (body(REVOKED), (400, "unknown_accounts")),
        (body(TIKTOK_HOSTED, caption="x" * 501), (400, "validation_failed")),
        (body(INSTAGRAM, caption="x" * 2201), (400, "validation_failed")),
        (body(TIKTOK, caption="x" * 2201, media=VIDEO), (400, "validation_failed")),
        (body(YOUTUBE, caption="ä" * 2501, media=VIDEO), (400, "validation_failed")),
        (body(media=None), (400, "validation_failed")),
        (body(media={"type": "slideshow", "urls": []}), (400, "validation_failed")),
        (body(media={**SLIDES, "urls": [PHOTO] * 36}), (400, "validation_failed")),
        (body(INSTAGRAM, TIKTOK, tiktok={"title": "Rye"}), (400, "validation_failed")),
        (body(TIKTOK_HOSTED, tiktok={"title": "Rye"}), (400, "validation_failed")),
        (body(TIKTOK, tiktok=INBOX, media=VIDEO), (400, "validation_failed")),
        (body(TIKTOK, tiktok={"post_mode": "INBOX"}), (422, "invalid_payload")),
        (body(pinterest={"board_id": "b"}), (400, "validation_failed")),
        (body(PINTEREST, pinterest={"title": "x" * 101}), (422, "invalid_payload")),
        (body(settings={"tiktok": {}}), (422, "invalid_payload")),
        (body(music_url="https://www.tiktok.com/@a/video/1"), (400, "validation_failed")),
        (body(TIKTOK, music_url="https://example.com/1"), (400, "invalid_music_url")),
    ],
)
def test_a_body_that_breaks_a_rule_stores_nothing(
    client: httpx.Client, sandbox: Sandbox, wish: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(client.post("/posts", json=wish)) == expected
    assert sandbox.stored() == []


def test_a_photo_description_may_be_longer_than_a_video_caption(client: httpx.Client) -> None:
    assert create(client, TIKTOK, caption="x" * 4000).status_code == 201


def test_media_that_is_not_there_is_unreachable(client: httpx.Client, sandbox: Sandbox) -> None:
    upload = {"contentType": "image/jpeg", "filename": "1.jpg"}
    promised = client.post("/files", json=upload).json()["data"]["url"]

    for url in (promised, sandbox.media_url("missing.jpg")):
        answer = create(client, media={"type": "slideshow", "urls": [url]})
        assert refusal(answer) == (400, "media_unreachable")


def test_tiktok_refuses_the_sixth_draft_within_a_day(
    client: httpx.Client, clock: ManualClock
) -> None:
    for number in range(6):
        post_id = created(client, TIKTOK, tiktok=INBOX, caption=f"Loaf {number}")
        clock.advance(5 * SECOND)
        [state] = read(client, post_id)["accounts"]["states"]

    assert state["error_message"] == "spam_risk_too_many_pending_share"


def test_a_hosted_delivery_shows_words_of_its_own(
    client: httpx.Client, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.add_fault("hosted_word", code="void")
    post_id = created(client, TIKTOK_HOSTED, scheduled_at="2026-06-20T10:05:00Z")
    clock.advance(timedelta(minutes=6))

    listed = client.get("/posts", params={"status": "scheduled"}).json()["data"]["posts"]

    assert [(post["id"], post["status"]) for post in listed] == [(post_id, "void")]


def test_the_list_goes_back_by_until_and_counts_both_waiting_words(
    client: httpx.Client, clock: ManualClock
) -> None:
    ids = []
    for number in range(3):
        ids.append(created(client, caption=f"Loaf {number}", scheduled_at="2026-06-21T10:00:00Z"))
        clock.advance(SECOND)
    created(client)

    query = {"until": "2026-06-20T10:00:01Z", "limit": "500"}
    older = client.get("/posts", params=query).json()["data"]
    summary = client.get("/posts").json()["data"]["summary"]

    assert [post["id"] for post in older["posts"]] == [ids[1], ids[0]]
    assert (summary["pending"], summary["by_status"]["pending"]) == (4, 1)


def test_a_change_can_take_the_schedule_away(client: httpx.Client, clock: ManualClock) -> None:
    post_id = created(client, scheduled_at="2026-06-21T10:00:00Z")

    moved = client.patch(f"/posts/{post_id}", json={"scheduled_at": None}).json()["data"]
    clock.advance(5 * SECOND)

    assert moved["status"] == "pending"
    assert refusal(client.patch(f"/posts/{post_id}", json={"caption": "x"}))[0] == 409
    assert client.patch(f"/posts/{post_id}", json={}).status_code == 422


def test_too_many_ids_are_refused_whole(client: httpx.Client) -> None:
    ids = [f"id-{number}" for number in range(51)]

    deleted = client.post("/posts/delete", json={"post_ids": ids})
    retried = client.post("/posts/retry", json={"post_ids": ids[:21]})

    assert refusal(deleted) == (400, "too_many_post_ids")
    assert refusal(retried) == (422, "invalid_payload")


def test_an_expired_account_is_not_listed(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.set_account_status("genviral", INSTAGRAM, "paused")

    accounts = client.get("/accounts").json()["data"]["accounts"]

    assert {INSTAGRAM, REVOKED}.isdisjoint(account["id"] for account in accounts)
