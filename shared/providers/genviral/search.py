"""Looking at Genviral for the post of a publish call whose answer was lost.

`external_id` makes a replay safe, but an older generation of the service does not know it (D): so
a look comes first, and everything we sent must be equal.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import Call
from shared.domain.lost import Absent, Ambiguous, Found, Sighting, Unanswered
from shared.provider import Lost
from shared.providers.genviral.answers import publish_id_of
from shared.providers.genviral.posts import View, accounts_of, created_at, pages
from shared.wire.values import first, instant, server_ahead, text
from shared.wire.wire import Wire

#: The provider's clock, once its offset is known, is trusted to a minute (sheet, section 9).
SLACK = timedelta(seconds=60)

#: How far clocks may be apart: the list is asked from so much earlier on, and a stamp that says
#: more is not believed.
SKEW_MAX = timedelta(minutes=15)

#: So many posts since the lost call say that `since` is not honoured.
PAGES_MAX = 20


def find(lost: Lost, wire: Wire) -> Sighting:
    """Return what the provider's list shows of the lost call. Raises NoAnswer, CallFailed."""
    matching: dict[str, Mapping[str, Any]] = {}
    listed = pages(wire, Call.HISTORY, lost.sent_at - SKEW_MAX - SLACK)
    for number, page in enumerate(listed, start=1):
        trace = _Trace(lost, server_ahead(page.answer, wire.clock.now()))
        matching |= {publish_id_of(row): row for row in trace.matches(page.posts)}
        if number == PAGES_MAX and page.posts:
            return Unanswered(f"{PAGES_MAX} pages of posts do not reach back to the lost call")
    if not matching:
        return Absent()
    if len(matching) > 1:
        return Ambiguous(tuple(matching))
    [(publish_id, row)] = matching.items()
    view = View(publish_id, lost.post.account_id, row, inbox=lost.post.inbox)
    return Found(view.status())


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

    def _is_ours(self, row: Mapping[str, Any]) -> bool:
        key = text(first(row, "external_id"))
        if key:
            return key == self.lost.memo.get("external_id")
        return (
            self._is_recent(row)
            and self._is_immediate(row)
            and accounts_of(row) in {frozenset(), frozenset({self.lost.post.account_id})}
            and ("caption" not in row or _plain(row["caption"]) == self._caption)
            and ("media" not in row or _media(row["media"]) == self._media)
        )

    def _is_recent(self, row: Mapping[str, Any]) -> bool:
        created = created_at(row)
        return created is None or created >= self.earliest

    def _is_immediate(self, row: Mapping[str, Any]) -> bool:
        """Drafts and posts for later are not ours: everything is sent at its moment."""
        due, created = instant(first(row, "scheduled_at")), created_at(row)
        for_later = due is not None and created is not None and due > created + SLACK
        return text(first(row, "status")) != "draft" and not for_later

    @property
    def _caption(self) -> str:
        return _plain(self._sent.get("caption"))

    @property
    def _media(self) -> list[str]:
        return _media(self._sent.get("media"))

    @property
    def _sent(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = json.loads(self.lost.memo["body"])
        return body


def _plain(caption: Any) -> str:
    return text(caption).replace("\r\n", "\n").strip()


def _media(media: Any) -> list[str]:
    urls = first(media, "urls")
    if isinstance(urls, list) and urls:
        return [text(url) for url in urls]
    return [text(url) for url in (first(media, "url"),) if url]
