"""The shapes that PostEverywhere's answers share."""

from typing import Any

from tests.contract.golden import ANY, ISO, NUMBER, TEXT, UUID, File, OneOf

META = {"request_id": TEXT, "timestamp": ISO}
RATE = {"X-RateLimit-Remaining": TEXT, "X-RateLimit-Reset": TEXT}
FILE = File("file", "loaf.jpg", "image/jpeg", b"golden bytes")


def success(contents: Any) -> Any:
    return {"data": contents, "error": None, "meta": META}


def failure(code: str, **more: Any) -> Any:
    error = {"message": TEXT, "code": code, "retryable": False, **more}
    return {"data": None, "error": error, "meta": META}


def account(can_post: OneOf | bool = True) -> Any:
    return {
        "account_id": NUMBER,
        "platform": TEXT,
        "account_name": TEXT,
        "avatar_url": None,
        "is_active": True,
        "created_at": ISO,
        "health": {
            "status": OneOf(("healthy", "expired", "unhealthy")),
            "can_post": can_post,
        },
    }


def media(status: str, kind: str, **more: Any) -> Any:
    return {
        "media_id": UUID,
        "media_ids": [UUID],
        "media_status": status,
        "type": kind,
        "url": TEXT,
        "filename": TEXT,
        "size": NUMBER,
        "content_type": TEXT,
        "source_url": ANY,
        "error_message": None,
        "created_at": ISO,
        "next_step": TEXT,
        **more,
    }


def post(status: str, account_ids: list[int], **more: Any) -> Any:
    return {
        "id": UUID,
        "post_id": UUID,
        "status": status,
        "content": "Rye week",
        "account_ids": account_ids,
        "scheduled_for": None,
        "timezone": "UTC",
        "media_ids": [],
        "platform_content": ANY,
        "created_at": ISO,
        "updated_at": ISO,
        **more,
    }


def destination(status: str, account_id: int, platform: str, **more: Any) -> Any:
    return {
        "account_id": account_id,
        "account_name": TEXT,
        "platform": platform,
        "status": status,
        "platform_post_id": None,
        "platform_post_url": None,
        "published_at": None,
        "error": None,
        "attempts": 0,
        **more,
    }


PUBLISHED = {
    "platform_post_id": TEXT,
    "platform_post_url": TEXT,
    "published_at": ISO,
    "attempts": 1,
}
EXPIRED = {"error": "Token expired. Reconnect the account.", "attempts": 1}
