"""WAHDX's golden exchanges; numbers in the names are sections of its sheet."""

from typing import Any

from tests.contract.golden import ANY, NUMBER, PICTURE, TEXT, UUID, Each, Exchange, OneOf

PROVIDER = "wahdx"

_POST = "/api/content/post"
_PHOTO_1, _PHOTO_2 = "https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"
_VIDEO = "https://cdn.example.com/clip.mp4"
_ERROR = {"success": False, "error": TEXT}


def _initiated(kind: str, count: int) -> dict[str, Any]:
    return {
        "success": True,
        "accountId": "{tiktok}",
        "platform": "tiktok",
        "status": "PUBLISH_INITIATED",
        "data": {"publish_id": TEXT},
        "mediaType": kind,
        "mediaUrls": [TEXT] * count,
        "fileIds": [TEXT] * count,
    }


def _refused(name: str, error: Any, **fields: Any) -> Exchange:
    body = {"platform": "tiktok", "accountId": "{tiktok}", "mediaItems": [{"url": _PHOTO_1}]}
    answer = {"success": False, "error": error}
    return Exchange(name, "POST", _POST, 400, answer, body={**body, **fields})


_CHECK = {"accountId": "{tiktok}", "publishId": "{video}"}
_RESULT = {
    "accountId": "{tiktok}",
    "platform": "tiktok",
    "publishId": "{video}",
    "success": True,
    "publish_id": "{video}",
    "status": "PUBLISH_COMPLETE",
    "public_post_url": TEXT,
}

EXCHANGES = [
    Exchange(
        name="1 without a key",
        method="GET",
        path="/api/content/accounts",
        anonymous=True,
        status=401,
        answer=_ERROR,
    ),
    Exchange(
        name="2 accounts",
        method="GET",
        path="/api/content/accounts",
        status=200,
        answer={
            "success": True,
            "subscription": "maximum",
            "data": Each(
                {
                    "accountId": TEXT,
                    "platform": OneOf(("tiktok", "instagram", "threads", "facebook")),
                    "display_name": TEXT,
                    "username": TEXT,
                    "avatar_url": TEXT,
                    "bio_description": ANY,
                    "status": OneOf(("active", "expired")),
                    "followers": NUMBER,
                    "following": ANY,
                    "likes": ANY,
                    "videos": ANY,
                    "is_verified": ANY,
                }
            ),
        },
        saves={
            "tiktok": "data.0.accountId",
            "expired": "data.13.accountId",
            "instagram": "data.14.accountId",
        },
    ),
    Exchange(
        name="3 creator info",
        method="GET",
        path="/api/content/creator-info/{tiktok}",
        status=200,
        answer={
            "success": True,
            "data": {
                "creator_avatar_url": TEXT,
                "creator_username": TEXT,
                "creator_nickname": TEXT,
                "privacy_level_options": Each(TEXT),
                "comment_disabled": False,
                "duet_disabled": False,
                "stitch_disabled": True,
                "max_video_post_duration_sec": NUMBER,
            },
        },
    ),
    Exchange(
        name="3 creator info is for tiktok only",
        method="GET",
        path="/api/content/creator-info/{instagram}",
        status=400,
        answer=_ERROR,
    ),
    Exchange(
        name="4.1 tiktok video",
        method="POST",
        path=_POST,
        body={
            "platform": "tiktok",
            "accountId": "{tiktok}",
            "content": "Rye week",
            "mediaItems": [{"url": _VIDEO}],
            "tiktokSettings": {
                "privacy_level": "PUBLIC_TO_EVERYONE",
                "allow_comment": False,
                "video_cover_timestamp_ms": 1500,
                "video_made_with_ai": True,
            },
        },
        status=200,
        answer=_initiated("video", 1),
        saves={"video": "data.publish_id"},
    ),
    Exchange(
        name="4 plain strings in media_urls, no platform, a photo draft",
        method="POST",
        path=_POST,
        body={
            "accountId": "{tiktok}",
            "content": "Rye week",
            "media_urls": [_PHOTO_1, _PHOTO_2],
            "photoTitle": "Rye",
            "tiktokSettings": {"draft": True, "media_type": "photo", "photo_cover_index": 1},
        },
        status=200,
        answer=_initiated("photo", 2),
        saves={"draft": "data.publish_id"},
    ),
    Exchange(
        name="4.1 instagram photos, finished in the answer",
        method="POST",
        path=_POST,
        body={
            "platform": "instagram",
            "accountId": "{instagram}",
            "content": "Rye week",
            "mediaUrls": [{"url": _PHOTO_1}, {"url": _PHOTO_2}],
            "instagramSettings": {"share_to_feed": True},
        },
        status=200,
        answer={
            "success": True,
            "accountId": "{instagram}",
            "platform": "instagram",
            "status": "PUBLISH_COMPLETE",
            "data": {"id": TEXT, "publish_id": TEXT, "public_post_url": TEXT},
            "mediaType": "photo",
            "mediaUrls": [TEXT, TEXT],
            "fileIds": [TEXT, TEXT],
            "public_post_url": TEXT,
        },
        saves={"finished": "data.publish_id"},
    ),
    _refused(
        "4.2 an unknown privacy level",
        TEXT,
        tiktokSettings={"privacy_level": "EVERYONE"},
    ),
    _refused(
        "4.2 photos and a video",
        "Cannot mix media types",
        mediaItems=[{"url": _PHOTO_1}, {"url": _VIDEO}],
    ),
    _refused("4.2 two videos", TEXT, mediaItems=[{"url": _VIDEO}, {"url": _VIDEO}]),
    _refused("4.2 thirty-six photos", TEXT, mediaItems=[{"url": _PHOTO_1}] * 36),
    _refused("4.2 no media", TEXT, mediaItems=[]),
    _refused("4.2 an address without an extension", TEXT, mediaUrls=["https://x.example/a"]),
    _refused("4 4001 characters", TEXT, content="x" * 4001),
    _refused("4 a platform that is not the account's", TEXT, platform="threads"),
    _refused("2 an expired account", TEXT, accountId="{expired}"),
    _refused("4 media that cannot be had", TEXT, mediaItems=["{origin}/media/missing.jpg"]),
    Exchange(
        name="4.2 an unknown account",
        method="POST",
        path=_POST,
        body={"platform": "tiktok", "accountId": "gone", "mediaItems": [{"url": _PHOTO_1}]},
        status=404,
        answer={"success": False, "error": "Account not found"},
    ),
    Exchange(
        name="5.1 a draft in the creator's inbox",
        method="GET",
        path="/api/content/status/{tiktok}/{draft}?mediaType=photo",
        status=200,
        answer={
            "success": True,
            "accountId": "{tiktok}",
            "platform": "tiktok",
            "data": {
                "publish_id": "{draft}",
                "platform": "tiktok",
                "status": "SEND_TO_USER_INBOX",
                "uploaded_bytes": TEXT,
                "public_post_url": None,
                "data": {"publicaly_available_post_id": []},
            },
        },
        after_s=10,
    ),
    Exchange(
        name="5.1 a finished video",
        method="GET",
        path="/api/content/status/{tiktok}/{video}?mediaType=video",
        status=200,
        answer={
            "success": True,
            "accountId": "{tiktok}",
            "platform": "tiktok",
            "data": {
                "publish_id": "{video}",
                "platform": "tiktok",
                "status": "PUBLISH_COMPLETE",
                "uploaded_bytes": TEXT,
                "public_post_url": TEXT,
                "data": {"publicaly_available_post_id": [TEXT]},
            },
        },
    ),
    Exchange(
        name="5.1 without mediaType there are two candidates",
        method="GET",
        path="/api/content/status/{tiktok}/{video}",
        status=200,
        answer={
            "success": True,
            "accountId": "{tiktok}",
            "platform": "tiktok",
            "data": {
                "publish_id": "{video}",
                "platform": "tiktok",
                "status": "PUBLISH_COMPLETE",
                "uploaded_bytes": TEXT,
                "public_post_url": None,
                "public_post_url_candidates": {"video": TEXT, "photo": TEXT},
                "data": {"publicaly_available_post_id": [TEXT]},
            },
        },
    ),
    Exchange(
        name="5.1 instagram",
        method="GET",
        path="/api/content/status/{instagram}/{finished}",
        status=200,
        answer={
            "success": True,
            "accountId": "{instagram}",
            "platform": "instagram",
            "data": {
                "publish_id": "{finished}",
                "platform": "instagram",
                "status": "PUBLISH_COMPLETE",
                "public_post_url": TEXT,
            },
        },
    ),
    Exchange(
        name="5.2 many at once, one of them unknown",
        method="POST",
        path="/api/content/status/batch",
        body={
            "checks": [
                {**_CHECK, "mediaType": "video"},
                {"accountId": "gone", "publishId": "x"},
            ]
        },
        status=200,
        answer={
            "success": True,
            "data": {
                "results": [
                    _RESULT,
                    {
                        "accountId": "gone",
                        "publishId": "x",
                        "success": False,
                        "error": "Account not found",
                    },
                ],
                "byAccountId": {"{tiktok}": [_RESULT]},
            },
        },
    ),
    Exchange(
        name="5.2 without byAccountId, without mediaType",
        method="POST",
        path="/api/content/status/batch",
        body={"checks": [_CHECK]},
        faults=({"kind": "no_by_account"},),
        status=200,
        answer={
            "success": True,
            "data": {
                "results": [
                    {
                        **_RESULT,
                        "public_post_url": None,
                        "public_post_url_candidates": {"video": TEXT, "photo": TEXT},
                    }
                ]
            },
        },
    ),
    Exchange(
        name="5.2 both bodies at once",
        method="POST",
        path="/api/content/status/batch",
        body={"checks": [_CHECK], "postId": "post_harbor_0001"},
        status=400,
        answer=_ERROR,
    ),
    Exchange(
        name="6 a qr code",
        method="POST",
        path="/api/content/qr-login/request",
        body={"unique_id": "session_000123"},
        status=200,
        answer={
            "success": True,
            "data": {
                "qrCodeImage": PICTURE,
                "token": TEXT,
                "unique_id": "session_000123",
                "expiresIn": 300,
            },
        },
        saves={"token": "data.token"},
    ),
    Exchange(
        name="6 not scanned yet",
        method="POST",
        path="/api/content/qr-login/check",
        body={"token": "{token}"},
        status=200,
        answer={"success": True, "data": {"status": "new", "unique_id": "session_000123"}},
    ),
    Exchange(
        name="6 confirmed",
        method="POST",
        path="/api/content/qr-login/check",
        body={"token": "{token}"},
        after_s=30,
        status=200,
        answer={
            "success": True,
            "data": {
                "status": "confirmed",
                "unique_id": "session_000123",
                "account": {"accountId": UUID, "display_name": TEXT, "username": TEXT},
            },
        },
    ),
    Exchange(
        name="6 used already",
        method="POST",
        path="/api/content/qr-login/check",
        body={"token": "{token}"},
        status=200,
        answer={
            "success": True,
            "data": {"status": "utilised", "unique_id": "session_000123", "message": TEXT},
        },
    ),
    Exchange(
        name="6 a plan that is too small has no success key",
        method="POST",
        path="/api/content/qr-login/request",
        faults=({"kind": "free_plan"},),
        status=403,
        answer={"error": "This feature needs the Maximum plan", "subscription": "free"},
    ),
    Exchange(
        name="8 too many requests, with a date",
        method="GET",
        path="/api/content/accounts",
        faults=({"kind": "rate_limit", "retry_after_s": 30, "retry_after_form": "date"},),
        status=429,
        answer=_ERROR,
        answer_headers={"Retry-After": TEXT},
    ),
]
