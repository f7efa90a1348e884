"""Shapes and requests that Wonda's golden exchanges share."""

from typing import Any

from tests.contract.golden import ANY, ISO, TEXT, UUID, Exchange, File, OneOf

IG_CAROUSEL = "/api/v1/publish/instagram/carousel"
TT_CAROUSEL = "/api/v1/publish/tiktok/carousel"
IG_ID = "{instagram}"
TT_ID = "{tiktok}"


def error(code: str) -> dict[str, Any]:
    return {"error": {"message": TEXT, "code": code}}


def upload(name: str, filename: str, content_type: str, save_as: str) -> Exchange:
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


def refused(name: str, path: str, code: str, **fields: Any) -> Exchange:
    """Send a carousel of two good slides, but for what `fields` say."""
    instagram, tiktok = {"instagramAccountId": IG_ID}, {"tiktokAccountId": TT_ID}
    account = instagram if path == IG_CAROUSEL else tiktok
    body = {"mediaIds": ["{slide1}", "{slide2}"], **account, **fields}
    status = {"validation_error": 400, "not_found": 404}[code]
    return Exchange(name, "POST", path, status, error(code), body=body)


MEDIUM = {
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

INSTAGRAM_ROW = {
    "instagramPublishId": "{publish}",
    "instagramAccountId": IG_ID,
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

TIKTOK_ROW = {
    "tiktokPublishId": UUID,
    "tiktokAccountId": TT_ID,
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
