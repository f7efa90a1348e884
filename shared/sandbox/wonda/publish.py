"""One publish at Wonda: what was asked, and where it stands at any instant."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Json
from shared.sandbox.faults import Fault
from shared.sandbox.port import Stored
from shared.sandbox.wonda.library import Medium

_KINDS = {"CAROUSEL": "carousel", "IMAGE": "image", "REELS": "video", "STORIES": "story"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the client asked for; `product` also names TikTok's carousel and video."""

    platform: str
    account_id: str
    product: str
    media: tuple[Medium, ...]
    caption: str | None
    options: Json = field(default_factory=dict)
    scheduled_for: datetime | None = None

    @property
    def inbox(self) -> bool:
        return self.options.get("postMode") == "inbox"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The instants at which a publish moves on; a carousel is in progress from the first."""

    begins_at: datetime
    starts_at: datetime
    ends_at: datetime
    visible_from: datetime

    @classmethod
    def of(
        cls,
        begins_at: datetime,
        queued_for: timedelta,
        works_for: timedelta,
        visible_from: datetime,
    ) -> "Timeline":
        starts_at = begins_at + queued_for
        return cls(begins_at, starts_at, starts_at + works_for, max(visible_from, begins_at))


@dataclass(slots=True)
class Publish:
    """The row that the history shows; single media have a job as well."""

    sequence: int
    id: str
    wish: Wish
    timeline: Timeline
    created_at: datetime
    job_id: str | None = None
    failure: Fault | None = None
    canceled: bool = False

    def status(self, now: datetime) -> str:
        if self.canceled:
            return "canceled"
        if now < self.timeline.begins_at:
            return "scheduled"
        if now < self.timeline.starts_at:
            return "queued"
        if now < self.timeline.ends_at:
            return "in_progress"
        return "failed" if self.failure is not None else "succeeded"

    def listed(self, now: datetime) -> bool:
        return now >= self.timeline.visible_from and not self.canceled

    def position(self) -> tuple[str, str]:
        """Where the row stands in the history: ties on the time are broken by the id (A)."""
        return iso_ms(self.timeline.begins_at), self.id

    def error(self, now: datetime) -> tuple[str | None, str | None]:
        if self.status(now) != "failed" or self.failure is None:
            return None, None
        code = self.failure.code or "spam_risk_too_many_posts"
        return code, self.failure.message or "Daily post cap reached"

    def instagram_ids(self) -> Json:
        number = 17990001112220000 + self.sequence
        return {
            "instagramPublishId": self.id,
            "igMediaId": str(number),
            "permalink": f"https://instagram.com/p/DEMO{self.sequence:06d}/",
        }

    def tiktok_ids(self) -> Json:
        media_id = None if self.wish.inbox else f"v0med.demo.{self.sequence}"
        return {
            "tiktokPublishId": self.id,
            "publishId": f"v0pub.demo.{self.sequence}",
            "tiktokMediaId": media_id,
        }

    def ids(self) -> Json:
        is_instagram = self.wish.platform == "instagram"
        return self.instagram_ids() if is_instagram else self.tiktok_ids()

    def stored(self, now: datetime) -> Stored:
        wish = self.wish
        files = {
            "filenames": [medium.filename for medium in wish.media],
            "sha256": [medium.sha256 for medium in wish.media],
        }
        return Stored(
            sequence=self.sequence,
            provider="wonda",
            publish_id=self.id,
            account_id=wish.account_id,
            platform=wish.platform,
            kind=_KINDS[wish.product],
            caption=wish.caption or "",
            media=tuple(medium.id for medium in wish.media),
            status=self.status(now),
            created_at=self.created_at,
            options={**wish.options, **files, "job_id": self.job_id},
        )
