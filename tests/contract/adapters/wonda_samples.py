"""Wonda's answers as its sheet shows them, and the posts that the tests send."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.post import Kind, Media, Post
from shared.provider import Publish
from shared.providers.wonda import Wonda
from tests.support.scripted import Reply, answered

INSTAGRAM = "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a01"
TIKTOK = "a3f4c9de-1b7e-4a39-9d1b-52a5a2f3c002"
WONDA = Wonda()

IG_CAROUSEL = "/api/v1/publish/instagram/carousel"
TT_CAROUSEL = "/api/v1/publish/tiktok/carousel"
IG_SINGLE = "/api/v1/publish/instagram"
TT_SINGLE = "/api/v1/publish/tiktok"

IG_CAROUSEL_ANSWER = {
    "instagramPublishId": "3f7b9a10-64c2-4f4e-8a3b-7a2a6a1f0c11",
    "igMediaId": "17990001112223334",
    "permalink": "https://instagram.com/p/DEMO123abc/",
    "imageCount": 3,
}
TT_CAROUSEL_ANSWER = {
    "tiktokPublishId": "5b8f0a9e-22f8-4f4c-9a51-8b3f9f0d7711",
    "publishId": "v0pub.demo.7421",
    "tiktokMediaId": "v0med.demo.7421",
    "imageCount": 6,
}
JOB_ANSWER = {"outputJobId": "019f0a44-9b01-7d11-8c22-0a9d4e7f2201", "status": "queued"}
NO_ROWS: dict[str, Any] = {"items": []}


def post(
    platform: str = "instagram",
    kind: Kind = Kind.CAROUSEL,
    media: tuple[str, ...] = ("m1", "m2", "m3"),
    **more: Any,
) -> Post:
    account_id = INSTAGRAM if platform == "instagram" else TIKTOK
    ids = tuple(Media(id=each) for each in (media if kind is Kind.CAROUSEL else media[:1]))
    fields: dict[str, Any] = {"caption": "Rye week", "media": ids, **more}
    return Post(platform=platform, account_id=account_id, kind=kind, **fields)


IG_ROWS = "/api/v1/instagram/publishes"
TT_ROWS = "/api/v1/tiktok/publishes"
SENT_AT = datetime(2026, 6, 20, 10, 0, tzinfo=UTC)


def stamp(seconds: float) -> str:
    at = SENT_AT + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ig_row(publish_id: str, seconds: float = 1, /, **more: Any) -> dict[str, Any]:
    return {
        "instagramPublishId": publish_id,
        "instagramAccountId": INSTAGRAM,
        "product": "CAROUSEL",
        "status": "succeeded",
        "sourceUrl": "https://storage.googleapis.com/bucket/slide1.jpg",
        "caption": "Rye week",
        "altText": None,
        "containerId": "17890000000000001",
        "igMediaId": "17990001112223334",
        "permalink": "https://instagram.com/p/DEMO123abc/",
        "createdAt": stamp(seconds),
        "publishedAt": stamp(seconds + 41),
        **more,
    }


def tt_row(publish_id: str, seconds: float = 1, /, **more: Any) -> dict[str, Any]:
    return {
        "tiktokPublishId": publish_id,
        "tiktokAccountId": TIKTOK,
        "sourceUrl": "https://storage.googleapis.com/bucket/clip.mp4",
        "caption": "Rye week",
        "privacyLevel": "SELF_ONLY",
        "status": "succeeded",
        "publishId": "v0pub.demo.7421",
        "tiktokMediaId": None,
        "isAigc": True,
        "errorCode": None,
        "errorMessage": None,
        "createdAt": stamp(seconds),
        "publishedAt": None,
        **more,
    }


def rows(*items: Mapping[str, Any], **more: Any) -> Reply:
    return answered({"items": list(items), **more})


def known(publish_id: str, of: Post) -> Publish:
    return Publish(publish_id=publish_id, post=of, sent_at=SENT_AT)
