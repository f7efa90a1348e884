"""WAHDX's answers as its sheet shows them, and the posts that the tests send."""

from typing import Any

from shared.domain.post import Kind, Media, Post
from shared.providers.wahdx import Wahdx

WAHDX = Wahdx()
ACCOUNT = "1f0a0f52-6a2e-4c55-9d1e-aa0000000001"
POST = "/api/content/post"
BATCH = "/api/content/status/batch"
PUBLISH_ID = "v_pub_file~v2.7301112223334445"

TIKTOK_ANSWER = {
    "success": True,
    "accountId": ACCOUNT,
    "platform": "tiktok",
    "status": "PUBLISH_INITIATED",
    "data": {"publish_id": PUBLISH_ID},
    "mediaType": "video",
    "mediaUrls": ["https://media.wahdx.co/uploads/9f31c2.mp4"],
    "fileIds": ["uploads/9f31c2.mp4"],
}
SYNC_ANSWER = {
    "success": True,
    "accountId": ACCOUNT,
    "platform": "instagram",
    "status": "PUBLISH_COMPLETE",
    "data": {
        "id": "17900011122233344",
        "publish_id": "17900011122233344",
        "public_post_url": "https://www.instagram.com/p/DEMO456/",
    },
    "mediaType": "photo",
    "mediaUrls": ["https://media.wahdx.co/uploads/1.jpg"],
    "fileIds": ["uploads/1.jpg"],
    "public_post_url": "https://www.instagram.com/p/DEMO456/",
}

_MEDIA = {
    Kind.CAROUSEL: ("1.jpg?x=1", "2.webp"),
    Kind.IMAGE: ("1.jpg?x=1",),
    Kind.VIDEO: ("clip.mp4",),
}


def post(platform: str = "tiktok", kind: Kind = Kind.CAROUSEL, **more: Any) -> Post:
    media = tuple(Media(url=f"https://cdn.example.com/{name}") for name in _MEDIA.get(kind, ()))
    fields: dict[str, Any] = {"caption": "Rye week", "media": media, **more}
    return Post(platform=platform, account_id=ACCOUNT, kind=kind, **fields)
