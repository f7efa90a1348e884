"""A post, its destinations, and the status that follows from theirs.

queued -> publishing -> published
   |           |-> failed (next_retry_at set) -> publishing
   |           `-> failed
   `-> failed (the account cannot post)
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Json

POST_STATUSES = frozenset(
    {"draft", "scheduled", "publishing", "published", "partially_failed", "failed"}
)
Fingerprint = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Destination:
    """One account of a post; `moves_at` is when the clock moves it next, None at rest."""

    destination_id: str
    account_id: str
    account_name: str
    platform: str
    moves_at: datetime | None
    status: str = "queued"
    accepted: bool = False
    platform_post_id: str | None = None
    platform_post_url: str | None = None
    published_at: datetime | None = None
    failed_at: datetime | None = None
    next_retry_at: datetime | None = None
    error: str | None = None
    attempts: int = 0

    @property
    def in_flight(self) -> bool:
        return self.status in {"queued", "publishing"} or self.next_retry_at is not None

    @property
    def has_failed(self) -> bool:
        return self.status == "failed" and self.next_retry_at is None

    def queue(self, at: datetime) -> None:
        self.status, self.moves_at, self.accepted = "queued", at, False
        self.error = self.failed_at = self.next_retry_at = None

    def publish(self, until: datetime) -> None:
        self.status, self.moves_at = "publishing", until
        self.error = self.failed_at = self.next_retry_at = None

    def as_json(self) -> Json:
        return {
            "account_id": int(self.account_id),
            "account_name": self.account_name,
            "platform": self.platform,
            "status": self.status,
            "platform_post_id": self.platform_post_id,
            "platform_post_url": self.platform_post_url,
            "published_at": stamp(self.published_at),
            "error": self.error,
            "attempts": self.attempts,
        }

    def as_result(self) -> Json:
        return self.as_json() | {"next_retry_at": stamp(self.next_retry_at)}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a create call asks for, already checked."""

    content: str
    account_ids: tuple[str, ...]
    media_ids: tuple[str, ...]
    scheduled_for: datetime | None
    timezone: str
    platform_content: dict[str, Any] | None
    draft: bool

    @property
    def fingerprint(self) -> Fingerprint:
        """What the breaker calls identical content (A): the text and the media."""
        return self.content, self.media_ids

    def as_json(self) -> Json:
        return {
            "content": self.content,
            "account_ids": [int(account_id) for account_id in self.account_ids],
            "scheduled_for": stamp(self.scheduled_for),
            "timezone": self.timezone,
            "media_ids": list(self.media_ids),
            "platform_content": self.platform_content,
        }


@dataclass(slots=True)
class Post:
    """One text for many accounts."""

    sequence: int
    post_id: str
    wish: Wish
    created_at: datetime
    updated_at: datetime
    visible_from: datetime
    destinations: list[Destination] = field(default_factory=list)
    deleted: bool = False

    @property
    def is_moving(self) -> bool:
        return not self.deleted and any(one.moves_at is not None for one in self.destinations)

    @property
    def published_at(self) -> datetime | None:
        return max((d.published_at for d in self.destinations if d.published_at), default=None)

    @property
    def scheduled_for(self) -> datetime | None:
        return self.wish.scheduled_for

    def status_at(self, now: datetime) -> str:
        if self.wish.draft:
            return "draft"
        if self.scheduled_for and now < self.scheduled_for:
            return "scheduled"
        if any(destination.in_flight for destination in self.destinations):
            return "publishing"
        words = {destination.status for destination in self.destinations}
        return words.pop() if len(words) == 1 else "partially_failed"

    def as_json(self, status: str) -> Json:
        """Give the fields that the answers of create and of read share."""
        return {
            "id": self.post_id,
            "post_id": self.post_id,
            "status": status,
            **self.wish.as_json(),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }


def stamp(instant: datetime | None) -> str | None:
    return iso_ms(instant) if instant else None


def to_ms(instant: datetime) -> datetime:
    """Cut to the precision that answers show, so that filters agree with what was read."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
