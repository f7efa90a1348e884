"""The post list: its filters, its order, its pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.sandbox.posteverywhere.platforms import RULES
from shared.sandbox.posteverywhere.posts import POST_STATUSES, Post
from shared.sandbox.posteverywhere.wire import Envelope

_LIMIT_DEFAULT, _LIMIT_MOST = 20, 100
_SORTS = ("created_at", "scheduled_for", "published_at", "updated_at")
#: The query name of each bound, the field it bounds, and its side.
_BOUNDS = {
    "created_after": ("created_at", True),
    "created_before": ("created_at", False),
    "scheduled_after": ("scheduled_for", True),
    "scheduled_before": ("scheduled_for", False),
    "published_after": ("published_at", True),
    "published_before": ("published_at", False),
    "updated_after": ("updated_at", True),
}
_FIRST = datetime.min.replace(tzinfo=UTC)
Keep = Callable[[Post], bool]
ParseInstant = Callable[[str, str], datetime]


class Listing:
    """Reads the query strictly; an old service knows only `status` and `platform`."""

    def __init__(
        self, envelope: Envelope, instant: ParseInstant, status: Callable[[Post], str]
    ) -> None:
        self._envelope = envelope
        self._instant = instant
        self._status = status

    def page(self, query: Mapping[str, str]) -> tuple[int, int]:
        limit = self._number(query, "limit", _LIMIT_DEFAULT)
        offset = self._number(query, "offset", 0)
        if not 1 <= limit <= _LIMIT_MOST or offset < 0:
            raise self._envelope.invalid("limit must be 1 to 100, offset 0 or more")
        return limit, offset

    def chosen(self, posts: Iterable[Post], query: Mapping[str, str], *, old: bool) -> list[Post]:
        keeps = self._words(query)
        keeps += [] if old else self._filters(query)
        chosen = [post for post in posts if all(keep(post) for keep in keeps)]
        return self._sorted(chosen, query)

    def _sorted(self, posts: list[Post], query: Mapping[str, str]) -> list[Post]:
        sort, order = query.get("sort", "created_at"), query.get("order", "desc")
        if sort not in _SORTS or order not in {"asc", "desc"}:
            raise self._envelope.invalid(f"sort by {', '.join(_SORTS)}, in order asc or desc")
        return sorted(
            posts,
            key=lambda post: (getattr(post, sort) or _FIRST, post.sequence),
            reverse=order == "desc",
        )

    def _words(self, query: Mapping[str, str]) -> list[Keep]:
        statuses = self._choices(query, "status", POST_STATUSES)
        platforms = self._choices(query, "platform", tuple(RULES))
        return [
            lambda post: not statuses or self._status(post) in statuses,
            lambda post: not platforms or any(d.platform in platforms for d in post.destinations),
        ]

    def _filters(self, query: Mapping[str, str]) -> list[Keep]:
        keeps = [self._bound(name, query[name]) for name in _BOUNDS if name in query]
        if "account_id" in query:
            account_id = str(self._number(query, "account_id", 0))
            keeps.append(lambda post: account_id in post.wish.account_ids)
        if "campaign_id" in query:
            self._number(query, "campaign_id", 0)
            keeps.append(lambda _: False)
        if "search" in query:
            wanted = query["search"].casefold()
            keeps.append(lambda post: wanted in post.wish.content.casefold())
        return keeps

    def _bound(self, name: str, value: str) -> Keep:
        field, is_after = _BOUNDS[name]
        bound = self._instant(name, value)

        def keep(post: Post) -> bool:
            at: datetime | None = getattr(post, field)
            return at is not None and (at >= bound if is_after else at <= bound)

        return keep

    def _choices(
        self, query: Mapping[str, str], name: str, allowed: Iterable[str]
    ) -> Sequence[str]:
        given = [word.strip() for word in query.get(name, "").split(",") if word.strip()]
        if set(given) - set(allowed):
            raise self._envelope.invalid(f"{name} must be among {', '.join(sorted(allowed))}")
        return given

    def _number(self, query: Mapping[str, Any], name: str, default: int) -> int:
        value = query.get(name, str(default))
        if not value.lstrip("-").isdigit():
            raise self._envelope.invalid(f"{name} must be a number")
        return int(value)
