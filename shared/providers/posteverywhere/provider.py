"""The PostEverywhere adapter: media by id first, then one create call, then lists of posts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import quote

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities
from shared.domain.limit import Call, Limit
from shared.domain.lost import Sighting
from shared.domain.outcome import Deferred, ErrorClass, Failed, Fault, Outcome
from shared.domain.post import Post
from shared.domain.preflight import Problem
from shared.domain.status import Status, Verdict
from shared.provider import Listed, Lost, Order, Provider, Publish
from shared.providers.posteverywhere.answers import outcome_of, publish_id_of, required
from shared.providers.posteverywhere.media import Library
from shared.providers.posteverywhere.polls import Polling
from shared.providers.posteverywhere.posts import (
    View,
    account_of,
    accounts_of,
    created_at,
    pages,
    single,
)
from shared.providers.posteverywhere.preflight import problems_of
from shared.providers.posteverywhere.request import body_of
from shared.providers.posteverywhere.search import find
from shared.providers.posteverywhere.shapes import CAPABILITIES, LIMITS
from shared.wire.values import first, rows, text
from shared.wire.wire import Content, Wire

#: How soon an import that is not ready is looked at again.
IMPORT_WAIT = timedelta(seconds=5)

#: What a post is refused with whose media ids are unknown (A): no sheet names the code.
_MAY_MEAN_FORGOTTEN = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})


class PostEverywhere(Provider):
    """https://app.posteverywhere.ai, API version 1."""

    name: ClassVar[str] = "posteverywhere"
    base_url: ClassVar[str] = "https://app.posteverywhere.ai/api/v1"
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    limits: ClassVar[tuple[Limit, ...]] = LIMITS

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        listed = required(wire.get(Call.ACCOUNTS, "/accounts"))
        found = rows(first(listed, "accounts") if isinstance(listed, Mapping) else listed)
        return [_account(row) for row in found if account_of(row)]

    @override
    def check(self, post: Post, account: Account | None) -> list[Problem]:
        return [*super().check(post, account), *problems_of(post)]

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        library = Library(order.post.media, wire)
        library.bring()
        if not library.ready():
            message = "the provider is still importing the video"
            fault = Fault(error_class=ErrorClass.TRANSIENT, code="media_not_ready", message=message)
            return Deferred(IMPORT_WAIT, fault)
        answer = wire.publish(
            "/posts",
            Content(json=body_of(order.post, library.ids)),
            account=order.post.account_id,
            memo={
                "content": order.post.caption,
                "account_id": order.post.account_id,
                "media_ids": library.ids,
            },
            timeout=self.capabilities.publish_timeout,
        )
        outcome = outcome_of(answer)
        if isinstance(outcome, Failed) and answer.status in _MAY_MEAN_FORGOTTEN:
            return library.brought_anew(outcome)
        return outcome

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        return Polling(publishes, wire).ask()

    @override
    def history(self, account_id: str | None, since: datetime, wire: Wire) -> Iterator[Listed]:
        for page in pages(wire, Call.HISTORY, account_id, since):
            for row in page.posts:
                if _is_since(row, since):
                    yield from (_listed(row, each) for each in _accounts(row, account_id))
            oldest = created_at(page.posts[-1]) if page.posts else None
            if oldest is not None and oldest < since:
                return

    @override
    def _find(self, lost: Lost, wire: Wire) -> Sighting:
        return find(lost, wire)

    @override
    def cancel(self, publish: Publish, wire: Wire) -> Status:
        """Remove the post, unless it has ended: removing a published one leaves it online (D)."""
        now = single(wire, publish.publish_id, publish.post.account_id)
        if now.verdict is not Verdict.PENDING:
            return now
        path = f"/posts/{quote(publish.publish_id, safe='')}"
        answer = wire.request(Call.CANCEL, "DELETE", path, Content())
        if answer.status == HTTPStatus.CONFLICT:
            return single(wire, publish.publish_id, publish.post.account_id)
        if answer.status == HTTPStatus.NOT_FOUND:
            return Status(publish_id=publish.publish_id, verdict=Verdict.UNKNOWN, raw="not_found")
        required(answer)
        return Status(publish_id=publish.publish_id, verdict=Verdict.CANCELLED, raw="deleted")


def _account(row: Mapping[str, Any]) -> Account:
    platform = text(first(row, "platform")).lower()
    name = text(first(row, "account_name"))
    can_post = _can_post(row)
    return Account(
        account_id=account_of(row),
        # `twitter` appears in old samples (D).
        platform="x" if platform == "twitter" else platform,
        username=name.removeprefix("@"),
        display_name=name,
        can_post=can_post,
        reason="" if can_post else _reason(row),
    )


def _can_post(row: Mapping[str, Any]) -> bool:
    """Return `health.can_post`, the only sure sign (S); its words differ between answers (D)."""
    said = first(first(row, "health"), "can_post")
    if isinstance(said, bool):
        return said
    word = text(first(first(row, "health"), "status"))
    return word in {"", "healthy"} and first(row, "is_active") is not False


def _reason(row: Mapping[str, Any]) -> str:
    word = text(first(first(row, "health"), "status")) or "not active"
    return f"{word}: reconnect it at PostEverywhere"


def _is_since(row: Mapping[str, Any], since: datetime) -> bool:
    created = created_at(row)
    return bool(publish_id_of(row)) and (created is None or created >= since)


def _accounts(row: Mapping[str, Any], account_id: str | None) -> list[str]:
    """Return those of a post's accounts that were asked for; a post may not say whose it is."""
    listed = accounts_of(row)
    if account_id is None:
        return sorted(listed) or [""]
    return [account_id] if not listed or account_id in listed else []


def _listed(row: Mapping[str, Any], account_id: str) -> Listed:
    publish_id = publish_id_of(row)
    return Listed(
        publish_id=publish_id,
        account_id=account_id,
        caption=text(first(row, "content")),
        created_at=created_at(row),
        status=View(publish_id, account_id, row).status(),
    )
