"""Genviral's posts: lists of them, and what one of them means for one of its accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.providers.genviral.answers import publish_id_of, required
from shared.wire.answer import Answer
from shared.wire.values import first, instant, rows, text
from shared.wire.wire import Wire

#: The words of the sheet's section 6 (D), of posts and of deliveries. Hosted deliveries pass other
#: words through; what is not here is pending.
VERDICTS: Mapping[str, Verdict] = {
    "draft": Verdict.PENDING,
    "pending": Verdict.PENDING,
    "scheduled": Verdict.PENDING,
    "retry": Verdict.PENDING,
    "partial": Verdict.PENDING,
    "posted": Verdict.SUCCEEDED,
    "failed": Verdict.FAILED,
    "canceled": Verdict.CANCELLED,
    "deleted": Verdict.CANCELLED,
    "void": Verdict.CANCELLED,
}

PAGE_LENGTH = 100

#: Answers show milliseconds; what is stored may be finer.
_GRAIN = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class View:
    """A post as one of its accounts sees it."""

    publish_id: str
    account_id: str
    row: Any
    #: We asked for the inbox; a list need not repeat it.
    inbox: bool = False

    @property
    def delivery(self) -> Mapping[str, Any] | None:
        deliveries = deliveries_of(self.row)
        for delivery in deliveries:
            if account_of(delivery) == self.account_id:
                return delivery
        alone = len(deliveries) == 1 and not account_of(deliveries[0])
        return deliveries[0] if alone else None

    def status(self) -> Status:
        verdict, shown = self._verdict(), self.delivery or {}
        succeeded = verdict is Verdict.SUCCEEDED
        return Status(
            publish_id=self.publish_id,
            verdict=verdict,
            raw=self._own_word() or self._post_word(),
            permalink=text(first(shown, "published_url")) or None,
            delivered_to_inbox=succeeded and self._is_for_inbox(),
            fault=_fault(shown) if verdict is Verdict.FAILED else None,
        )

    def _verdict(self) -> Verdict:
        """Let our delivery decide, where its word is known and the whole post is not called off."""
        whole = VERDICTS.get(self._post_word().lower(), Verdict.PENDING)
        own = VERDICTS.get(self._own_word().lower())
        if own is None or (own is Verdict.PENDING and whole is Verdict.CANCELLED):
            return whole
        return own

    def _own_word(self) -> str:
        return text(first(self.delivery, "status"))

    def _post_word(self) -> str:
        return text(first(self.row, "status"))

    def _is_for_inbox(self) -> bool:
        return self.inbox or text(first(first(self.row, "tiktok"), "post_mode")) == "MEDIA_UPLOAD"


def deliveries_of(row: Any) -> list[Mapping[str, Any]]:
    """Return the deliveries; `accounts` is an object with `states` in answers (D)."""
    accounts = first(row, "accounts")
    return rows(first(accounts, "states") if isinstance(accounts, Mapping) else accounts)


def account_of(delivery: Mapping[str, Any]) -> str:
    return text(first(delivery, "account_id", "id"))


def accounts_of(row: Any) -> frozenset[str]:
    """Return every account a post goes to; empty where the answer does not say."""
    return frozenset(account_of(each) for each in deliveries_of(row)) - {""}


def created_at(row: Any) -> datetime | None:
    return instant(first(row, "created_at"))


@dataclass(frozen=True, slots=True)
class Page:
    """One list of posts, those left out that an earlier list had."""

    answer: Answer
    posts: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Range:
    """What a list is asked for; both ends are inclusive (D)."""

    since: datetime
    until: datetime | None = None

    def params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"since": _iso(self.since), "limit": PAGE_LENGTH}
        return params if self.until is None else {**params, "until": _iso(self.until)}

    def beyond(self, posts: list[Mapping[str, Any]]) -> "_Range | None":
        """Return the range of the posts that a full list has left out.

        There is no cursor and no offset, and that the latest come first is A.
        """
        times = [at for at in map(created_at, posts) if at is not None]
        if not times or len(posts) < PAGE_LENGTH:
            return None
        if times[0] < times[-1]:
            return _Range(max(times) - _GRAIN, self.until)
        return _Range(self.since, min(times) + _GRAIN)

    def past(self, posts: list[Mapping[str, Any]]) -> "_Range | None":
        """Return the range behind a full list that brought nothing new.

        More posts than a list holds were made within one grain; None where even that range was
        asked for, as where the service does not honour `until`.
        """
        times = [at for at in map(created_at, posts) if at is not None]
        if not times or len(posts) < PAGE_LENGTH or times[0] < times[-1]:
            return None
        behind = _Range(self.since, min(times) - _GRAIN)
        return None if behind == self else behind


def pages(
    wire: Wire, call: Call, since: datetime, *, until: datetime | None = None
) -> Iterator[Page]:
    """Iterate the posts created in that time, newest first, each once."""
    seen: set[str] = set()
    asked: _Range | None = _Range(since, until)
    while asked is not None:
        answer = wire.get(call, "/posts", asked.params())
        listed = required(answer)
        posts = rows(first(listed, "posts") if isinstance(listed, Mapping) else listed)
        fresh = [post for post in posts if publish_id_of(post) not in seen]
        seen.update(map(publish_id_of, fresh))
        yield Page(answer, fresh)
        asked = asked.beyond(posts) if fresh else asked.past(posts)


def status_in(row: Any, publish: Publish) -> Status:
    post = publish.post
    return View(publish.publish_id, post.account_id, row, inbox=post.inbox).status()


def single(wire: Wire, publish: Publish) -> Status:
    answer = wire.get(Call.STATUS, f"/posts/{quote(publish.publish_id, safe='')}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return Status(publish_id=publish.publish_id, verdict=Verdict.UNKNOWN, raw="not_found")
    row = required(answer)
    if publish_id_of(row) not in {"", publish.publish_id}:
        return Status(publish_id=publish.publish_id, verdict=Verdict.UNKNOWN, raw="another_post")
    return status_in(row, publish)


def _fault(delivery: Mapping[str, Any]) -> Fault:
    message = text(first(delivery, "error_message")) or "the platform refused the post"
    code = text(first(delivery, "error_code")) or None
    return Fault(error_class=ErrorClass.REJECTED, code=code, message=message)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
