"""How posts at PostEverywhere stand: a pass over the list for many, single looks for the rest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.domain.limit import Call
from shared.domain.status import Status
from shared.provider import Publish
from shared.providers.posteverywhere.answers import publish_id_of
from shared.providers.posteverywhere.posts import PAGE_LENGTH, View, closer, pages, single
from shared.wire.wire import Wire

#: So few are cheaper asked one by one than found in a page of a hundred.
SINGLES = 2

#: What one round may cost: pages beyond those that the publishes asked about would fill ...
SPARE_PAGES = 4
#: ... and single looks.
LOOKS_MAX = 10

#: The provider's clock may be behind or ahead of ours by this much.
SLACK = timedelta(minutes=2)


class Polling:
    """One round of asking after publishes: lists first, then a bounded number of single looks."""

    def __init__(self, publishes: Sequence[Publish], wire: Wire) -> None:
        self._left = {publish.publish_id: publish for publish in publishes}
        self._wire = wire
        #: Found in a list that leaves open how they stand.
        self._open: dict[str, View] = {}

    def ask(self) -> Iterator[Mapping[str, Status]]:
        """Iterate what each answer says. Raises NoAnswer, CallFailed."""
        if len(self._left) > SINGLES:
            yield from self._lists()
        for publish_id in list(self._left)[:LOOKS_MAX]:
            yield {publish_id: self._look(publish_id)}

    def _lists(self) -> Iterator[Mapping[str, Status]]:
        """Walk the pages until so few are left that single looks are cheaper."""
        asked = list(self._left.values())
        accounts = {publish.post.account_id for publish in asked}
        only = accounts.pop() if len(accounts) == 1 else None
        pages_max = SPARE_PAGES - (-len(asked) // PAGE_LENGTH)
        span = pages(self._wire, Call.STATUS, only, _oldest(asked), until=_newest(asked))
        for number, page in enumerate(span, start=1):
            yield self._read(page.posts)
            if len(self._left) - len(self._open) < SINGLES or number == pages_max:
                return

    def _read(self, posts: Sequence[Mapping[str, Any]]) -> Mapping[str, Status]:
        known: dict[str, Status] = {}
        for row in posts:
            publish = self._left.get(publish_id_of(row))
            if publish is None:
                continue
            view = View(publish.publish_id, publish.post.account_id, row)
            if view.conclusive:
                known[publish.publish_id] = view.status()
                del self._left[publish.publish_id]
            else:
                self._open[publish.publish_id] = view
        return known

    def _look(self, publish_id: str) -> Status:
        if publish_id in self._open:
            return closer(self._wire, self._open[publish_id])
        return single(self._wire, publish_id, self._left[publish_id].post.account_id)


def _oldest(asked: Sequence[Publish]) -> datetime:
    return min(publish.sent_at for publish in asked) - SLACK


def _newest(asked: Sequence[Publish]) -> datetime | None:
    """Return when the last of them can have been made; None where one does not say."""
    times = [publish.accepted_at for publish in asked if publish.accepted_at is not None]
    return max(times) + SLACK if len(times) == len(asked) else None
