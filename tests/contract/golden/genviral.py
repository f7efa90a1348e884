"""Genviral's exchanges, by hand from its contract sheet."""

from typing import Any

from tests.contract.golden import ANY, ISO, NUMBER, TEXT, UUID, Each, Exchange, OneOf

PROVIDER = "genviral"

INSTAGRAM = "a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201"
TIKTOK_HOSTED = "c2e8f0aa-90c1-4c0d-8a4f-1f2e3d4c2202"
TIKTOK = "b3f9a1bb-01d2-4d1e-9b50-203f4e5d2203"
LINKEDIN = "f6c2d4ee-3405-4041-8e83-536271802206"
UNKNOWN = "52fd0000-0000-4000-8000-000000000000"

SLIDES = {"type": "slideshow", "urls": ["{origin}/media/1.jpg", "{origin}/media/2.jpg"]}
CAROUSEL = {
    "caption": "Rye week",
    "accounts": [{"id": INSTAGRAM}, {"id": TIKTOK_HOSTED}],
    "media": SLIDES,
    "external_id": "job-1",
}
INBOX = {
    "caption": "Rye to the drafts",
    "accounts": [{"id": TIKTOK}],
    "media": SLIDES,
    "tiktok": {"post_mode": "MEDIA_UPLOAD", "privacy_level": "SELF_ONLY"},
    "external_id": "job-2",
}
TEXT_POST = {
    "caption": "Rye in words",
    "accounts": [{"id": LINKEDIN}],
    "scheduled_at": "2026-07-01T11:30:00+02:00",
    "external_id": "job-3",
}


def _success(contents: Any, code: int = 200) -> Any:
    return {"ok": True, "code": code, "message": TEXT, "data": contents}


def _failure(code: int, error_code: str) -> Any:
    return {"ok": False, "code": code, "message": TEXT, "error_code": error_code}


def _state(account_id: str, status: str, **more: Any) -> Any:
    return {
        "account_id": account_id,
        "status": status,
        "published_at": None,
        "error_message": None,
        "last_attempted_at": None,
        "published_url": None,
        **more,
    }


def _post(status: str, states: list[Any], **more: Any) -> Any:
    return {
        "id": UUID,
        "caption": "Rye week",
        "status": status,
        "scheduled_at": None,
        "created_at": ISO,
        "media": SLIDES,
        "music_url": None,
        "tiktok": None,
        "pinterest": None,
        "accounts": {"total": len(states), "states": states},
        **more,
    }


POSTED = {"published_at": ISO, "last_attempted_at": ISO, "published_url": TEXT}
FAILED = {"error_message": "media rejected", "last_attempted_at": ISO}

EXCHANGES = [
    Exchange(
        "a missing token",
        "GET",
        "/accounts",
        401,
        _failure(401, "invalid_token"),
        anonymous=True,
    ),
    Exchange(
        "a missing subscription",
        "GET",
        "/accounts",
        402,
        _failure(402, "subscription_required"),
        faults=({"kind": "error_before", "call": "accounts", "status": 402},),
    ),
    Exchange(
        "accounts that cannot be read",
        "GET",
        "/accounts",
        500,
        _failure(500, "accounts_failed"),
        faults=({"kind": "error_before", "call": "accounts", "status": 500},),
    ),
    Exchange(
        "the active accounts",
        "GET",
        "/accounts",
        200,
        _success(
            {
                "scope": "workspace",
                "owner_user_id": UUID,
                "workspace_id": UUID,
                "accounts": Each(
                    {
                        "id": UUID,
                        "platform": TEXT,
                        "type": OneOf(("byo", "hosted")),
                        "username": TEXT,
                        "display_name": TEXT,
                        "status": "active",
                        "workspace_id": UUID,
                    }
                ),
            }
        ),
    ),
    Exchange(
        "an upload address",
        "POST",
        "/files",
        201,
        _success(
            {"uploadUrl": TEXT, "url": TEXT, "contentType": "image/jpeg", "expiresIn": 600}, 201
        ),
        {"contentType": "image/jpeg", "filename": "slide1.jpg"},
        saves={"upload_url": "data.uploadUrl"},
    ),
    Exchange(
        "the bytes go without the token",
        "PUT",
        "{upload_url}",
        200,
        None,
        "bytes",
        headers={"Content-Type": "image/jpeg"},
        anonymous=True,
    ),
    Exchange(
        "the files",
        "GET",
        "/files?type=image&limit=10",
        200,
        _success(
            {
                "files": [
                    {
                        "id": UUID,
                        "url": TEXT,
                        "contentType": "image/jpeg",
                        "filename": "slide1.jpg",
                        "size": NUMBER,
                        "createdAt": ISO,
                    }
                ],
                "total": 1,
                "limit": 10,
                "offset": 0,
            }
        ),
    ),
    Exchange(
        "a carousel to two accounts",
        "POST",
        "/posts",
        201,
        _success({"id": UUID, "status": "pending", "scheduled_at": None}, 201),
        CAROUSEL,
        saves={"carousel": "data.id"},
        faults=({"kind": "refuse_publish", "account_id": TIKTOK_HOSTED},),
    ),
    Exchange(
        "the same request again is a duplicate",
        "POST",
        "/posts",
        200,
        _success(
            {"id": "{carousel}", "status": "pending", "scheduled_at": None, "duplicate": True}
        ),
        CAROUSEL,
    ),
    Exchange(
        "the same key with another payload",
        "POST",
        "/posts",
        409,
        _failure(409, "create_failed"),
        CAROUSEL | {"caption": "Rye weekend"},
    ),
    Exchange(
        "pending before the worker comes",
        "GET",
        "/posts/{carousel}",
        200,
        _success(
            _post("pending", [_state(INSTAGRAM, "pending"), _state(TIKTOK_HOSTED, "pending")])
        ),
    ),
    Exchange(
        "partial when one delivery failed",
        "GET",
        "/posts/{carousel}",
        200,
        _success(
            _post(
                "partial",
                [
                    _state(INSTAGRAM, "posted", **POSTED),
                    _state(TIKTOK_HOSTED, "failed", **FAILED),
                ],
            )
        ),
        after_s=5,
    ),
    Exchange(
        "a partial post is retried",
        "POST",
        "/posts/retry",
        200,
        _success({"retried": 1, "ids": ["{carousel}"]}),
        {"post_ids": ["{carousel}"], "account_ids": [TIKTOK_HOSTED]},
    ),
    Exchange(
        "a slideshow to the TikTok drafts",
        "POST",
        "/posts",
        201,
        _success({"id": UUID, "status": "pending", "scheduled_at": None}, 201),
        INBOX,
        saves={"inbox": "data.id"},
    ),
    Exchange(
        "posted to the drafts has no public URL",
        "GET",
        "/posts/{inbox}",
        200,
        _success(
            _post(
                "posted",
                [_state(TIKTOK, "posted", published_at=ISO, last_attempted_at=ISO)],
                caption="Rye to the drafts",
                tiktok=INBOX["tiktok"],
            )
        ),
        after_s=5,
    ),
    Exchange(
        "a scheduled text",
        "POST",
        "/posts",
        201,
        _success({"id": UUID, "status": "scheduled", "scheduled_at": "2026-07-01T09:30:00Z"}, 201),
        TEXT_POST,
        saves={"scheduled": "data.id"},
    ),
    Exchange(
        "the list by status",
        "GET",
        "/posts?status=scheduled&limit=100&since=2026-06-20T09:59:00Z",
        200,
        _success(
            {
                "summary": {"total": NUMBER, "pending": 1, "published": NUMBER, "by_status": ANY},
                "posts": [
                    _post(
                        "scheduled",
                        [_state(LINKEDIN, "scheduled")],
                        caption="Rye in words",
                        scheduled_at="2026-07-01T09:30:00Z",
                        media=None,
                    )
                ],
            }
        ),
    ),
    Exchange(
        "a moment nobody can read",
        "GET",
        "/posts?since=yesterday",
        400,
        _failure(400, "invalid_since"),
    ),
    Exchange(
        "the key of a post stays",
        "PATCH",
        "/posts/{scheduled}",
        409,
        _failure(409, "external_id_immutable"),
        {"external_id": "job-4"},
    ),
    Exchange(
        "deleting says what became of each",
        "POST",
        "/posts/delete",
        200,
        _success(
            {
                "deletedIds": ["{scheduled}"],
                "blockedStatuses": [{"id": "{inbox}", "status": "posted"}],
                "skipped": [UNKNOWN],
                "errors": {},
            }
        ),
        {"postIds": ["{scheduled}", "{inbox}", UNKNOWN]},
    ),
    Exchange(
        "what was deleted is not found",
        "GET",
        "/posts/{scheduled}",
        404,
        _failure(404, "not_found"),
    ),
    Exchange(
        "TikTok settings for another platform",
        "POST",
        "/posts",
        400,
        _failure(400, "validation_failed"),
        CAROUSEL | {"external_id": "job-5", "tiktok": {"title": "Rye"}},
    ),
    Exchange(
        "an account of somebody else",
        "POST",
        "/posts",
        400,
        _failure(400, "unknown_accounts"),
        CAROUSEL | {"external_id": "job-6", "accounts": [{"id": UNKNOWN}]},
    ),
    Exchange(
        "an upstream fault shares the code of a conflict",
        "POST",
        "/posts",
        500,
        _failure(500, "create_failed"),
        CAROUSEL | {"external_id": "job-7"},
        faults=({"kind": "error_before", "call": "publish", "status": 500},),
    ),
    Exchange(
        "a rate limit without a figure",
        "POST",
        "/posts",
        429,
        _failure(429, "rate_limited"),
        CAROUSEL | {"external_id": "job-8"},
        faults=({"kind": "rate_limit", "call": "publish"},),
    ),
]
