"""Looking at PostEverywhere for the post of a publish call whose answer was lost.

No idempotency key is documented (D), so a post is ours when everything we sent is equal. What an
answer leaves out cannot contradict: to adopt nobody's post needs several coincidences, to send a
second time only one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import Call
from shared.domain.lost import Absent, Ambiguous, Found, Sighting, Unanswered
from shared.provider import Lost
from shared.providers.posteverywhere.answers import publish_id_of
from shared.providers.posteverywhere.posts import (
    View,
    accounts_of,
    clock_ahead,
    closer,
    created_at,
    pages,
)
from shared.wire.values import first, instant, rows, text
from shared.wire.wire import Wire

#: The provider's clock, once its offset is known, is trusted to a minute (sheet, section 9).
SLACK = timedelta(seconds=60)

#: How far clocks may be apart: the list is asked from so much earlier on, and a stamp that says
#: more is not believed.
SKEW_MAX = timedelta(minutes=15)

#: So many newer posts of one account say that the filters and the order are not honoured.
PAGES_MAX = 20


def find(lost: Lost, wire: Wire) -> Sighting:
    """Return what the provider's list shows of the lost call. Raises NoAnswer, CallFailed."""
    since = lost.sent_at - SKEW_MAX - SLACK
    matching: dict[str, Mapping[str, Any]] = {}
    for number, page in enumerate(pages(wire, Call.HISTORY, lost.post.account_id, since), start=1):
        trace = _Trace(lost, clock_ahead(page.answer, wire.clock.now()))
        matching |= {publish_id_of(row): row for row in trace.matches(page.posts)}
        if trace.passed(page.posts):
            break
        if number == PAGES_MAX:
            return Unanswered(f"{PAGES_MAX} pages of posts do not reach back to the lost call")
    if not matching:
        return Absent()
    if len(matching) > 1:
        return Ambiguous(tuple(matching))
    [(publish_id, row)] = matching.items()
    view = View(publish_id, lost.post.account_id, row)
    return Found(view.status() if view.conclusive else closer(wire, view))


@dataclass(frozen=True, slots=True)
class _Trace:
    """What the lost call must have left, on the provider's clock."""

    lost: Lost
    ahead: timedelta

    @property
    def earliest(self) -> datetime:
        """When our post can first have been made: a clock that runs ahead only widens the look."""
        behind = min(max(-self.ahead, timedelta(0)), SKEW_MAX)
        return self.lost.sent_at - behind - SLACK

    def matches(self, posts: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in posts:
            publish_id = publish_id_of(row)
            if publish_id and publish_id not in self.lost.claimed and self._is_ours(row):
                yield row

    def passed(self, posts: list[Mapping[str, Any]]) -> bool:
        """Whether the list, newest first, has come to posts from before the call."""
        oldest = created_at(posts[-1]) if posts else None
        return oldest is not None and oldest < self.earliest

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        return (
            self._is_recent(row)
            and self._is_immediate(row)
            and accounts_of(row) in {frozenset(), frozenset({self.lost.post.account_id})}
            and self._has_our_content(row)
            and self._has_our_media(row)
        )

    def _is_recent(self, row: Mapping[str, Any]) -> bool:
        created = created_at(row)
        return created is None or created >= self.earliest

    def _is_immediate(self, row: Mapping[str, Any]) -> bool:
        """Drafts and posts for later are not ours: everything is sent at its moment."""
        due, created = instant(first(row, "scheduled_for")), created_at(row)
        for_later = due is not None and created is not None and due > created + SLACK
        return text(first(row, "status")) != "draft" and not for_later

    def _has_our_content(self, row: Mapping[str, Any]) -> bool:
        ours = self.lost.memo.get("content", self.lost.post.caption)
        return "content" not in row or _plain(text(row["content"])) == _plain(text(ours))

    def _has_our_media(self, row: Mapping[str, Any]) -> bool:
        ours = self.lost.memo.get("media_ids")
        theirs = _media_ids(row)
        return ours is None or theirs is None or sorted(ours) == sorted(theirs)


def _plain(content: str) -> str:
    return content.replace("\r\n", "\n").strip()


def _media_ids(row: Mapping[str, Any]) -> list[str] | None:
    ids = row.get("media_ids")
    if isinstance(ids, list):
        return [text(each) for each in ids]
    if isinstance(row.get("media"), list):
        return [text(first(each, "media_id", "id")) for each in rows(row["media"])]
    return None
