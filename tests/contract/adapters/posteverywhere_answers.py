"""PostEverywhere's answers as its reference shows them, for the tests of its adapter."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.clock import SystemClock
from shared.domain.post import Kind, Media, Post
from shared.provider import Publish
from shared.providers.posteverywhere import PostEverywhere
from tests.support.scripted import Reply, answered

POSTEVERYWHERE = PostEverywhere()
BASE = "/api/v1"
INSTAGRAM = 4101
LINKEDIN = 4105
POST_ID = "0b1f7c9e-2a44-4c0e-9d55-6e3c11a0f901"
IMAGE_ID = "7e0d0f3a-11aa-4b52-8f1c-5d6f3a9b0c01"
SENT_AT = datetime(2026, 6, 20, 10, 0, tzinfo=UTC)


def meta() -> dict[str, str]:
    return {"request_id": "9c1d22ae", "timestamp": SystemClock().now().isoformat()}


def success(data: Any, status: int = 200) -> Reply:
    return answered({"data": data, "error": None, "meta": meta()}, status)


def failure(status: int, code: str | None = None, **error: Any) -> Reply:
    body = {"message": "It does not work.", **({"code": code} if code else {}), **error}
    return answered({"data": None, "error": body, "meta": meta()}, status)


def created(**changes: Any) -> Reply:
    return success(
        {
            "id": POST_ID,
            "post_id": POST_ID,
            "status": "publishing",
            "content": "Rye week",
            "account_ids": [INSTAGRAM],
            "scheduled_for": None,
            "timezone": "UTC",
            "media_ids": [IMAGE_ID],
            "platform_content": None,
            "created_at": "2026-06-20T10:00:03.000Z",
            "updated_at": "2026-06-20T10:00:03.000Z",
            "accounts_count": 1,
            "message": "Publishing, 1 destination",
            **changes,
        },
        201,
    )


def destination(account_id: Any = INSTAGRAM, status: str = "published", **more: Any) -> Any:
    published = status == "published"
    return {
        "account_id": account_id,
        "account_name": "@harbor.bakery",
        "platform": "instagram",
        "status": status,
        "platform_post_id": "17911122233344455" if published else None,
        "platform_post_url": "https://www.instagram.com/p/DEMO789/" if published else None,
        "published_at": "2026-07-01T09:30:06.000Z" if published else None,
        "error": None,
        "attempts": 1,
        **more,
    }


def failed(**more: Any) -> Any:
    error = "Token expired. Reconnect the account."
    return destination(status="failed", error=error, attempts=3, **more)


def row(publish_id: str = POST_ID, *, at: datetime = SENT_AT, **more: Any) -> Any:
    return {
        "post_id": publish_id,
        "id": publish_id,
        "status": "published",
        "content": "Rye week",
        "account_ids": [INSTAGRAM],
        "scheduled_for": None,
        "timezone": "UTC",
        "media_ids": [IMAGE_ID],
        "platform_content": {},
        "destinations": [destination()],
        "created_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **more,
    }


def listed(*posts: Any, **pagination: Any) -> Reply:
    return success({"posts": list(posts), "pagination": {"limit": 100, "offset": 0, **pagination}})


def post(kind: Kind = Kind.IMAGE, platform: str = "instagram", **more: Any) -> Post:
    media = () if kind is Kind.TEXT else (Media(id=IMAGE_ID),)
    fields: dict[str, Any] = {"account_id": "4101", "caption": "Rye week", "media": media, **more}
    return Post(platform=platform, kind=kind, **fields)


def publish_of(
    publish_id: str = POST_ID, account_id: str = "4101", sent_at: datetime = SENT_AT
) -> Publish:
    return Publish(publish_id=publish_id, post=post(account_id=account_id), sent_at=sent_at)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
