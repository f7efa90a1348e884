"""WAHDX as Dropline's port sees it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities
from shared.domain.creator import Creator
from shared.domain.limit import Call
from shared.domain.linking import Link, LinkCode
from shared.domain.outcome import Failed, Outcome
from shared.domain.post import Post
from shared.domain.preflight import Problem
from shared.domain.status import Status
from shared.provider import Order, Provider, Publish
from shared.providers.wahdx import linking, polls
from shared.providers.wahdx.call import body_of, outcome_of, refused_media
from shared.providers.wahdx.preflight import problems_of
from shared.providers.wahdx.reading import required, text_of, unreadable
from shared.providers.wahdx.shapes import CAPABILITIES
from shared.wire.answer import CallFailed
from shared.wire.creators import creator_of
from shared.wire.wire import Content, Wire


class Wahdx(Provider):
    """WAHDX: one platform and one account a request; TikTok is polled, the others answer."""

    name: ClassVar[str] = "wahdx"
    base_url: ClassVar[str] = "https://api-tiktok.wahdx.co"
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {"X-API-Key": key}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        """Read the complete list: it has no pages and keeps expired accounts (S)."""
        answer = required(wire.get(Call.ACCOUNTS, "/api/content/accounts"))
        rows = answer.at("data")
        if not isinstance(rows, list):
            raise CallFailed(unreadable(answer, "data"), again=True)
        accounts = [_account(row) for row in rows if isinstance(row, Mapping)]
        return [account for account in accounts if account.account_id]

    @override
    def creator(self, account_id: str, wire: Wire) -> Creator:
        """Read the object at `data` or at the top (A); only active TikTok accounts have one (S)."""
        path = f"/api/content/creator-info/{quote(account_id, safe='')}"
        answer = required(wire.get(Call.ACCOUNTS, path, account=account_id))
        row = answer.at("data") or answer.body
        if not isinstance(row, Mapping):
            raise CallFailed(unreadable(answer, "data"), again=True)
        return creator_of(row)

    @override
    def check(self, post: Post, account: Account | None) -> list[Problem]:
        problems = super().check(post, account)
        if (post.platform, post.kind) in self.capabilities.shapes:
            problems.extend(problems_of(post))
        return problems

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        post = order.post
        allowed = wire.connection.allows_private_media
        fault = refused_media(post, allow_private=allowed)
        if fault is not None:
            return Failed(fault)
        answer = wire.publish(
            "/api/content/post",
            Content(json=body_of(post)),
            account=post.account_id,
            memo={},
            timeout=self.capabilities.publish_timeout,
        )
        return outcome_of(post, answer)

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        return polls.ask(publishes, wire, self.capabilities.status_batch)

    @override
    def link_code(self, wire: Wire) -> LinkCode:
        return linking.request(wire)

    @override
    def link(self, code: LinkCode, wire: Wire) -> Link:
        return linking.check(code, wire)


def _account(row: Mapping[str, Any]) -> Account:
    status = text_of(row.get("status"))
    healthy = status.lower() == "active"
    return Account(
        account_id=text_of(row.get("accountId")),
        platform=text_of(row.get("platform")).lower(),
        username=text_of(row.get("username")),
        display_name=text_of(row.get("display_name")),
        can_post=healthy,
        reason="" if healthy else f"its status is {status or 'not given'}; reconnect it at WAHDX",
    )
