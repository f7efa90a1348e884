"""WAHDX's sandbox where its sheet is strict, and where time and faults come in."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from shared.sandbox.wahdx.seeds import seed_accounts

ACCOUNTS: dict[str, list[str]] = {}
for _account in seed_accounts():
    ACCOUNTS.setdefault(_account.platform, []).append(_account.id)
PHOTO, VIDEO = "https://cdn.example.com/1.jpg", "https://cdn.example.com/clip.mp4"
SIGNED = "https://cdn.example.com/1.JPG?signature=a.b"


def post(wahdx: httpx.Client, platform: str = "tiktok", **fields: Any) -> httpx.Response:
    body = {"platform": platform, "accountId": ACCOUNTS[platform][0], "mediaUrls": [PHOTO]}
    return send(wahdx, {**body, **fields})


def send(wahdx: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    return wahdx.post("/api/content/post", json=body)


def status(wahdx: httpx.Client, answer: httpx.Response, media_type: str) -> dict[str, Any]:
    publish_id = quote(answer.json()["data"]["publish_id"], safe="")
    path = f"/api/content/status/{ACCOUNTS['tiktok'][0]}/{publish_id}"
    found = wahdx.get(path, params={"mediaType": media_type})
    assert found.status_code == 200
    return dict(found.json()["data"])


def test_enough_accounts_for_a_drop_one_of_each_platform_expired(wahdx: httpx.Client) -> None:
    rows = wahdx.get("/api/content/accounts").json()["data"]
    active = [row["platform"] for row in rows if row["status"] == "active"]
    expired = [row["platform"] for row in rows if row["status"] == "expired"]

    assert active.count("tiktok") >= 12
    assert active.count("instagram") >= 12
    assert sorted(expired) == ["facebook", "instagram", "threads", "tiktok"]


@pytest.mark.parametrize(
    "media",
    [
        {"mediaItems": [{"url": PHOTO}]},
        {"mediaItems": [PHOTO]},
        {"mediaUrls": [{"url": PHOTO}]},
        {"media_urls": [PHOTO]},
        {"media_urls": [SIGNED]},
    ],
    ids=str,
)
def test_media_are_taken_in_every_form(
    sandbox: Sandbox, wahdx: httpx.Client, media: dict[str, Any]
) -> None:
    answer = post(wahdx, **{"mediaUrls": None, **media})

    assert answer.status_code == 200
    assert len(sandbox.stored()[0]["media"]) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"platform": "youtube"},
        {"platform": 3},
        {"accountId": None},
        {"mediaUrls": None},
        {"mediaUrls": PHOTO},
        {"mediaUrls": [{"link": PHOTO}]},
        {"mediaUrls": ["ftp://cdn.example.com/1.jpg"]},
        {"mediaUrls": ["https://cdn.example.com/1.gif"]},
        {"mediaUrls": ["https://cdn.example.com/1.avi"]},
        {"tiktokSettings": {"privacy_level": "PUBLIC"}},
        {"tiktokSettings": {"allow_comment": "no"}},
        {"tiktokSettings": {"photo_cover_index": 1}},
        {"tiktokSettings": {"cover": 1}},
        {"instagramSettings": {"share": True}},
        {"caption": "Rye"},
        {"scheduledAt": "2026-07-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_post_takes_only_what_the_sheet_names(
    sandbox: Sandbox, wahdx: httpx.Client, fields: dict[str, Any]
) -> None:
    body = {"platform": "tiktok", "accountId": ACCOUNTS["tiktok"][0], "mediaUrls": [PHOTO]}

    answer = send(wahdx, {**body, **fields})

    assert (answer.status_code, set(answer.json())) == (400, {"success", "error"})
    assert sandbox.stored() == []


@pytest.mark.parametrize(
    ("platform", "most"), [("tiktok", 35), ("instagram", 10), ("threads", 20), ("facebook", 10)]
)
def test_each_platform_takes_its_number_of_photos(
    wahdx: httpx.Client, platform: str, most: int
) -> None:
    assert post(wahdx, platform, mediaUrls=[PHOTO] * most).status_code == 200
    assert post(wahdx, platform, mediaUrls=[PHOTO] * (most + 1)).status_code == 400


def test_a_privacy_wider_than_the_creator_allows_is_refused(wahdx: httpx.Client) -> None:
    account_id = ACCOUNTS["tiktok"][1]
    allowed = wahdx.get(f"/api/content/creator-info/{account_id}").json()["data"]

    answers = [
        post(wahdx, accountId=account_id, tiktokSettings={"privacy_level": level}).status_code
        for level in ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR")
    ]

    assert "PUBLIC_TO_EVERYONE" not in allowed["privacy_level_options"]
    assert answers == [400, 200]


def test_a_tiktok_post_has_an_id_only_when_complete_and_public(
    wahdx: httpx.Client, clock: ManualClock
) -> None:
    public = post(wahdx, tiktokSettings={"privacy_level": "PUBLIC_TO_EVERYONE"})
    private = post(wahdx)
    early = status(wahdx, public, "photo")
    clock.advance(timedelta(seconds=5))

    done, hidden = status(wahdx, public, "photo"), status(wahdx, private, "photo")

    assert (early["status"], early["public_post_url"]) == ("PROCESSING_DOWNLOAD", None)
    assert "/photo/" in done["public_post_url"]
    assert len(done["data"]["publicaly_available_post_id"]) == 1
    assert (hidden["status"], hidden["public_post_url"]) == ("PUBLISH_COMPLETE", None)


def test_other_platforms_answer_when_the_post_is_out(
    wahdx: httpx.Client, clock: ManualClock
) -> None:
    sent_at = clock.now()

    answer = post(wahdx, "threads")

    assert answer.json()["status"] == "PUBLISH_COMPLETE"
    assert clock.now() - sent_at == timedelta(seconds=2)


@pytest.mark.parametrize(("fields", "code"), [({}, 400), ({"status": 200}, 200)])
def test_a_platform_that_answers_at_once_says_no_in_the_answer(
    sandbox: Sandbox, wahdx: httpx.Client, fields: dict[str, Any], code: int
) -> None:
    sandbox.add_fault("refuse_publish", message="Video rejected", **fields)

    answer = post(wahdx, "instagram")

    assert answer.status_code == code
    assert answer.json() == {"success": False, "error": "Video rejected"}
    assert [row["status"] for row in sandbox.stored()] == ["FAILED"]


def test_a_status_of_another_account_is_unknown(wahdx: httpx.Client) -> None:
    publish_id = post(wahdx).json()["data"]["publish_id"]

    answer = wahdx.get(f"/api/content/status/{ACCOUNTS['tiktok'][1]}/{publish_id}")

    assert answer.status_code == 404


def test_the_batch_answers_for_a_post_made_at_the_dashboard(wahdx: httpx.Client) -> None:
    answer = wahdx.post("/api/content/status/batch", json={"postId": "post_harbor_0001"})

    (result,) = answer.json()["data"]["results"]
    assert (result["success"], result["status"]) == (True, "PUBLISH_COMPLETE")


@pytest.mark.parametrize("body", [{}, {"checks": [{"accountId": "a"}]}, {"checks": ["a"]}], ids=str)
def test_a_batch_with_a_wrong_body_is_refused(wahdx: httpx.Client, body: dict[str, Any]) -> None:
    assert wahdx.post("/api/content/status/batch", json=body).status_code == 400


def test_a_qr_code_is_scanned_then_confirmed_and_links_an_account(
    wahdx: httpx.Client, clock: ManualClock
) -> None:
    token = wahdx.post("/api/content/qr-login/request").json()["data"]["token"]

    words = []
    for _ in range(4):
        check = wahdx.post("/api/content/qr-login/check", json={"token": token}).json()["data"]
        words.append(check["status"])
        clock.advance(timedelta(seconds=10))

    assert words == ["new", "scanned", "confirmed", "utilised"]
    listed = wahdx.get("/api/content/accounts").json()["data"]
    assert listed[-1]["display_name"] == "Linked by QR"


def test_a_qr_code_can_be_led_through_its_states(sandbox: Sandbox, wahdx: httpx.Client) -> None:
    data = wahdx.post("/api/content/qr-login/request").json()["data"]
    assert data["qrCodeImage"].startswith("data:image/png;base64,")
    told = ["scanned", "new", "expired", "confirmed"]
    for state in told:
        sandbox.add_fault("qr_state", provider="wahdx", code=state)

    words = []
    for _ in range(5):
        check = wahdx.post("/api/content/qr-login/check", json={"token": data["token"]}).json()
        words.append(check["data"]["status"])

    assert words == [*told, "utilised"]
    assert wahdx.post("/api/content/qr-login/check", json={"token": "x"}).status_code == 404
    assert (
        wahdx.post("/api/content/qr-login/request", json={"unique_id": "short"}).status_code == 400
    )


def test_a_qr_code_expires(wahdx: httpx.Client, clock: ManualClock) -> None:
    token = wahdx.post("/api/content/qr-login/request", json={}).json()["data"]["token"]

    clock.advance(timedelta(seconds=300))

    check = wahdx.post("/api/content/qr-login/check", json={"token": token}).json()["data"]
    assert check["status"] == "expired"
