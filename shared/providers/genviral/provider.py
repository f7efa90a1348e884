"""The Genviral adapter: media by address, one create call under an idempotency key, then lists."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities
from shared.domain.limit import Call
from shared.domain.lost import Sighting
from shared.domain.outcome import ErrorClass, Failed, Fault, Outcome
from shared.domain.post import Post
from shared.domain.preflight import Problem
from shared.domain.status import Status, Verdict
from shared.provider import Listed, Lost, Order, Provider, Publish
from shared.providers.genviral import polls
from shared.providers.genviral.accounts import account_of
from shared.providers.genviral.answers import outcome_of, publish_id_of, required
from shared.providers.genviral.media import brought_anew, urls_of
from shared.providers.genviral.posts import (
    View,
    accounts_of,
    created_at,
    pages,
    single,
)
from shared.providers.genviral.preflight import problems_of
from shared.providers.genviral.request import body_of
from shared.providers.genviral.search import find
from shared.providers.genviral.shapes import CAPABILITIES
from shared.wire.answer import CallFailed
from shared.wire.values import first, rows, text
from shared.wire.wire import Content, Wire


class Genviral(Provider):
    """https://www.genviral.io, Partner API version 1."""

    name: ClassVar[str] = "genviral"
    base_url: ClassVar[str] = "https://www.genviral.io/api/partner/v1"
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        listed = required(wire.get(Call.ACCOUNTS, "/accounts"))
        found = rows(first(listed, "accounts") if isinstance(listed, Mapping) else listed)
        return [account_of(row) for row in found if text(first(row, "id", "account_id"))]

    @override
    def check(self, post: Post, account: Account | None) -> list[Problem]:
        return [*super().check(post, account), *problems_of(post, account)]

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        memo = _memo(order.post, wire) if order.replay is None else order.replay
        if "body" not in memo:
            return Failed(Fault(error_class=ErrorClass.INTERNAL, message="nothing to replay"))
        answer = wire.publish(
            "/posts",
            Content(raw=memo["body"].encode()),
            account=order.post.account_id,
            memo=memo,
            timeout=self.capabilities.publish_timeout,
        )
        outcome = outcome_of(answer)
        if isinstance(outcome, Failed) and order.replay is None:
            return brought_anew(outcome, wire)
        return outcome

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        return polls.ask(publishes, wire)

    @override
    def history(self, account_id: str | None, since: datetime, wire: Wire) -> Iterator[Listed]:
        for page in pages(wire, Call.HISTORY, since):
            for row in page.posts:
                if _is_since(row, since):
                    yield from (_listed(row, each) for each in _accounts(row, account_id))

    @override
    def _find(self, lost: Lost, wire: Wire) -> Sighting:
        return find(lost, wire)

    @override
    def cancel(self, publish: Publish, wire: Wire) -> Status:
        """Delete the post; a 200 alone does not say that it was this one (D)."""
        publish_id = publish.publish_id
        answer = required(wire.post(Call.CANCEL, "/posts/delete", {"postIds": [publish_id]}))
        if publish_id in _ids(first(answer, "deletedIds", "deleted_ids")):
            return Status(publish_id=publish_id, verdict=Verdict.CANCELLED, raw="deleted")
        error = text(first(first(answer, "errors"), publish_id))
        if error:
            fault = Fault(error_class=ErrorClass.TRANSIENT, code="delete_failed", message=error)
            raise CallFailed(fault, again=True)
        return single(wire, publish)


def _memo(post: Post, wire: Wire) -> dict[str, str]:
    """Return a fresh key and the exact body under it: a replay must repeat both."""
    external_id = f"dropline-{uuid.uuid4().hex}"
    body = json.dumps(body_of(post, urls_of(post, wire), external_id))
    return {"external_id": external_id, "body": body}


def _ids(value: Any) -> list[str]:
    return [text(each) for each in value] if isinstance(value, list) else []


def _is_since(row: Mapping[str, Any], since: datetime) -> bool:
    created = created_at(row)
    return bool(publish_id_of(row)) and (created is None or created >= since)


def _accounts(row: Mapping[str, Any], account_id: str | None) -> list[str]:
    listed = accounts_of(row)
    if account_id is None:
        return sorted(listed) or [""]
    return [account_id] if account_id in listed else []


def _listed(row: Mapping[str, Any], account_id: str) -> Listed:
    publish_id = publish_id_of(row)
    return Listed(
        publish_id=publish_id,
        account_id=account_id,
        caption=text(first(row, "caption")),
        created_at=created_at(row),
        status=View(publish_id, account_id, row).status(),
    )
