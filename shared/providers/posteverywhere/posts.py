"""PostEverywhere's posts: pages of them, and what one of them means for one of its accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict
from shared.providers.posteverywhere.answers import publish_id_of, required
from shared.providers.posteverywhere.request import account_number
from shared.wire.answer import Answer
from shared.wire.values import first, instant, rows, server_ahead, text
from shared.wire.wire import Wire

#: The words of the sheet's section 6 (D), of posts and of destinations; others are pending.
VERDICTS: Mapping[str, Verdict] = {
    "draft": Verdict.PENDING,
    "scheduled": Verdict.PENDING,
    "queued": Verdict.PENDING,
    "publishing": Verdict.PENDING,
    "partially_failed": Verdict.PENDING,
    "published": Verdict.SUCCEEDED,
    "done": Verdict.SUCCEEDED,
    "failed": Verdict.FAILED,
}

PAGE_LENGTH = 100

#: A page that comes so often after itself says that the offset is ignored; once is chance: just as
#: many posts as a page holds may have arrived.
SAME_PAGES = 2


@dataclass(frozen=True, slots=True)
class View:
    """A post, in whichever shape an answer has it, as one of its accounts sees it."""

    publish_id: str
    account_id: str
    row: Any

    @property
    def destination(self) -> Mapping[str, Any] | None:
        """Our account's own destination; older answers have a number in its place, or nothing."""
        destinations = destinations_of(self.row)
        for destination in destinations:
            if account_of(destination) == self.account_id:
                return destination
        alone = len(destinations) == 1 and not account_of(destinations[0])
        return destinations[0] if alone else None

    @property
    def conclusive(self) -> bool:
        """Whether a closer look would tell no more.

        A failed destination is tried again while `next_retry_at` is set, and only some answers
        show that; a post's own word says nothing of one account of several.
        """
        verdict, destination = self._verdict(), self.destination
        if destination is None:
            return verdict is Verdict.PENDING and self._word() != "partially_failed"
        return verdict is not Verdict.FAILED or "next_retry_at" in destination

    def status(self) -> Status:
        verdict, shown = self._verdict(), self.destination or {}
        return Status(
            publish_id=self.publish_id,
            verdict=verdict,
            raw=self._word(),
            permalink=text(first(shown, "platform_post_url")) or None,
            platform_post_id=text(first(shown, "platform_post_id")) or None,
            fault=_fault(first(shown, "error")) if verdict is Verdict.FAILED else None,
        )

    def _verdict(self) -> Verdict:
        verdict = VERDICTS.get(self._word().lower(), Verdict.PENDING)
        if verdict is Verdict.FAILED and first(self.destination, "next_retry_at") is not None:
            return Verdict.PENDING
        return verdict

    def _word(self) -> str:
        return text(first(self.destination, "status")) or _post_word(self.row)


def destinations_of(row: Any) -> list[Mapping[str, Any]]:
    return rows(first(row, "destinations")) or rows(first(row, "results"))


def account_of(destination: Mapping[str, Any]) -> str:
    """Return the account's id as text; older pages call it `id` (D), the reference a number (S)."""
    return text(first(destination, "account_id", "id"))


def accounts_of(row: Any) -> frozenset[str]:
    """Return every account a post goes to; empty where the answer does not say."""
    listed = first(row, "account_ids")
    if isinstance(listed, list):
        return frozenset(text(each) for each in listed)
    return frozenset(account_of(each) for each in destinations_of(row)) - {""}


def created_at(row: Any) -> datetime | None:
    return instant(first(row, "created_at"))


def clock_ahead(answer: Answer, now: datetime) -> timedelta:
    """Return how far the provider's clock is ahead of ours."""
    stamped = instant(answer.at("meta", "timestamp"))
    return stamped - now if stamped else server_ahead(answer, now)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of posts, newest first."""

    answer: Answer
    posts: list[Mapping[str, Any]]


def pages(
    wire: Wire,
    call: Call,
    account_id: str | None,
    since: datetime,
    *,
    until: datetime | None = None,
) -> Iterator[Page]:
    """Iterate posts created in that time, newest first, each once.

    Posts that arrive meanwhile push the others to later pages, which are read on until they bring
    something new. The service may ignore the offset, and then every page is the same one; it may
    ignore a filter (D), so whoever reads the pages filters again.
    """
    seen: set[str] = set()
    last: list[str] = []
    offset = same = 0
    span = {"created_after": _stamp(since)}
    if until is not None:
        span["created_before"] = _stamp(until)
    while True:
        page = _page(wire, call, account_id, span, offset)
        ids = list(map(publish_id_of, page.posts))
        fresh = [post for post in page.posts if publish_id_of(post) not in seen]
        seen.update(ids)
        yield Page(page.answer, fresh)
        same = same + 1 if ids == last else 0
        if not ids or same == SAME_PAGES or _last(page):
            return
        last = ids
        offset += len(ids)


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _page(
    wire: Wire, call: Call, account_id: str | None, span: Mapping[str, str], offset: int
) -> Page:
    params: dict[str, Any] = {
        **span,
        "sort": "created_at",
        "order": "desc",
        "limit": PAGE_LENGTH,
        "offset": offset,
    }
    if account_id is not None:
        params["account_id"] = account_number(account_id)
    answer = wire.get(call, "/posts", params)
    listed = required(answer)
    return Page(answer, rows(first(listed, "posts") if isinstance(listed, Mapping) else listed))


def _last(page: Page) -> bool:
    more = first(page.answer.at("data", "pagination"), "has_more")
    return more is False or (more is not True and len(page.posts) < PAGE_LENGTH)


def single(wire: Wire, publish_id: str, account_id: str) -> Status:
    """Ask after one post, and after its results where the post alone leaves it open."""
    answer = wire.get(Call.STATUS, f"/posts/{quote(publish_id, safe='')}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return Status(publish_id=publish_id, verdict=Verdict.UNKNOWN, raw="not_found")
    row = required(answer)
    if publish_id_of(row) not in {"", publish_id}:
        return Status(publish_id=publish_id, verdict=Verdict.UNKNOWN, raw="another_post")
    view = View(publish_id, account_id, row)
    return view.status() if view.conclusive else closer(wire, view)


def closer(wire: Wire, view: View) -> Status:
    """Ask for the results of a post, which alone show whether a failure is final."""
    answer = wire.get(Call.STATUS, f"/posts/{quote(view.publish_id, safe='')}/results")
    if answer.status == HTTPStatus.NOT_FOUND:
        return view.status()
    nearer = View(view.publish_id, view.account_id, required(answer))
    return (nearer if nearer.destination else view).status()


def _post_word(row: Any) -> str:
    return text(first(row, "post_status", "status"))


def _fault(error: Any) -> Fault:
    """Return why a destination failed: a sentence (D), or an object as newer answers may have."""
    return Fault(
        error_class=ErrorClass.REJECTED,
        code=text(first(error, "code")) or None,
        message=text(error) or text(first(error, "message")) or "the platform refused the post",
    )
