"""Wonda's golden exchanges; numbers in the names are sections of its sheet."""

from typing import Any

from tests.contract.golden import ANY, ISO, NUMBER, TEXT, UUID, Each, Exchange, File, OneOf

PROVIDER = "wonda"

_IG_CAROUSEL = "/api/v1/publish/instagram/carousel"
_TT_CAROUSEL = "/api/v1/publish/tiktok/carousel"
_IG_ID = "{instagram}"
_TT_ID = "{tiktok}"


def _error(code: str) -> dict[str, Any]:
    return {"error": {"message": TEXT, "code": code}}


def _upload(name: str, filename: str, content_type: str, save_as: str) -> Exchange:
    row = {"mediaId": UUID, "url": TEXT, "mimeType": content_type}
    return Exchange(
        name=name,
        method="POST",
        path="/api/v1/media/upload",
        files=(File("file", filename, content_type),),
        status=200,
        answer={**row, "uploads": {"file": row}},
        saves={save_as: "mediaId"},
    )


_MEDIUM = {
    "mediaId": UUID,
    "url": TEXT,
    "mimeType": TEXT,
    "kind": OneOf(("image", "video", "audio")),
    "source": "user_upload",
    "width": ANY,
    "height": ANY,
    "durationMs": ANY,
    "createdAt": ISO,
}

_INSTAGRAM_ROW = {
    "instagramPublishId": "{publish}",
    "instagramAccountId": _IG_ID,
    "product": "CAROUSEL",
    "status": "succeeded",
    "sourceUrl": TEXT,
    "caption": "Rye week",
    "altText": None,
    "containerId": TEXT,
    "igMediaId": TEXT,
    "permalink": TEXT,
    "createdAt": ISO,
    "publishedAt": ISO,
}

_TIKTOK_ROW = {
    "tiktokPublishId": UUID,
    "tiktokAccountId": _TT_ID,
    "sourceUrl": TEXT,
    "caption": "Rye week",
    "privacyLevel": "SELF_ONLY",
    "status": "succeeded",
    "publishId": TEXT,
    "tiktokMediaId": TEXT,
    "isAigc": ANY,
    "errorCode": None,
    "errorMessage": None,
    "createdAt": ISO,
    "publishedAt": ISO,
}

EXCHANGES = [
    Exchange(
        name="1 without a key",
        method="GET",
        path="/api/v1/instagram/accounts",
        anonymous=True,
        status=401,
        answer=_error("unauthorized"),
    ),
    Exchange(
        name="2 instagram accounts",
        method="GET",
        path="/api/v1/instagram/accounts",
        status=200,
        answer={
            "accounts": Each(
                {
                    "instagramAccountId": UUID,
                    "igUserId": TEXT,
                    "username": TEXT,
                    "accountType": "BUSINESS",
                    "status": "active",
                    "scopes": Each(TEXT),
                }
            )
        },
        saves={"instagram": "accounts.0.instagramAccountId"},
    ),
    Exchange(
        name="2 tiktok accounts",
        method="GET",
        path="/api/v1/tiktok/accounts",
        status=200,
        answer={
            "accounts": Each(
                {
                    "tiktokAccountId": UUID,
                    "tiktokUserId": TEXT,
                    "username": TEXT,
                    "displayName": TEXT,
                    "avatarUrl": TEXT,
                    "status": "active",
                    "grantedScopes": Each(TEXT),
                }
            )
        },
        saves={"tiktok": "accounts.0.tiktokAccountId"},
    ),
    Exchange(
        name="2 creator info",
        method="GET",
        path="/api/v1/tiktok/accounts/{tiktok}/creator-info",
        status=200,
        answer={
            "privacyLevelOptions": Each(TEXT),
            "commentDisabled": False,
            "duetDisabled": False,
            "stitchDisabled": True,
            "maxVideoPostDurationSec": NUMBER,
        },
    ),
    _upload("3 upload of a jpeg", "slide1.jpg", "image/jpeg", "slide1"),
    _upload("3 upload of a webp", "slide2.webp", "image/webp", "slide2"),
    _upload("3 upload of a png", "slide3.png", "image/png", "png"),
    _upload("3 upload of a video", "clip.mp4", "video/mp4", "clip"),
    Exchange(
        name="3 upload of several, one refused, is still a 2xx",
        method="POST",
        path="/api/v1/media/upload",
        files=(
            File("slide1", "a.jpg", "image/jpeg"),
            File("slide2", "b.txt", "text/plain"),
        ),
        status=200,
        answer={
            "uploads": {"slide1": {"mediaId": UUID, "url": TEXT, "mimeType": "image/jpeg"}},
            "errors": {"slide2": TEXT},
        },
    ),
    Exchange(
        name="3 one medium",
        method="GET",
        path="/api/v1/media/{slide1}",
        status=200,
        answer=_MEDIUM,
    ),
    Exchange(
        name="3 media by kind",
        method="GET",
        path="/api/v1/media?kind=video&limit=5",
        status=200,
        answer={"media": [_MEDIUM]},
    ),
    Exchange(
        name="4.1 instagram carousel",
        method="POST",
        path=_IG_CAROUSEL,
        body={
            "mediaIds": ["{slide1}", "{slide2}", "{png}"],
            "instagramAccountId": _IG_ID,
            "caption": "Rye week",
        },
        status=200,
        answer={
            "instagramPublishId": UUID,
            "igMediaId": TEXT,
            "permalink": TEXT,
            "imageCount": 3,
        },
        saves={"publish": "instagramPublishId"},
    ),
    Exchange(
        name="4.1 one image is no carousel",
        method="POST",
        path=_IG_CAROUSEL,
        body={"mediaIds": ["{slide1}"], "instagramAccountId": _IG_ID},
        status=400,
        answer={
            "error": {
                "message": "mediaIds must contain at least 2 items",
                "code": "validation_error",
            }
        },
    ),
    Exchange(
        name="4.1 eleven images are too many",
        method="POST",
        path=_IG_CAROUSEL,
        body={"mediaIds": ["{slide1}"] * 11, "instagramAccountId": _IG_ID},
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="4.1 a video in a carousel",
        method="POST",
        path=_IG_CAROUSEL,
        body={"mediaIds": ["{slide1}", "{clip}"], "instagramAccountId": _IG_ID},
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="4.1 an unknown medium",
        method="POST",
        path=_IG_CAROUSEL,
        body={"mediaIds": ["{slide1}", "no-such-medium"], "instagramAccountId": _IG_ID},
        status=404,
        answer=_error("not_found"),
    ),
    Exchange(
        name="4.2 tiktok carousel",
        method="POST",
        path=_TT_CAROUSEL,
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": _TT_ID,
            "caption": "Rye week",
            "coverIndex": 1,
        },
        status=200,
        answer={
            "tiktokPublishId": UUID,
            "publishId": TEXT,
            "tiktokMediaId": TEXT,
            "imageCount": 2,
        },
        after_s=1,
    ),
    Exchange(
        name="4.2 tiktok carousel to the inbox has no media id",
        method="POST",
        path=_TT_CAROUSEL,
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": _TT_ID,
            "postMode": "inbox",
        },
        status=200,
        answer={
            "tiktokPublishId": UUID,
            "publishId": TEXT,
            "tiktokMediaId": None,
            "imageCount": 2,
        },
        after_s=1,
    ),
    Exchange(
        name="4.2 a caption of 91 characters",
        method="POST",
        path=_TT_CAROUSEL,
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": _TT_ID,
            "caption": "x" * 91,
        },
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="4.2 a png in a tiktok carousel",
        method="POST",
        path=_TT_CAROUSEL,
        body={"mediaIds": ["{slide1}", "{png}"], "tiktokAccountId": _TT_ID},
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="4.2 an unknown privacy level",
        method="POST",
        path=_TT_CAROUSEL,
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": _TT_ID,
            "privacyLevel": "EVERYONE",
        },
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="4.3 instagram single",
        method="POST",
        path="/api/v1/publish/instagram",
        body={
            "mediaId": "{slide1}",
            "instagramAccountId": _IG_ID,
            "caption": "One loaf",
            "altText": "A loaf of rye",
        },
        status=200,
        answer={"outputJobId": TEXT, "status": "queued"},
        saves={"job": "outputJobId"},
        after_s=1,
    ),
    Exchange(
        name="4.4 tiktok video on a schedule",
        method="POST",
        path="/api/v1/publish/tiktok",
        body={
            "mediaId": "{clip}",
            "tiktokAccountId": _TT_ID,
            "scheduledAt": "2026-07-01T11:30:00+02:00",
        },
        status=200,
        answer={
            "outputJobId": TEXT,
            "status": "scheduled",
            "scheduledFor": "2026-07-01T09:30:00+00:00",
        },
        saves={"later": "outputJobId"},
    ),
    Exchange(
        name="4.5 media still being processed",
        method="POST",
        path="/api/v1/publish/tiktok",
        body={"mediaId": "{clip}", "tiktokAccountId": _TT_ID},
        faults=({"kind": "unprocessed_media"},),
        status=409,
        answer=_error("conflict"),
    ),
    Exchange(
        name="5 a job that has just been queued",
        method="GET",
        path="/api/v1/jobs/publish/{job}",
        status=200,
        answer={
            "outputJobId": "{job}",
            "status": "queued",
            "errorCode": None,
            "errorMessage": None,
            "createdAt": ISO,
            "finishedAt": None,
        },
    ),
    Exchange(
        name="5 a job that succeeded",
        method="GET",
        path="/api/v1/jobs/publish/{job}",
        status=200,
        answer={
            "outputJobId": "{job}",
            "status": "succeeded",
            "errorCode": None,
            "errorMessage": None,
            "createdAt": ISO,
            "finishedAt": ISO,
            "instagramPublishId": UUID,
            "igMediaId": TEXT,
            "permalink": TEXT,
        },
        after_s=10,
    ),
    Exchange(
        name="5 an unknown job",
        method="GET",
        path="/api/v1/jobs/publish/019f0a44-9b01-7d11-8c22-000000000000",
        status=404,
        answer=_error("not_found"),
    ),
    Exchange(
        name="5 scheduled jobs",
        method="GET",
        path="/api/v1/publish/scheduled",
        status=200,
        answer={
            "items": [
                {
                    "outputJobId": "{later}",
                    "platform": "tiktok",
                    "status": "scheduled",
                    "scheduledFor": ISO,
                    "caption": None,
                }
            ]
        },
    ),
    Exchange(
        name="5 a schedule cancelled",
        method="DELETE",
        path="/api/v1/publish/scheduled/{later}",
        status=200,
        answer={"outputJobId": "{later}", "status": "canceled"},
    ),
    Exchange(
        name="5 a schedule cancelled twice",
        method="DELETE",
        path="/api/v1/publish/scheduled/{later}",
        status=409,
        answer=_error("conflict"),
    ),
    Exchange(
        name="5 instagram history, by account and product, on its last page",
        method="GET",
        path="/api/v1/instagram/publishes?product=CAROUSEL&status=succeeded"
        "&instagramAccountId={instagram}",
        status=200,
        answer={"items": [_INSTAGRAM_ROW]},
    ),
    Exchange(
        name="5 a first page of one",
        method="GET",
        path="/api/v1/instagram/publishes?limit=1",
        status=200,
        answer={
            "items": [
                {
                    **_INSTAGRAM_ROW,
                    "instagramPublishId": UUID,
                    "product": "IMAGE",
                    "caption": "One loaf",
                    "altText": "A loaf of rye",
                }
            ],
            "nextCursor": {"createdAt": ISO, "instagramPublishId": UUID},
        },
        saves={"at": "nextCursor.createdAt", "id": "nextCursor.instagramPublishId"},
    ),
    Exchange(
        name="5 the page after it",
        method="GET",
        path="/api/v1/instagram/publishes?cursorCreatedAt={at}&cursorInstagramPublishId={id}",
        status=200,
        answer={"items": [_INSTAGRAM_ROW]},
    ),
    Exchange(
        name="5 half a cursor pair",
        method="GET",
        path="/api/v1/instagram/publishes?cursorCreatedAt={at}",
        status=400,
        answer=_error("validation_error"),
    ),
    Exchange(
        name="5 tiktok history",
        method="GET",
        path="/api/v1/tiktok/publishes?tiktokAccountId={tiktok}",
        status=200,
        answer={"items": [{**_TIKTOK_ROW, "caption": None, "tiktokMediaId": None}, _TIKTOK_ROW]},
    ),
    Exchange(
        name="7 too many requests, with a time",
        method="GET",
        path="/api/v1/tiktok/publishes",
        faults=({"kind": "rate_limit", "retry_after_s": 30},),
        status=429,
        answer=_error("rate_limit_exceeded"),
        answer_headers={"Retry-After": "30"},
    ),
    Exchange(
        name="4.5 a server fault on a publish",
        method="POST",
        path="/api/v1/publish/tiktok",
        body={"mediaId": "{clip}", "tiktokAccountId": _TT_ID},
        faults=({"kind": "error_after"},),
        status=500,
        answer=_error("internal_server_error"),
    ),
]
