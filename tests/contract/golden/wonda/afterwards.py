"""Wonda: jobs, schedules, histories and faults (sections 5 to 7 of its sheet)."""

from tests.contract.golden import ISO, TEXT, UUID, Exchange
from tests.contract.golden.wonda.shapes import (
    INSTAGRAM_ROW,
    TIKTOK_ROW,
    TT_ID,
    error,
)

AFTERWARDS = [
    Exchange(
        "5 a job that has just been queued",
        "GET",
        "/api/v1/jobs/publish/{job}",
        200,
        {
            "outputJobId": "{job}",
            "status": "queued",
            "errorCode": None,
            "errorMessage": None,
            "createdAt": ISO,
            "finishedAt": None,
        },
    ),
    Exchange(
        "5 a job that succeeded",
        "GET",
        "/api/v1/jobs/publish/{job}",
        200,
        {
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
        "5 an unknown job",
        "GET",
        "/api/v1/jobs/publish/019f0a44-9b01-7d11-8c22-000000000000",
        404,
        error("not_found"),
    ),
    Exchange(
        "5 scheduled jobs",
        "GET",
        "/api/v1/publish/scheduled",
        200,
        {
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
        "5 a schedule cancelled",
        "DELETE",
        "/api/v1/publish/scheduled/{later}",
        200,
        {"outputJobId": "{later}", "status": "canceled"},
    ),
    Exchange(
        "5 a schedule cancelled twice",
        "DELETE",
        "/api/v1/publish/scheduled/{later}",
        409,
        error("conflict"),
    ),
    Exchange(
        "5 instagram history, by account and product, on its last page",
        "GET",
        "/api/v1/instagram/publishes?product=CAROUSEL&status=succeeded&instagramAccountId={instagram}",
        200,
        {"items": [INSTAGRAM_ROW]},
    ),
    Exchange(
        "5 a first page of one",
        "GET",
        "/api/v1/instagram/publishes?limit=1",
        200,
        {
            "items": [
                {
                    **INSTAGRAM_ROW,
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
        "5 the page after it",
        "GET",
        "/api/v1/instagram/publishes?cursorCreatedAt={at}&cursorInstagramPublishId={id}",
        200,
        {"items": [INSTAGRAM_ROW]},
    ),
    Exchange(
        "5 half a cursor pair",
        "GET",
        "/api/v1/instagram/publishes?cursorCreatedAt={at}",
        400,
        error("validation_error"),
    ),
    Exchange(
        "5 tiktok history",
        "GET",
        "/api/v1/tiktok/publishes?tiktokAccountId={tiktok}",
        200,
        {"items": [{**TIKTOK_ROW, "caption": None, "tiktokMediaId": None}, TIKTOK_ROW]},
    ),
    Exchange(
        "7 too many requests, with a time",
        "GET",
        "/api/v1/tiktok/publishes",
        429,
        error("rate_limit_exceeded"),
        faults=({"kind": "rate_limit", "retry_after_s": 30},),
        answer_headers={"Retry-After": "30"},
    ),
    Exchange(
        "4.5 a server fault on a publish",
        "POST",
        "/api/v1/publish/tiktok",
        500,
        error("internal_server_error"),
        body={"mediaId": "{clip}", "tiktokAccountId": TT_ID},
        faults=({"kind": "error_after"},),
    ),
]
