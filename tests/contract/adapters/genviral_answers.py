"""Genviral's answers as its reference shows them, for the tests of its adapter."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.post import Kind, Media, Post
from shared.provider import Publish
from shared.providers.genviral import Genviral
from tests.support.scripted import Reply, Scripted, answered

GENVIRAL = Genviral()
BASE = "/api/partner/v1"
POSTS = f"{BASE}/posts"
INSTAGRAM = "a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201"
TIKTOK = "c2e8f0aa-90c1-4c0d-8a4f-1f2e3d4c2202"
POST_ID = "4be0a9d1-33c8-4f1b-9a77-02b6a1de3301"
ONE = f"{POSTS}/{POST_ID}"
SENT_AT = datetime(2026, 6, 20, 10, 0, tzinfo=UTC)
SLIDES = ["https://cdn.example.com/1.jpg", "https://cdn.example.com/2.jpg"]


def success(data: Any, status: int = 200, **top: Any) -> Reply:
    return answered({"ok": True, "code": status, "message": "Done", "data": data, **top}, status)


def failure(status: int, code: str | None = None) -> Reply:
    body = {"ok": False, "code": status, "message": "It does not work."}
    return answered({**body, **({"error_code": code} if code else {})}, status)


def created(status: int = 201, **changes: Any) -> Reply:
    made = {"id": POST_ID, "status": "pending", "scheduled_at": None}
    return success({**made, **changes}, status)


def delivery(account_id: Any = INSTAGRAM, status: str = "posted", **more: Any) -> Any:
    posted = status == "posted"
    return {
        "account_id": account_id,
        "status": status,
        "published_at": "2026-07-01T09:33:10Z" if posted else None,
        "error_message": None,
        "last_attempted_at": "2026-07-01T09:33:00Z",
        "published_url": "https://www.instagram.com/p/DEMO321/" if posted else None,
        **more,
    }


def states(*deliveries: Any) -> Any:
    return {"total": len(deliveries), "states": list(deliveries)}


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def row(publish_id: str = POST_ID, *, at: datetime = SENT_AT, **more: Any) -> Any:
    return {
        "id": publish_id,
        "caption": "Rye week",
        "status": "posted",
        "scheduled_at": None,
        "created_at": stamp(at),
        "media": {"type": "slideshow", "urls": SLIDES},
        "music_url": None,
        "tiktok": None,
        "pinterest": None,
        "accounts": states(delivery()),
        **more,
    }


def listed(*posts: Any) -> Reply:
    summary = {"total": len(posts), "pending": 0, "published": len(posts), "by_status": {}}
    return success({"summary": summary, "posts": list(posts)})


def post(kind: Kind = Kind.CAROUSEL, platform: str = "instagram", **more: Any) -> Post:
    media = {
        Kind.TEXT: (),
        Kind.VIDEO: (Media(url="https://cdn.example.com/film.mp4"),),
        Kind.IMAGE: (Media(url=SLIDES[0]),),
    }.get(kind, tuple(Media(url=url) for url in SLIDES))
    fields: dict[str, Any] = {"account_id": INSTAGRAM, "caption": "Rye week", "media": media}
    return Post(platform=platform, kind=kind, **{**fields, **more})


def publish_of(publish_id: str = POST_ID, of: Post | None = None) -> Publish:
    return Publish(publish_id=publish_id, post=of or post(), sent_at=SENT_AT)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def ticket(server: Scripted, number: int = 1, **changes: Any) -> Reply:
    offered = {
        "uploadUrl": f"{server.url}/storage/{number}",
        "url": f"https://cdn.example.com/up/{number}.jpg",
        "contentType": "image/jpeg",
        "expiresIn": 600,
    }
    return success({**offered, **changes}, 201)
