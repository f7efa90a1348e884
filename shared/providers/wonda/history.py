"""Wonda's publish histories: one list per platform, walked by cursor pairs, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import Call
from shared.domain.status import Status
from shared.providers.wonda.faults import required, unreadable
from shared.providers.wonda.reading import instant_of, status_of, text_of
from shared.wire.answer import Answer, CallFailed
from shared.wire.wire import Wire

#: The upper bound of a page is not documented (A).
_PAGE = 100

#: How far the provider's clock may be from ours (A).
SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Row:
    """One publish as the history shows it."""

    platform: str
    facts: Mapping[str, Any]

    @property
    def publish_id(self) -> str:
        return self.text(f"{self.platform}PublishId")

    @property
    def created_at(self) -> datetime | None:
        return instant_of(self.facts.get("createdAt"))

    def text(self, key: str) -> str:
        return text_of(self.facts.get(key))

    def older_than(self, instant: datetime | None) -> bool:
        """Whether the row is surely older; one that does not say when it was made is not."""
        made = self.created_at
        return made is not None and instant is not None and made < instant

    def status(self, publish_id: str, *, inbox: bool) -> Status:
        return status_of(publish_id, self.facts, self.platform, inbox=inbox)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The rows of one account, or of all, on one platform. Raises NoAnswer, CallFailed."""

    wire: Wire
    platform: str
    account_id: str | None
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def _account_key(self) -> str:
        return f"{self.platform}AccountId"

    def newest(self) -> Row | None:
        return next(iter(self._rows(self._page({"limit": 1}))), None)

    def since(self, instant: datetime) -> Iterator[Row]:
        """Iterate the rows made since then, each once however the pages overlap."""
        seen: set[str] = set()
        cursor: Mapping[str, str] | None = {}
        while cursor is not None:
            answer = self._page({"limit": _PAGE, **cursor})
            rows = self._rows(answer)
            fresh = [row for row in rows if row.publish_id not in seen]
            seen |= {row.publish_id for row in fresh}
            yield from (row for row in fresh if not row.older_than(instant))
            ended = not fresh or fresh[-1].older_than(instant)
            cursor = None if ended else self._cursor(answer, rows[-1])

    def _page(self, params: Mapping[str, Any]) -> Answer:
        path = f"/api/v1/{self.platform}/publishes"
        account = {} if self.account_id is None else {self._account_key: self.account_id}
        mine = {**account, **self.filters}
        answer = self.wire.get(Call.HISTORY, path, {**mine, **params}, account=self.account_id)
        return required(answer)

    def _rows(self, answer: Answer) -> list[Row]:
        """Read the list; what is none must not pass for an empty one: absence would follow."""
        items = answer.at("items")
        if items is None and isinstance(answer.body, Mapping) and "items" in answer.body:
            return []
        if not isinstance(items, list):
            raise CallFailed(unreadable(answer, "items"), again=True)
        rows = [Row(self.platform, facts) for facts in items if isinstance(facts, Mapping)]
        return [row for row in rows if row.publish_id]

    def _cursor(self, answer: Answer, last: Row) -> Mapping[str, str] | None:
        """Both halves travel together (S); they are those of the page's last row (S)."""
        if not answer.at("nextCursor"):
            return None
        id_key = f"{self.platform}PublishId"
        created_at = text_of(answer.at("nextCursor", "createdAt")) or last.text("createdAt")
        publish_id = text_of(answer.at("nextCursor", id_key)) or last.publish_id
        return {
            "cursorCreatedAt": created_at,
            f"cursor{self.platform.capitalize()}PublishId": publish_id,
        }
