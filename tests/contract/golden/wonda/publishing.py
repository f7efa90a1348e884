"""Wonda: accounts, media and the publish calls (sections 1 to 4 of its sheet)."""

from tests.contract.golden import NUMBER, TEXT, UUID, Each, Exchange, File, OneOf
from tests.contract.golden.wonda.shapes import (
    IG_CAROUSEL,
    IG_ID,
    MEDIUM,
    TT_CAROUSEL,
    TT_ID,
    error,
    refused,
    upload,
)

PUBLISHING = [
    Exchange(
        "1 without a key",
        "GET",
        "/api/v1/instagram/accounts",
        401,
        error("unauthorized"),
        anonymous=True,
    ),
    Exchange(
        "2 instagram accounts",
        "GET",
        "/api/v1/instagram/accounts",
        200,
        {
            "accounts": Each(
                {
                    "instagramAccountId": UUID,
                    "igUserId": TEXT,
                    "username": TEXT,
                    "accountType": "BUSINESS",
                    "status": "active",
                    "scopes": Each(OneOf(("instagram_content_publish", "instagram_basic"))),
                }
            )
        },
        saves={"instagram": "accounts.0.instagramAccountId"},
    ),
    Exchange(
        "2 tiktok accounts",
        "GET",
        "/api/v1/tiktok/accounts",
        200,
        {
            "accounts": Each(
                {
                    "tiktokAccountId": UUID,
                    "tiktokUserId": TEXT,
                    "username": TEXT,
                    "displayName": TEXT,
                    "avatarUrl": TEXT,
                    "status": "active",
                    "grantedScopes": Each(
                        OneOf(("video.publish", "video.upload", "user.info.basic"))
                    ),
                }
            )
        },
        saves={"tiktok": "accounts.0.tiktokAccountId"},
    ),
    Exchange(
        "2 creator info",
        "GET",
        "/api/v1/tiktok/accounts/{tiktok}/creator-info",
        200,
        {
            "privacyLevelOptions": Each(TEXT),
            "commentDisabled": False,
            "duetDisabled": False,
            "stitchDisabled": True,
            "maxVideoPostDurationSec": NUMBER,
        },
    ),
    upload("3 upload of a jpeg", "slide1.jpg", "image/jpeg", "slide1"),
    upload("3 upload of a webp", "slide2.webp", "image/webp", "slide2"),
    upload("3 upload of a png", "slide3.png", "image/png", "png"),
    upload("3 upload of a video", "clip.mp4", "video/mp4", "clip"),
    Exchange(
        "3 upload of several, one refused, is still a 2xx",
        "POST",
        "/api/v1/media/upload",
        200,
        {
            "uploads": {"slide1": {"mediaId": UUID, "url": TEXT, "mimeType": "image/jpeg"}},
            "errors": {"slide2": TEXT},
        },
        files=(
            File("slide1", "a.jpg", "image/jpeg"),
            File("slide2", "b.txt", "text/plain"),
        ),
    ),
    Exchange("3 one medium", "GET", "/api/v1/media/{slide1}", 200, MEDIUM),
    Exchange(
        "3 media by kind", "GET", "/api/v1/media?kind=video&limit=5", 200, {"media": [MEDIUM]}
    ),
    Exchange(
        "4.1 instagram carousel",
        "POST",
        IG_CAROUSEL,
        200,
        {
            "instagramPublishId": UUID,
            "igMediaId": TEXT,
            "permalink": TEXT,
            "imageCount": 3,
        },
        body={
            "mediaIds": ["{slide1}", "{slide2}", "{png}"],
            "instagramAccountId": IG_ID,
            "caption": "Rye week",
        },
        saves={"publish": "instagramPublishId"},
    ),
    Exchange(
        "4.1 one image is no carousel",
        "POST",
        IG_CAROUSEL,
        400,
        {
            "error": {
                "message": "mediaIds must contain at least 2 items",
                "code": "validation_error",
            }
        },
        body={"mediaIds": ["{slide1}"], "instagramAccountId": IG_ID},
    ),
    refused(
        "4.1 eleven images are too many",
        IG_CAROUSEL,
        "validation_error",
        mediaIds=["{slide1}"] * 11,
    ),
    refused(
        "4.1 a video in a carousel",
        IG_CAROUSEL,
        "validation_error",
        mediaIds=["{slide1}", "{clip}"],
    ),
    refused(
        "4.1 an unknown medium", IG_CAROUSEL, "not_found", mediaIds=["{slide1}", "no-such-medium"]
    ),
    Exchange(
        "4.2 tiktok carousel",
        "POST",
        TT_CAROUSEL,
        200,
        {
            "tiktokPublishId": UUID,
            "publishId": TEXT,
            "tiktokMediaId": TEXT,
            "imageCount": 2,
        },
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": TT_ID,
            "caption": "Rye week",
            "coverIndex": 1,
        },
        after_s=1,
    ),
    Exchange(
        "4.2 tiktok carousel to the inbox has no media id",
        "POST",
        TT_CAROUSEL,
        200,
        {
            "tiktokPublishId": UUID,
            "publishId": TEXT,
            "tiktokMediaId": None,
            "imageCount": 2,
        },
        body={
            "mediaIds": ["{slide1}", "{slide2}"],
            "tiktokAccountId": TT_ID,
            "postMode": "inbox",
        },
        after_s=1,
    ),
    refused("4.2 a caption of 91 characters", TT_CAROUSEL, "validation_error", caption="x" * 91),
    refused(
        "4.2 a png in a tiktok carousel",
        TT_CAROUSEL,
        "validation_error",
        mediaIds=["{slide1}", "{png}"],
    ),
    refused(
        "4.2 an unknown privacy level", TT_CAROUSEL, "validation_error", privacyLevel="EVERYONE"
    ),
    Exchange(
        "4.3 instagram single",
        "POST",
        "/api/v1/publish/instagram",
        200,
        {"outputJobId": TEXT, "status": "queued"},
        body={
            "mediaId": "{slide1}",
            "instagramAccountId": IG_ID,
            "caption": "One loaf",
            "altText": "A loaf of rye",
        },
        saves={"job": "outputJobId"},
        after_s=1,
    ),
    Exchange(
        "4.4 tiktok video on a schedule",
        "POST",
        "/api/v1/publish/tiktok",
        200,
        {
            "outputJobId": TEXT,
            "status": "scheduled",
            "scheduledFor": "2026-07-01T09:30:00+00:00",
        },
        body={
            "mediaId": "{clip}",
            "tiktokAccountId": TT_ID,
            "scheduledAt": "2026-07-01T11:30:00+02:00",
        },
        saves={"later": "outputJobId"},
    ),
    Exchange(
        "4.5 media still being processed",
        "POST",
        "/api/v1/publish/tiktok",
        409,
        error("conflict"),
        body={"mediaId": "{clip}", "tiktokAccountId": TT_ID},
        faults=({"kind": "unprocessed_media"},),
    ),
]
