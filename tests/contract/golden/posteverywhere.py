"""PostEverywhere's exchanges, by hand from its contract sheet."""

from typing import Any

from tests.contract.golden import ANY, ISO, NUMBER, TEXT, UUID, Each, Exchange, File, OneOf

PROVIDER = "posteverywhere"

META = {"request_id": TEXT, "timestamp": ISO}
RATE = {"X-RateLimit-Remaining": TEXT, "X-RateLimit-Reset": TEXT}
FILE = File("file", "loaf.jpg", "image/jpeg", b"golden bytes")


def _success(contents: Any) -> Any:
    return {"data": contents, "error": None, "meta": META}


def _failure(code: str, **more: Any) -> Any:
    error = {"message": TEXT, "code": code, "retryable": False, **more}
    return {"data": None, "error": error, "meta": META}


def _account(can_post: OneOf | bool = True) -> Any:
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


def _media(status: str, kind: str, **more: Any) -> Any:
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


def _post(status: str, account_ids: list[int], **more: Any) -> Any:
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


def _destination(status: str, account_id: int, platform: str, **more: Any) -> Any:
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

EXCHANGES = [
    Exchange(
        "a missing key",
        "GET",
        "/accounts",
        401,
        _failure("authentication_failed"),
        anonymous=True,
    ),
    Exchange(
        "accounts with their health",
        "GET",
        "/accounts",
        200,
        _success({"accounts": Each(_account(OneOf((True, False)))), "account_ids": Each(NUMBER)}),
        answer_headers={"X-RateLimit-Limit": "60", **RATE},
    ),
    Exchange("one account", "GET", "/accounts/4101", 200, _success(_account())),
    Exchange(
        "an expired account cannot post",
        "GET",
        "/accounts/4105",
        200,
        _success(_account(can_post=False)),
        faults=({"kind": "expired_account", "account_id": "4105", "count": None},),
    ),
    Exchange("an unknown account", "GET", "/accounts/9", 404, _failure("not_found")),
    Exchange(
        "an image by URL is ready at once",
        "POST",
        "/media/upload-from-url",
        201,
        _success(_media("ready", "image", source_url=TEXT)),
        {"url": "{origin}/media/rye.jpg"},
        saves={"image": "data.media_id"},
    ),
    Exchange(
        "a video by URL takes a while",
        "POST",
        "/media/upload-from-url",
        201,
        _success(_media("uploading", "video", source_url=TEXT)),
        {"url": "{origin}/media/rye.mp4"},
        saves={"video": "data.media_id"},
    ),
    Exchange(
        "media that is not ready cannot be attached",
        "POST",
        "/posts",
        400,
        _failure("validation_error"),
        {"content": "Rye week", "account_ids": [4101], "media_ids": ["{video}"]},
    ),
    Exchange(
        "the video is ready later",
        "GET",
        "/media/{video}",
        200,
        _success(_media("ready", "video", source_url=TEXT)),
        after_s=3,
    ),
    Exchange(
        "a presigned upload of an image is a form",
        "POST",
        "/media/upload",
        201,
        _success(
            {
                "media_id": UUID,
                "media_ids": [UUID],
                "upload_url": TEXT,
                "upload_method": "POST",
                "provider": TEXT,
                "expires_in": NUMBER,
                "next_step": TEXT,
            }
        ),
        {"filename": "loaf.jpg", "content_type": "image/jpeg", "file_size": len(FILE.content)},
        saves={"upload_url": "data.upload_url", "loaf": "data.media_id"},
    ),
    Exchange(
        "completing before the bytes are there",
        "POST",
        "/media/{loaf}/complete",
        404,
        _failure("not_found"),
    ),
    Exchange(
        "the bytes go without the key",
        "POST",
        "{upload_url}",
        204,
        None,
        files=(FILE,),
        anonymous=True,
    ),
    Exchange(
        "completing the upload",
        "POST",
        "/media/{loaf}/complete",
        200,
        _success(_media("ready", "image") | {"status": "ready"}),
    ),
    Exchange(
        "a carousel to two accounts",
        "POST",
        "/posts",
        201,
        _success(
            _post(
                "publishing",
                [4101, 4102],
                media_ids=["{loaf}", "{image}"],
                accounts_count=2,
                message=TEXT,
            )
        ),
        {"content": "Rye week", "account_ids": [4101, 4102], "media_ids": ["{loaf}", "{image}"]},
        saves={"carousel": "data.post_id"},
        answer_headers={"X-RateLimit-Limit": "20", **RATE},
    ),
    Exchange(
        "its results while it is queued",
        "GET",
        "/posts/{carousel}/results",
        200,
        _success(
            {
                "post_id": "{carousel}",
                "post_status": "publishing",
                "results": [
                    _destination("queued", 4101, "instagram", next_retry_at=None),
                    _destination("queued", 4102, "tiktok", next_retry_at=None),
                ],
            }
        ),
    ),
    Exchange(
        "the carousel once it is published, media in order",
        "GET",
        "/posts/{carousel}",
        200,
        _success(
            _post(
                "published",
                [4101, 4102],
                media_ids=["{loaf}", "{image}"],
                platform_content={},
                media=Each(
                    {
                        "media_id": UUID,
                        "type": "image",
                        "width": NUMBER,
                        "height": NUMBER,
                        "duration": None,
                    }
                ),
                destinations=[
                    _destination("published", 4101, "instagram", **PUBLISHED),
                    _destination("published", 4102, "tiktok", **PUBLISHED),
                ],
            )
        ),
        after_s=5,
    ),
    Exchange(
        "a text to a healthy and an expired account is accepted",
        "POST",
        "/posts",
        201,
        _success(_post("publishing", [4103, 4105], accounts_count=2, message=TEXT)),
        {"content": "Rye week", "account_ids": [4103, 4105]},
        saves={"mixed": "data.post_id"},
    ),
    Exchange(
        "and ends partially failed",
        "GET",
        "/posts/{mixed}",
        200,
        _success(
            _post(
                "partially_failed",
                [4103, 4105],
                platform_content={},
                media=[],
                destinations=[
                    _destination("published", 4103, "facebook", **PUBLISHED),
                    _destination("failed", 4105, "linkedin", **EXPIRED),
                ],
            )
        ),
        after_s=5,
    ),
    Exchange(
        "only its failed destination is tried again",
        "POST",
        "/posts/{mixed}/retry",
        200,
        _success(
            {
                "post_id": "{mixed}",
                "retried_count": 1,
                "destinations": [_destination("queued", 4105, "linkedin", attempts=1)],
                "next_step": TEXT,
            }
        ),
        {"account_ids": [4105]},
    ),
    Exchange(
        "a wrong field name comes with a hint",
        "POST",
        "/posts",
        400,
        _failure("invalid_field_name", details=ANY),
        {"content": "Rye week", "account_ids": [4101], "attachments": ["{image}"]},
    ),
    Exchange(
        "a text that is too long",
        "POST",
        "/posts",
        400,
        _failure(
            "post_creation_failed",
            message="Text is 12 characters too long for x.",
            details={"validation_errors": Each(ANY)},
        ),
        {"content": "x" * 292, "account_ids": [4104]},
    ),
    Exchange(
        "a scheduled post",
        "POST",
        "/posts",
        201,
        _success(
            _post(
                "scheduled",
                [4103],
                scheduled_for="2026-07-01T09:30:00.000Z",
                timezone="Europe/Berlin",
                accounts_count=1,
                message=TEXT,
            )
        ),
        {
            "content": "Rye week",
            "account_ids": [4103],
            "scheduled_for": "2026-07-01T09:30:00Z",
            "timezone": "Europe/Berlin",
        },
        saves={"scheduled": "data.post_id"},
    ),
    Exchange(
        "the list, filtered as after a lost answer",
        "GET",
        "/posts?created_after=2026-06-20T09:59:00Z&account_id=4103&search=rye"
        "&status=scheduled&sort=created_at&order=desc&limit=100",
        200,
        _success(
            {
                "posts": [
                    _post(
                        "scheduled",
                        [4103],
                        scheduled_for=ISO,
                        timezone="Europe/Berlin",
                        media=[],
                        destinations=[_destination("queued", 4103, "facebook")],
                    )
                ],
                "pagination": {"limit": 100, "offset": 0, "has_more": False, "total": 1},
            }
        ),
    ),
    Exchange(
        "deleting is cancelling",
        "DELETE",
        "/posts/{scheduled}",
        200,
        _success({"post_id": "{scheduled}", "deleted": True}),
    ),
    Exchange(
        "what was deleted is not found", "GET", "/posts/{scheduled}", 404, _failure("not_found")
    ),
    Exchange(
        "what is published stays",
        "DELETE",
        "/posts/{carousel}",
        409,
        _failure("post_already_published"),
    ),
    Exchange(
        "a bulk of which one fails is no error",
        "POST",
        "/posts/bulk",
        207,
        _success(
            {
                "summary": {"total": 2, "succeeded": 1, "failed": 1},
                "results": [{"index": 0, "ok": True, "post": ANY}, ANY],
            }
        ),
        {"posts": [{"content": "Rye week", "account_ids": [4103]}, {"account_ids": [4103]}]},
    ),
    Exchange(
        "a rate limit",
        "POST",
        "/posts",
        429,
        {
            "data": None,
            "error": {"message": TEXT, "code": "rate_limit_exceeded", "retryable": True},
            "meta": META,
        },
        {"content": "Rye week", "account_ids": [4103]},
        answer_headers={"Retry-After": "30"},
        faults=({"kind": "rate_limit", "call": "publish", "retry_after_s": 30},),
    ),
]
