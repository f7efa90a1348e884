"""One publish at WAHDX: its ids, its media copies, and where it stands at any instant."""

from dataclasses import dataclass
from datetime import datetime

from shared.sandbox.exchange import Json
from shared.sandbox.faults import Fault
from shared.sandbox.media import extension_of
from shared.sandbox.port import Stored
from shared.sandbox.wahdx.wish import Wish

#: Words that TikTok gives for a failure (D).
_FAIL_REASONS = {"video": "video_pull_failed", "photo": "photo_pull_failed"}


@dataclass(slots=True)
class Publish:
    """A publish moves from processing to its end at `ends_at`; nobody has to push it."""

    sequence: int
    publish_id: str
    wish: Wish
    created_at: datetime
    ends_at: datetime
    failure: Fault | None

    @property
    def post_id(self) -> str:
        return str(7400000000000000000 + self.sequence)

    @property
    def fail_reason(self) -> str:
        code = self.failure.code if self.failure is not None else None
        return code or _FAIL_REASONS[self.wish.kind]

    def status(self, now: datetime) -> str:
        if now < self.ends_at:
            return "PROCESSING_DOWNLOAD"
        if self.failure is not None:
            return "FAILED"
        return "SEND_TO_USER_INBOX" if self.wish.draft else "PUBLISH_COMPLETE"

    def copies(self) -> Json:
        """Show the files under the provider's own media domain, as it copies them (S)."""
        urls = enumerate(self.wish.urls, 1)
        ids = [f"uploads/{self.sequence:06x}-{n}.{extension_of(url)}" for n, url in urls]
        return {
            "mediaType": self.wish.kind,
            "mediaUrls": [f"https://media.wahdx.co/{file_id}" for file_id in ids],
            "fileIds": ids,
        }

    def url(self, media_type: str) -> str:
        return f"https://www.tiktok.com/@{self.wish.account.username}/{media_type}/{self.post_id}"

    def page(self) -> str:
        """Where the post stands on the platforms that answer at once."""
        hosts = {"instagram": "www.instagram.com/p", "threads": "www.threads.net/t"}
        host = hosts.get(self.wish.platform, "www.facebook.com")
        return f"https://{host}/DEMO{self.sequence:06d}/"

    def urls(self, media_type: str | None, now: datetime) -> Json:
        """One URL when the kind is known, else two of which one is wrong (S)."""
        if self.wish.platform != "tiktok":
            return {"public_post_url": self.page() if self._complete(now) else None}
        if not self.shown(now):
            return {"public_post_url": None}
        if media_type is not None:
            return {"public_post_url": self.url(media_type)}
        candidates = {kind: self.url(kind) for kind in ("video", "photo")}
        return {"public_post_url": None, "public_post_url_candidates": candidates}

    def shown(self, now: datetime) -> bool:
        """Only a complete and public TikTok post has an id."""
        return self._complete(now) and self.wish.public

    def _complete(self, now: datetime) -> bool:
        return self.status(now) == "PUBLISH_COMPLETE"

    def stored(self, now: datetime) -> Stored:
        wish = self.wish
        photo = "carousel" if len(wish.urls) > 1 else "image"
        return Stored(
            sequence=self.sequence,
            provider="wahdx",
            publish_id=self.publish_id,
            account_id=wish.account.id,
            platform=wish.platform,
            kind="video" if wish.kind == "video" else photo,
            caption=wish.content,
            media=wish.urls,
            status=self.status(now),
            created_at=self.created_at,
            options={**wish.settings, "photoTitle": wish.title},
        )
