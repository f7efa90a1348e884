"""PostEverywhere's exchanges, by hand from its contract sheet."""

from tests.contract.golden import ANY, ISO, NUMBER, TEXT, UUID, Each, Exchange, OneOf
from tests.contract.golden.posteverywhere.shapes import (
    EXPIRED,
    FILE,
    META,
    PUBLISHED,
    RATE,
    account,
    destination,
    failure,
    media,
    post,
    success,
)

EXCHANGES = [
    Exchange(
        "a missing key",
        "GET",
        "/accounts",
        401,
        failure("authentication_failed"),
        anonymous=True,
    ),
    Exchange(
        "accounts with their health",
        "GET",
        "/accounts",
        200,
        success({"accounts": Each(account(OneOf((True, False)))), "account_ids": Each(NUMBER)}),
        answer_headers={"X-RateLimit-Limit": "60", **RATE},
    ),
    Exchange("one account", "GET", "/accounts/4101", 200, success(account())),
    Exchange(
        "an expired account cannot post",
        "GET",
        "/accounts/4105",
        200,
        success(account(can_post=False)),
        faults=({"kind": "expired_account", "account_id": "4105", "count": None},),
    ),
    Exchange("an unknown account", "GET", "/accounts/9", 404, failure("not_found")),
    Exchange(
        "an image by URL is ready at once",
        "POST",
        "/media/upload-from-url",
        201,
        success(media("ready", "image", source_url=TEXT)),
        {"url": "{origin}/media/rye.jpg"},
        saves={"image": "data.media_id"},
    ),
    Exchange(
        "a video by URL takes a while",
        "POST",
        "/media/upload-from-url",
        201,
        success(media("uploading", "video", source_url=TEXT)),
        {"url": "{origin}/media/rye.mp4"},
        saves={"video": "data.media_id"},
    ),
    Exchange(
        "media that is not ready cannot be attached",
        "POST",
        "/posts",
        400,
        failure("validation_error"),
        {"content": "Rye week", "account_ids": [4101], "media_ids": ["{video}"]},
    ),
    Exchange(
        "the video is ready later",
        "GET",
        "/media/{video}",
        200,
        success(media("ready", "video", source_url=TEXT)),
        after_s=3,
    ),
    Exchange(
        "a presigned upload of an image is a form",
        "POST",
        "/media/upload",
        201,
        success(
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
        failure("not_found"),
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
        success(media("ready", "image") | {"status": "ready"}),
    ),
    Exchange(
        "a carousel to two accounts",
        "POST",
        "/posts",
        201,
        success(
            post(
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
        success(
            {
                "post_id": "{carousel}",
                "post_status": "publishing",
                "results": [
                    destination("queued", 4101, "instagram", next_retry_at=None),
                    destination("queued", 4102, "tiktok", next_retry_at=None),
                ],
            }
        ),
    ),
    Exchange(
        "the carousel once it is published, media in order",
        "GET",
        "/posts/{carousel}",
        200,
        success(
            post(
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
                    destination("published", 4101, "instagram", **PUBLISHED),
                    destination("published", 4102, "tiktok", **PUBLISHED),
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
        success(post("publishing", [4103, 4105], accounts_count=2, message=TEXT)),
        {"content": "Rye week", "account_ids": [4103, 4105]},
        saves={"mixed": "data.post_id"},
    ),
    Exchange(
        "and ends partially failed",
        "GET",
        "/posts/{mixed}",
        200,
        success(
            post(
                "partially_failed",
                [4103, 4105],
                platform_content={},
                media=[],
                destinations=[
                    destination("published", 4103, "facebook", **PUBLISHED),
                    destination("failed", 4105, "linkedin", **EXPIRED),
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
        success(
            {
                "post_id": "{mixed}",
                "retried_count": 1,
                "destinations": [destination("queued", 4105, "linkedin", attempts=1)],
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
        failure("invalid_field_name", details=ANY),
        {"content": "Rye week", "account_ids": [4101], "attachments": ["{image}"]},
    ),
    Exchange(
        "a text that is too long",
        "POST",
        "/posts",
        400,
        failure(
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
        success(
            post(
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
        success(
            {
                "posts": [
                    post(
                        "scheduled",
                        [4103],
                        scheduled_for=ISO,
                        timezone="Europe/Berlin",
                        media=[],
                        destinations=[destination("queued", 4103, "facebook")],
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
        success({"post_id": "{scheduled}", "deleted": True}),
    ),
    Exchange(
        "what was deleted is not found", "GET", "/posts/{scheduled}", 404, failure("not_found")
    ),
    Exchange(
        "what is published stays",
        "DELETE",
        "/posts/{carousel}",
        409,
        failure("post_already_published"),
    ),
    Exchange(
        "a bulk of which one fails is no error",
        "POST",
        "/posts/bulk",
        207,
        success(
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
