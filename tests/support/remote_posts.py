"""Posts that a provider's sandbox has from somebody else, made over its own wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from shared.sandbox.server import Sandbox


@dataclass
class Poster:
    """Publishes for the first active accounts of a provider's sandbox; `accounts` are their ids."""

    sandbox: Sandbox
    provider: str
    _media: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = self.sandbox.base_urls[self.provider]
        headers = self.sandbox.key_headers[self.provider]
        self._client = httpx.Client(base_url=url, headers=headers, verify=False)  # noqa: S501 - it is plain HTTP
        platform = "facebook" if self.provider != "wonda" else "instagram"
        every = self.sandbox.providers[self.provider].accounts.values()
        self.accounts = [a.id for a in every if a.platform == platform and a.status == "active"]

    def post(self, caption: str, account: str | None = None, *, refused: bool = False) -> None:
        account = account or self.accounts[0]
        answer = getattr(self, f"_{self.provider}")(caption, account)
        assert answer.is_success is not refused, answer.text

    def posts(self, prefix: str, count: int, account: str | None = None) -> list[str]:
        """Publish many and return their captions, newest first."""
        captions = [f"{prefix} {number}" for number in range(count)]
        for caption in captions:
            self.sandbox.clock.pause(timedelta(milliseconds=1))
            self.post(caption, account)
        return captions[::-1]

    def close(self) -> None:
        self._client.close()

    def _genviral(self, caption: str, account: str) -> httpx.Response:
        return self._send("/posts", {"caption": caption, "accounts": [{"id": account}]})

    def _posteverywhere(self, caption: str, account: str) -> httpx.Response:
        return self._send("/posts", {"content": caption, "account_ids": [int(account)]})

    def _wonda(self, caption: str, account: str) -> httpx.Response:
        while len(self._media) < 2:
            file = {"file": ("slide.jpg", b"bytes", "image/jpeg")}
            answer = self._client.post("/api/v1/media/upload", files=file)
            self._media.append(str(answer.json()["mediaId"]))
        platform = self.sandbox.providers["wonda"].accounts[account].platform
        body = {f"{platform}AccountId": account, "mediaIds": self._media, "caption": caption}
        return self._send(f"/api/v1/publish/{platform}/carousel", body)

    def _send(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return self._client.post(path, json=body)
