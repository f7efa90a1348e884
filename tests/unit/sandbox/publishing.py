"""The shortest publish at WAHDX, for tests that are about something else."""

import httpx

from shared.sandbox.server import Sandbox

FIRST, SECOND = (f"1f0a0f52-6a2e-4c55-9d1e-aa{serial:010d}" for serial in (1, 2))


def publish(
    client: httpx.Client, caption: str = "Rye week", account_id: str = FIRST
) -> httpx.Response:
    body = {
        "platform": "tiktok",
        "accountId": account_id,
        "content": caption,
        "mediaItems": [{"url": "https://cdn.example.com/1.jpg"}],
    }
    return client.post("/api/content/post", json=body)


def captions(sandbox: Sandbox) -> list[str]:
    return [post["caption"] for post in sandbox.stored()]
