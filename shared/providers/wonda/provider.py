"""Wonda as Dropline's port sees it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import quote

from typing_extensions import override

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities
from shared.domain.creator import Creator
from shared.domain.limit import Call
from shared.domain.lost import Sighting
from shared.domain.outcome import Failed, Outcome
from shared.domain.post import Kind, Post
from shared.domain.preflight import Problem
from shared.domain.status import Status
from shared.provider import Listed, Lost, Order, Provider, Publish
from shared.providers.wonda import polls, search
from shared.providers.wonda.accounts import list_accounts
from shared.providers.wonda.call import body_of, outcome_of, path_of
from shared.providers.wonda.faults import required
from shared.providers.wonda.history import History, Row
from shared.providers.wonda.reading import text_of, verdict_of
from shared.providers.wonda.shapes import CAPABILITIES
from shared.providers.wonda.uploads import brought_anew, media_ids
from shared.wire.answer import Answer
from shared.wire.creators import creator_of
from shared.wire.wire import Content, Wire

_TOO_LATE = 409


class Wonda(Provider):
    """Wonda: one account a request, no idempotency key, a history that can be searched."""

    name: ClassVar[str] = "wonda"
    base_url: ClassVar[str] = "https://api.wondercat.ai"
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        return list_accounts(wire)

    @override
    def creator(self, account_id: str, wire: Wire) -> Creator:
        """Ask at the path that is assumed (A): where it is missing, nothing is told."""
        path = f"/api/v1/tiktok/accounts/{quote(account_id, safe='')}/creator-info"
        answer = wire.get(Call.ACCOUNTS, path, account=account_id)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
            return Creator()
        row = required(answer).body
        return creator_of(row if isinstance(row, Mapping) else {})

    @override
    def check(self, post: Post, account: Account | None) -> list[Problem]:
        problems = super().check(post, account)
        if (post.platform, post.kind) in self.capabilities.shapes and post.platform == "tiktok":
            problems.extend(_surprises(post))
        return problems

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        post = order.post
        ids = media_ids(post.media, wire)
        content = Content(json=body_of(post, ids))
        answer = wire.publish(
            path_of(post),
            content,
            account=post.account_id,
            memo=search.memo_of(post, wire),
            timeout=self.capabilities.publish_timeout,
        )
        outcome = outcome_of(post, answer, wire)
        if isinstance(outcome, Failed):
            return brought_anew(post, ids, outcome, wire)
        return outcome

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        return polls.ask(publishes, wire)

    @override
    def history(self, account_id: str | None, since: datetime, wire: Wire) -> Iterator[Listed]:
        """Ask both platforms: an account id belongs to one and does not say which."""
        lists = [
            History(wire=wire, platform=platform, account_id=account_id).since(since)
            for platform in self.capabilities.platforms
        ]
        for row in merge(*lists, key=_made_at, reverse=True):
            yield _listed(row, account_id or "")

    @override
    def _find(self, lost: Lost, wire: Wire) -> Sighting:
        return search.find(lost, wire)

    @override
    def cancel(self, publish: Publish, wire: Wire) -> Status:
        """Cancel a scheduled job; a 409 says that it has started or ended (D)."""
        path = f"/api/v1/publish/scheduled/{quote(publish.publish_id, safe='')}"
        answer = wire.request(
            Call.CANCEL, "DELETE", path, Content(), account=publish.post.account_id
        )
        if answer.status == _TOO_LATE:
            return self.statuses([publish], wire)[publish.publish_id]
        return _cancelled(publish, required(answer))


def _made_at(row: Row) -> datetime:
    return row.created_at or datetime.max.replace(tzinfo=UTC)


def _listed(row: Row, account_id: str) -> Listed:
    return Listed(
        publish_id=row.publish_id,
        account_id=row.text(f"{row.platform}AccountId") or account_id,
        caption=row.text("caption"),
        created_at=row.created_at,
        status=row.status(row.publish_id, inbox=False),
    )


def _cancelled(publish: Publish, answer: Answer) -> Status:
    """Read a 200 with a status, or a 204 without a body (A)."""
    word = text_of(answer.at("status")) or "canceled"
    return Status(publish_id=publish.publish_id, verdict=verdict_of(word), raw=word)


def _surprises(post: Post) -> Iterator[Problem]:
    if post.inbox and "privacy" in post.options:
        yield Problem("options.privacy", "has no effect in inbox mode", warning=True)
    elif not post.inbox and "privacy" not in post.options:
        message = "is absent: Wonda publishes as SELF_ONLY, which nobody else sees"
        yield Problem("options.privacy", message, warning=True)
    if post.kind is Kind.VIDEO and "ai_generated" not in post.options:
        message = "is absent: Wonda labels the video as AI-generated"
        yield Problem("options.ai_generated", message, warning=True)
