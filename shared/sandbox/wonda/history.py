"""Wonda's two publish histories (S): newest first, cursor pairs, filters."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, RefusedError, Request
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wonda.problem import invalid
from shared.sandbox.wonda.publish import Publish

_STATUSES = {"queued", "in_progress", "succeeded", "failed"}
_PRODUCTS = {"IMAGE", "REELS", "STORIES", "CAROUSEL"}
#: The upper bound is undocumented; clamped (A).
_LONGEST_PAGE = 100


class History:
    """Pages of the publishes of one platform."""

    def __init__(self, port: ProviderSandbox, publishes: dict[str, Publish], platform: str) -> None:
        self._port = port
        self._publishes = publishes
        self._platform = platform
        self._id_key = f"{platform}PublishId"
        self._cursor_key = f"cursor{platform.capitalize()}PublishId"
        self._row = _instagram_row if platform == "instagram" else _tiktok_row

    def page(self, request: Request) -> Answer:
        now = self._port.world.clock.now()
        limit, cursor = _limit(request), self._cursor(request)
        rows = sorted(self._found(request, now), key=Publish.position, reverse=True)
        older = [row for row in rows if cursor is None or row.position() < cursor]
        shown = older[:limit]
        body: Json = {"items": [self._row(row, now) for row in shown]}
        if len(older) > limit:
            created_at, publish_id = shown[-1].position()
            body["nextCursor"] = {"createdAt": created_at, self._id_key: publish_id}
        elif self._port.switched_on("null_cursor", "history"):
            body["nextCursor"] = None
        return Answer(200, body)

    def _found(self, request: Request, now: datetime) -> Iterable[Publish]:
        tests = list(self._tests(request, now))
        for row in self._publishes.values():
            ours = row.wish.platform == self._platform and row.listed(now)
            if ours and all(test(row) for test in tests):
                yield row

    def _tests(self, request: Request, now: datetime) -> Iterable[Callable[[Publish], bool]]:
        status = _choice(request, "status", _STATUSES)
        account_id = request.query.get(f"{self._platform}AccountId")
        if status is not None:
            yield lambda row: row.status(now) == status
        if account_id is not None:
            wanted = as_uuid(account_id, f"{self._platform}AccountId")
            yield lambda row: row.wish.account_id == wanted
        if self._platform == "instagram":
            product = _choice(request, "product", _PRODUCTS)
            yield lambda row: product in {None, row.wish.product}

    def _cursor(self, request: Request) -> tuple[str, str] | None:
        created_at = request.query.get("cursorCreatedAt")
        publish_id = request.query.get(self._cursor_key)
        if created_at is None and publish_id is None:
            return None
        if created_at is None or publish_id is None:
            raise _wrong(f"cursorCreatedAt and {self._cursor_key} must come together")
        return iso_ms(as_instant(created_at, "cursorCreatedAt")), as_uuid(
            publish_id, self._cursor_key
        )


def as_uuid(text: str, name: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise _wrong(f"{name} must be a UUID") from None


def as_instant(text: str, name: str) -> datetime:
    """Read an ISO 8601 instant that says its offset."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(f"{name} must be an ISO 8601 date") from None
    if instant.tzinfo is None:
        raise _wrong(f"{name} must have an offset")
    return instant.astimezone(UTC)


def _wrong(message: str) -> RefusedError:
    return RefusedError(invalid(message))


def _limit(request: Request) -> int:
    text = request.query.get("limit", "10")
    if not text.isdigit() or int(text) < 1:
        raise _wrong("limit must be a positive number")
    return min(int(text), _LONGEST_PAGE)


def _choice(request: Request, name: str, allowed: set[str]) -> str | None:
    value = request.query.get(name)
    if value is not None and value not in allowed:
        raise _wrong(f"Invalid {name}: expected one of {', '.join(sorted(allowed))}")
    return value


def _published_at(row: Publish, now: datetime) -> str | None:
    return iso_ms(row.timeline.ends_at) if row.status(now) == "succeeded" else None


def _instagram_row(row: Publish, now: datetime) -> Json:
    done = row.status(now) == "succeeded"
    ids = row.instagram_ids()
    begun = now >= row.timeline.starts_at
    return {
        "instagramPublishId": row.id,
        "instagramAccountId": row.wish.account_id,
        "product": row.wish.product,
        "status": row.status(now),
        "sourceUrl": row.wish.media[0].url,
        "caption": row.wish.caption,
        "altText": row.wish.options.get("altText"),
        "containerId": str(17890000000000000 + row.sequence) if begun else None,
        "igMediaId": ids["igMediaId"] if done else None,
        "permalink": ids["permalink"] if done else None,
        "createdAt": iso_ms(row.timeline.begins_at),
        "publishedAt": _published_at(row, now),
    }


def _tiktok_row(row: Publish, now: datetime) -> Json:
    done = row.status(now) == "succeeded"
    ids = row.tiktok_ids()
    code, message = row.error(now)
    return {
        "tiktokPublishId": row.id,
        "tiktokAccountId": row.wish.account_id,
        "sourceUrl": row.wish.media[0].url,
        "caption": row.wish.caption,
        "privacyLevel": row.wish.options["privacyLevel"],
        "status": row.status(now),
        "publishId": ids["publishId"] if now >= row.timeline.starts_at else None,
        "tiktokMediaId": ids["tiktokMediaId"] if done else None,
        "isAigc": row.wish.options.get("isAigc", False),
        "errorCode": code,
        "errorMessage": message,
        "createdAt": iso_ms(row.timeline.begins_at),
        "publishedAt": _published_at(row, now),
    }
