"""Reads the body of a create or update call strictly into a wish."""

import difflib
import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.sandbox.exchange import Json
from shared.sandbox.fields import Fields
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.posteverywhere.checks import problems_of
from shared.sandbox.posteverywhere.media import Media, Shelf
from shared.sandbox.posteverywhere.posts import Wish
from shared.sandbox.posteverywhere.wire import Envelope

_NAMES = (
    "content",
    "account_ids",
    "scheduled_for",
    "scheduled_at",
    "timezone",
    "media_ids",
    "platform_content",
    "draft",
    "use_queue",
    "cover_photo",
)
#: Names that callers mistake for the real one (D), and the hint for each.
_HINTS = {
    "media": "media_ids",
    "media_id": "media_ids",
    "mediaId": "media_ids",
    "attachments": "media_ids",
    "url": "media_ids",
}
#: The next free slot of a queue (A).
_QUEUE_SLOT = timedelta(hours=1)


class Reader:
    """Turns JSON into a wish, or refuses it with every platform's problems at once."""

    def __init__(self, sandbox: ProviderSandbox, envelope: Envelope, shelf: Shelf) -> None:
        self._sandbox = sandbox
        self._envelope = envelope
        self._shelf = shelf

    def wish(self, body: Any) -> Wish:
        fields = Fields(body, self._envelope.bad)
        self.check_names(body, _NAMES)
        draft = bool(fields.flag("draft"))
        account_ids = self.account_ids(fields.listed("account_ids"), draft=draft)
        media_ids = fields.listed("media_ids") or []
        if self._sandbox.take("forget_media", "publish", "".join(account_ids[:1])) is not None:
            self._shelf.forget(media_ids)
        wish = Wish(
            content=fields.text("content") or "",
            account_ids=account_ids,
            media_ids=self._media_ids(media_ids),
            scheduled_for=self._moment(fields),
            timezone=self._timezone(fields.text("timezone")),
            platform_content=self._platform_content(body),
            draft=draft,
        )
        fields.group("cover_photo")
        if not (wish.content or wish.media_ids or wish.platform_content):
            raise self._envelope.invalid("content is required without media or platform_content")
        if not draft:
            self.check_platforms(wish)
        return wish

    def check_names(self, body: Json, known: tuple[str, ...]) -> None:
        for name in body:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = _HINTS.get(name) or (close[0] if close else None)
                words = f" Use `{hint}`." if hint else f" Known: {', '.join(known)}."
                details = {"field": name, "hint": hint}
                message = f"`{name}` is not a field.{words}"
                raise self._envelope.no(400, "invalid_field_name", message, details)

    def account_ids(self, given: list[Any] | None, *, draft: bool = False) -> tuple[str, ...]:
        if not given and not draft:
            raise self._envelope.invalid("account_ids is required")
        ids = given or []
        if any(isinstance(entry, bool) or not isinstance(entry, int) for entry in ids):
            raise self._envelope.invalid("account_ids must be integers")
        if len(set(ids)) != len(ids):
            raise self._envelope.invalid("account_ids must not repeat")
        unknown = [entry for entry in ids if str(entry) not in self._sandbox.accounts]
        if unknown:
            raise self._envelope.invalid(f"Unknown account_ids: {unknown}")
        return tuple(str(entry) for entry in ids)

    def instant(self, name: str, value: str) -> datetime:
        """Read an ISO 8601 time in UTC."""
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise self._envelope.invalid(f"{name} must be an ISO 8601 time") from None
        if at.utcoffset() != timedelta(0):
            raise self._envelope.invalid(f"{name} must be in UTC")
        return at.astimezone(UTC)

    def check_platforms(self, wish: Wish) -> None:
        platforms = {
            account_id: self._sandbox.accounts[account_id].platform
            for account_id in wish.account_ids
        }
        problems = problems_of(wish, platforms, self._attached(wish))
        if problems:
            details = {"validation_errors": problems}
            message = " ".join(problem["message"] for problem in problems)
            raise self._envelope.no(400, "post_creation_failed", message, details)

    def _attached(self, wish: Wish) -> list[Media]:
        found = (self._shelf.find(media_id) for media_id in wish.media_ids)
        return [media for media in found if media is not None]

    def _media_ids(self, ids: list[Any]) -> tuple[str, ...]:
        for media_id in ids:
            media = self._shelf.find(media_id) if isinstance(media_id, str) else None
            if media is None:
                raise self._envelope.invalid(f"media_ids: {media_id!r} is not an uploaded media")
            if not self._shelf.is_ready(media):
                raise self._envelope.invalid(f"media_ids: {media_id} is not ready")
        return tuple(ids)

    def _moment(self, fields: Fields) -> datetime | None:
        now = self._sandbox.world.clock.now()
        if fields.flag("use_queue"):
            return now + _QUEUE_SLOT
        value = fields.text("scheduled_for") or fields.text("scheduled_at")
        if value is None:
            return None
        at = self.instant("scheduled_for", value)
        if at <= now:
            raise self._envelope.invalid("scheduled_for must be in the future")
        return at

    def _timezone(self, name: str | None) -> str:
        if name is not None and name not in zoneinfo.available_timezones():
            raise self._envelope.invalid(f"timezone: {name!r} is no IANA name")
        return name or "UTC"

    def _platform_content(self, body: Json) -> Json | None:
        by_platform: Any = body.get("platform_content")
        if by_platform is not None and not isinstance(by_platform, dict):
            raise self._envelope.invalid("platform_content must be an object")
        return by_platform
