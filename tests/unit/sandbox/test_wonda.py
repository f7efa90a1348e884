"""Wonda's sandbox where its sheet is strict, and where time and faults come in."""

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from shared.sandbox.wonda.seeds import seed_accounts

ACCOUNTS = {(a.platform, a.extra["number"]): a.id for a in seed_accounts()}
INSTAGRAM, TIKTOK = ACCOUNTS["instagram", 1], ACCOUNTS["tiktok", 1]
INBOX_ONLY, DISCONNECTED = ACCOUNTS["tiktok", 7], ACCOUNTS["tiktok", 8]


def upload(wonda: httpx.Client, name: str = "slide.jpg", mime: str = "image/jpeg") -> str:
    answer = wonda.post("/api/v1/media/upload", files={"file": (name, b"bytes", mime)})
    return str(answer.json()["mediaId"])


def carousel(wonda: httpx.Client, platform: str = "instagram", **fields: Any) -> httpx.Response:
    account = {"instagram": INSTAGRAM, "tiktok": TIKTOK}[platform]
    body = {"mediaIds": [upload(wonda), upload(wonda)], f"{platform}AccountId": account}
    return wonda.post(f"/api/v1/publish/{platform}/carousel", json={**body, **fields})


def history(wonda: httpx.Client, platform: str = "instagram", **query: Any) -> dict[str, Any]:
    answer = wonda.get(f"/api/v1/{platform}/publishes", params=query)
    assert answer.status_code == 200
    return dict(answer.json())


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_carousel_is_in_progress_while_its_request_waits() -> None:
    with (
        Sandbox(media_delay=timedelta(hours=1)) as sandbox,
        httpx.Client(
            base_url=sandbox.base_urls["wonda"], headers=sandbox.key_headers["wonda"]
        ) as wonda,
    ):
        media = [upload(wonda), upload(wonda)]
        waiting = threading.Thread(target=_publish_elsewhere, args=(sandbox, media))
        waiting.start()
        rows = _rows_when_there(wonda)

    waiting.join(timeout=5)
    assert not waiting.is_alive()
    assert [row["status"] for row in rows] == ["in_progress"]
    assert (rows[0]["igMediaId"], rows[0]["permalink"], rows[0]["publishedAt"]) == (None,) * 3


def _publish_elsewhere(sandbox: Sandbox, media: list[str]) -> None:
    body = {"mediaIds": media, "instagramAccountId": INSTAGRAM}
    url = f"{sandbox.base_urls['wonda']}/api/v1/publish/instagram/carousel"
    try:
        httpx.post(url, json=body, headers=sandbox.key_headers["wonda"], timeout=30)
    except httpx.TransportError:
        return


def _rows_when_there(wonda: httpx.Client) -> list[dict[str, Any]]:
    for _ in range(5000):
        if rows := history(wonda)["items"]:
            return list(rows)
    return []


def test_pages_meet_at_equal_times_without_loss_or_repeat(
    sandbox: Sandbox, wonda: httpx.Client
) -> None:
    for number in range(7):
        body = {"mediaId": upload(wonda), "instagramAccountId": INSTAGRAM}
        wonda.post("/api/v1/publish/instagram", json={**body, "caption": str(number)})

    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = history(wonda, **query)
        seen += [row["instagramPublishId"] for row in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = page["nextCursor"]
        query |= {
            "cursorCreatedAt": cursor["createdAt"],
            "cursorInstagramPublishId": cursor["instagramPublishId"],
        }

    assert sorted(seen) == sorted(post["publish_id"] for post in sandbox.stored())
    assert len(seen) == 7


def test_a_single_publish_goes_from_queued_to_succeeded(
    wonda: httpx.Client, clock: ManualClock
) -> None:
    body = {"mediaId": upload(wonda), "instagramAccountId": INSTAGRAM}
    job = wonda.post("/api/v1/publish/instagram", json=body).json()["outputJobId"]

    words = []
    for _ in range(3):
        words.append(wonda.get(f"/api/v1/jobs/publish/{job}").json()["status"])
        clock.advance(timedelta(seconds=1))

    assert words == ["queued", "in_progress", "succeeded"]


def test_a_scheduled_video_appears_in_the_history_at_its_time(
    wonda: httpx.Client, clock: ManualClock
) -> None:
    body = {
        "mediaId": upload(wonda, "clip.mp4", "video/mp4"),
        "tiktokAccountId": TIKTOK,
        "scheduledAt": "2026-06-20T10:10:00Z",
    }
    wonda.post("/api/v1/publish/tiktok", json=body)
    before = history(wonda, "tiktok")["items"]

    clock.advance(timedelta(minutes=11))

    assert before == []
    (row,) = history(wonda, "tiktok")["items"]
    assert (row["status"], row["createdAt"]) == ("succeeded", "2026-06-20T10:10:00.000Z")


@pytest.mark.parametrize("when", ["2026-06-20T10:04:00Z", "2026-07-20T10:00:00Z", "tomorrow"])
def test_a_schedule_outside_its_window_is_refused(wonda: httpx.Client, when: str) -> None:
    body = {"mediaId": upload(wonda), "instagramAccountId": INSTAGRAM, "scheduledAt": when}

    answer = wonda.post("/api/v1/publish/instagram", json=body)

    assert code(answer) == (400, "validation_error")


@pytest.mark.parametrize(
    "fields",
    [
        {"caption": 5},
        {"caption": "x" * 2201},
        {"mediaIds": "one"},
        {"instagramAccountId": "not-a-uuid"},
        {"scheduledAt": "2026-06-20T12:00:00Z"},
        {"privacyLevel": "SELF_ONLY"},
    ],
    ids="-".join,
)
def test_an_instagram_carousel_takes_only_what_the_sheet_names(
    wonda: httpx.Client, fields: dict[str, Any]
) -> None:
    assert code(carousel(wonda, **fields)) == (400, "validation_error")


@pytest.mark.parametrize(
    "fields",
    [{"coverIndex": 2}, {"coverIndex": -1}, {"coverIndex": "0"}, {"postMode": "draft"}],
    ids=str,
)
def test_a_tiktok_carousel_checks_cover_and_mode(
    wonda: httpx.Client, fields: dict[str, Any]
) -> None:
    assert code(carousel(wonda, "tiktok", **fields)) == (400, "validation_error")


def test_media_on_s3_are_refused_by_tiktok_carousels_only(
    sandbox: Sandbox, wonda: httpx.Client
) -> None:
    sandbox.add_fault("s3_media", count=4)

    assert code(carousel(wonda, "tiktok")) == (400, "bad_request")
    assert carousel(wonda, "instagram").status_code == 200


def test_an_account_without_the_publish_scope_takes_inbox_only(wonda: httpx.Client) -> None:
    direct = carousel(wonda, "tiktok", tiktokAccountId=INBOX_ONLY)
    inbox = carousel(wonda, "tiktok", tiktokAccountId=INBOX_ONLY, postMode="inbox")

    assert (code(direct), inbox.status_code) == ((403, "forbidden"), 200)


def test_a_disconnected_account_is_not_listed_and_cannot_publish(wonda: httpx.Client) -> None:
    listed = wonda.get("/api/v1/tiktok/accounts").json()["accounts"]

    assert DISCONNECTED not in [account["tiktokAccountId"] for account in listed]
    assert len(listed) == 7
    assert code(carousel(wonda, "tiktok", tiktokAccountId=DISCONNECTED)) == (403, "forbidden")


def test_a_carousel_that_the_platform_refuses_leaves_a_failed_row(
    sandbox: Sandbox, wonda: httpx.Client
) -> None:
    sandbox.add_fault("refuse_publish", call="publish", code="spam_risk", message="Too many")

    answer = carousel(wonda, "tiktok")

    assert code(answer) == (400, "bad_request")
    (row,) = history(wonda, "tiktok")["items"]
    assert (row["status"], row["errorCode"], row["errorMessage"]) == (
        "failed",
        "spam_risk",
        "Too many",
    )


def test_a_late_listing_shows_the_row_after_its_time(
    sandbox: Sandbox, wonda: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("late_listing", seconds=60)
    carousel(wonda)

    early = history(wonda)["items"]
    clock.advance(timedelta(seconds=60))

    assert (len(early), len(history(wonda)["items"])) == (0, 1)


def test_media_in_processing_are_refused_as_often_as_the_switch_says(
    sandbox: Sandbox, wonda: httpx.Client
) -> None:
    sandbox.add_fault("unprocessed_media", count=2)

    answers = [carousel(wonda).status_code for _ in range(3)]

    assert answers == [409, 409, 200]
    assert len(sandbox.stored()) == 1


def test_a_switch_turns_schedules_off(sandbox: Sandbox, wonda: httpx.Client) -> None:
    sandbox.add_fault("scheduling_disabled")
    body = {
        "mediaId": upload(wonda),
        "instagramAccountId": INSTAGRAM,
        "scheduledAt": "2026-06-20T12:00:00Z",
    }

    published = wonda.post("/api/v1/publish/instagram", json=body)

    assert code(published) == (403, "feature_disabled")
    assert code(wonda.get("/api/v1/publish/scheduled")) == (403, "feature_disabled")


@pytest.mark.parametrize(
    ("fields", "product"),
    [({}, "IMAGE"), ({"product": "STORIES"}, "STORIES"), ({"product": "REELS"}, None)],
)
def test_the_product_of_a_single_fits_its_medium(
    wonda: httpx.Client, fields: dict[str, str], product: str | None
) -> None:
    body = {"mediaId": upload(wonda), "instagramAccountId": INSTAGRAM, **fields}

    answer = wonda.post("/api/v1/publish/instagram", json=body)

    assert answer.status_code == (400 if product is None else 200)
    assert [row["product"] for row in history(wonda)["items"]] == [product] * (product is not None)


def test_stored_media_keep_the_order_of_the_request(sandbox: Sandbox, wonda: httpx.Client) -> None:
    first, second = upload(wonda, "a.jpg"), upload(wonda, "b.jpg")

    carousel(wonda, mediaIds=[second, first])

    (post,) = sandbox.stored()
    assert (post["media"], post["options"]["filenames"]) == ([second, first], ["b.jpg", "a.jpg"])
