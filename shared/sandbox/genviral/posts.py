"""A post, its deliveries, and the status that follows from theirs.

scheduled -> pending (attempted) -> posted
pending   -> pending (attempted) -> failed
                                 -> retry -> pending (attempted) ...
"""

from dataclasses import dataclass, field
from datetime import datetime

from shared.sandbox.clock import iso_ms, iso_s
from shared.sandbox.exchange import Json

#: What a list can be filtered by (D).
LISTED_STATUSES = ("draft", "pending", "scheduled", "posted", "failed", "partial", "retry")
#: Where a post can still be changed or deleted (D).
OPEN_STATUSES = frozenset({"draft", "pending", "scheduled", "retry", "failed"})
#: A mixture of deliveries is the first of these that occurs among them.
_MOVING = ("retry", "pending", "scheduled")


@dataclass(slots=True)
class Delivery:
    """One account of a post; `moves_at` is when the worker moves it next, None at rest."""

    account_id: str
    status: str
    moves_at: datetime | None
    attempting: bool = False
    attempts: int = 0
    published_at: datetime | None = None
    last_attempted_at: datetime | None = None
    error_message: str | None = None
    published_url: str | None = None

    def rest(self, status: str, error_message: str | None = None) -> None:
        self.status, self.error_message = status, error_message
        self.moves_at, self.attempting = None, False

    def wait(self, status: str, until: datetime) -> None:
        self.status, self.moves_at, self.attempting = status, until, False

    def as_json(self) -> Json:
        return {
            "account_id": self.account_id,
            "status": self.status,
            "published_at": _second(self.published_at),
            "error_message": self.error_message,
            "last_attempted_at": _second(self.last_attempted_at),
            "published_url": self.published_url,
        }


@dataclass(frozen=True, slots=True)
class Wish:
    """What a create call asks for, already checked; `body` is what it was read from."""

    caption: str
    account_ids: tuple[str, ...]
    media: Json | None
    scheduled_at: datetime | None
    external_id: str | None
    body: Json
    warnings: tuple[Json, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        media = self.media or {}
        return tuple(media["urls"]) if "urls" in media else (media["url"],) if media else ()

    @property
    def is_slideshow(self) -> bool:
        return self.media is not None and self.media["type"] == "slideshow"

    @property
    def to_inbox(self) -> bool:
        return (self.body.get("tiktok") or {}).get("post_mode") == "MEDIA_UPLOAD"


@dataclass(slots=True)
class Post:
    """One caption for one to ten accounts."""

    sequence: int
    post_id: str
    wish: Wish
    created_at: datetime
    visible_from: datetime
    deliveries: list[Delivery] = field(default_factory=list)
    deleted: bool = False

    @property
    def status(self) -> str:
        words = {delivery.status for delivery in self.deliveries}
        moving = next((word for word in _MOVING if word in words), None)
        return moving or (words.pop() if len(words) == 1 else "partial")

    @property
    def listed_as(self) -> str:
        """Say what a filter takes it for: upstream words do not move the stored one."""
        if self.status in LISTED_STATUSES:
            return self.status
        return "scheduled" if self.wish.scheduled_at else "pending"

    @property
    def is_moving(self) -> bool:
        return not self.deleted and any(one.moves_at is not None for one in self.deliveries)

    def brief(self) -> Json:
        at = self.wish.scheduled_at
        return {"id": self.post_id, "status": self.status, "scheduled_at": moment(at)}

    def as_json(self) -> Json:
        return {
            "id": self.post_id,
            "caption": self.wish.caption,
            "status": self.status,
            "scheduled_at": moment(self.wish.scheduled_at),
            "created_at": iso_ms(self.created_at),
            "media": self.wish.media,
            "music_url": self.wish.body.get("music_url"),
            "tiktok": self.wish.body.get("tiktok"),
            "pinterest": self.wish.body.get("pinterest"),
            "accounts": {
                "total": len(self.deliveries),
                "states": [delivery.as_json() for delivery in self.deliveries],
            },
        }


def moment(instant: datetime | None) -> str | None:
    """Show whole seconds without a fraction, as the samples do."""
    if instant is None:
        return None
    return iso_ms(instant) if instant.microsecond else iso_s(instant)


def _second(instant: datetime | None) -> str | None:
    return iso_s(instant) if instant else None
