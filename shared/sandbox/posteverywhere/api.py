"""PostEverywhere as a client meets it: routes, key, refusals, rate headers.

Switches (`add_fault`, `count=None` to leave them on): `old_shapes`, `no_video_import`,
`ignore_filters`, `expired_account`, `late_listing`; and per post `refuse_publish`,
`transient_failure` (the service retries by itself), `fail_media`, `forget_media`.
"""

import math
from collections.abc import Callable
from datetime import timedelta

from typing_extensions import override

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Answer, Request
from shared.sandbox.port import ProviderSandbox, Refusal, Route, Stored, World
from shared.sandbox.posteverywhere import accounts
from shared.sandbox.posteverywhere.desk import Desk
from shared.sandbox.posteverywhere.media import Shelf
from shared.sandbox.posteverywhere.platforms import RULES
from shared.sandbox.posteverywhere.posts import Destination, Post
from shared.sandbox.posteverywhere.wire import Envelope
from shared.sandbox.windows import Limit, Standing

_CODES = {
    "unauthorized": "authentication_failed",
    "not_found": "not_found",
    "rate_limited": "rate_limit_exceeded",
    "server_error": "internal_error",
}
_CODES_BY_STATUS = {402: "insufficient_credits", 403: "insufficient_scope"}
_UNAVAILABLE = 503
_MINUTE = timedelta(minutes=1)


class PostEverywhereSandbox(ProviderSandbox):
    """One post for many accounts, each a destination with a status of its own."""

    name = "posteverywhere"
    prefix = "/posteverywhere/api/v1"
    key = "pe_live_5f0c1d2e3b4a59687786a5b4c3d2e1f0"
    switches = frozenset(
        {
            "fail_media",
            "forget_media",
            "ignore_filters",
            "no_video_import",
            "old_shapes",
            "transient_failure",
        }
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.envelope = Envelope(world, lambda: self.switched_on("old_shapes") is not None)
        self.shelf = Shelf(self, self.envelope)
        self.desk = Desk(self, self.envelope, self.shelf)

    @override
    def seed_accounts(self) -> list[SandboxAccount]:
        return accounts.seeds()

    @classmethod
    @override
    def default_limits(cls) -> list[Limit]:
        """Take the figures assumed of the three that disagree (A)."""
        return [
            Limit(cls.name, 60, _MINUTE),
            Limit(cls.name, 20, _MINUTE, call="publish"),
        ]

    @override
    def limit_headers(self, standing: Standing) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(standing.limit.requests),
            "X-RateLimit-Remaining": str(max(standing.remaining, 0)),
            "X-RateLimit-Reset": str(math.ceil(standing.resets_at.timestamp())),
        }

    @override
    def authorised(self, request: Request) -> bool:
        return request.bearer() == self.key

    @override
    def refuse(self, refusal: Refusal) -> Answer:
        unavailable = refusal.status == _UNAVAILABLE
        usual = "service_unavailable" if unavailable else _CODES[refusal.reason]
        code = refusal.code or _CODES_BY_STATUS.get(refusal.status, usual)
        answer = self.envelope.failure(refusal.status, code, refusal.message)
        if code == "rate_limited" and refusal.retry_after_s is not None:
            answer.body["error"]["retryAfter"] = refusal.retry_after_s
        return answer

    @override
    def routes(self) -> list[Route]:
        desk, shelf = self.desk, self.shelf
        table: list[tuple[str, str, str, Callable[[Request], Answer]]] = [
            ("GET", "/accounts", "accounts", self._accounts),
            ("GET", "/accounts/{account_id}", "accounts", self._account),
            ("GET", "/accounts/{account_id}/health", "accounts", self._health),
            ("GET", "/me", "me", self._me),
            ("GET", "/platform-rules", "rules", self._rules),
            ("POST", "/media/upload-from-url", "upload", shelf.import_url),
            ("POST", "/media/upload", "upload", shelf.presign),
            ("POST", "/media/{media_id}/complete", "upload", shelf.complete),
            ("GET", "/media/{media_id}", "media", shelf.read),
            ("GET", "/media", "media", self._media_list),
            ("DELETE", "/media/{media_id}", "media", self._delete_media),
            ("POST", "/posts", "publish", desk.create),
            ("POST", "/posts/bulk", "publish_bulk", desk.create_bulk),
            ("POST", "/posts/retry-failed", "retry", desk.retry_failed),
            ("POST", "/posts/{post_id}/retry", "retry", desk.retry),
            ("POST", "/posts/{post_id}/schedule", "schedule", desk.schedule),
            ("GET", "/posts", "history", desk.listed),
            ("GET", "/posts/{post_id}", "status", desk.read),
            ("GET", "/posts/{post_id}/results", "status", desk.results),
            ("PATCH", "/posts/{post_id}", "change", desk.change),
            ("DELETE", "/posts/{post_id}", "cancel", desk.delete),
        ]
        routes = [Route(*row[:3], self._in_time(row[3])) for row in table]
        uploads = [
            Route(method, "/uploads/{media_id}", "upload_bytes", shelf.receive, public=True)
            for method in ("POST", "PUT")
        ]
        return routes + uploads

    @override
    def stored(self) -> list[Stored]:
        self.desk.advance()
        return [
            self._stored(post, destination)
            for post in self.desk.kept.values()
            for destination in post.destinations
        ]

    def _stored(self, post: Post, destination: Destination) -> Stored:
        by_platform = post.wish.platform_content or {}
        own = by_platform.get(destination.platform) or {}
        found = [self.shelf.find(media_id) for media_id in post.wish.media_ids]
        media = [one for one in found if one is not None]
        kinds = [one.kind for one in media]
        return Stored(
            sequence=post.sequence,
            provider=self.name,
            publish_id=post.post_id,
            account_id=destination.account_id,
            platform=destination.platform,
            kind=_kind_of(kinds, own.get("contentType")),
            caption=own.get("content") or post.wish.content,
            media=tuple(one.source_url or one.filename for one in media),
            status="deleted" if post.deleted else destination.status,
            created_at=post.created_at,
            options={"contentType": own.get("contentType"), **(own.get("settings") or {})},
        )

    def _in_time(self, answer: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answered(request: Request) -> Answer:
            self.desk.advance()
            return answer(request)

        return answered

    def _accounts(self, request: Request) -> Answer:
        del request
        described = [accounts.describe(self, account) for account in self.accounts.values()]
        ids = [one.get("account_id", one.get("id")) for one in described]
        return self.envelope.success({"accounts": described, "account_ids": ids})

    def _account(self, request: Request) -> Answer:
        return self.envelope.success(accounts.describe(self, self._asked(request)))

    def _health(self, request: Request) -> Answer:
        account = self._asked(request)
        posted = [d for post in self.desk.alive() for d in post.destinations]
        own = [destination for destination in posted if destination.account_id == account.id]
        return self.envelope.success(accounts.report(self, account, own))

    def _asked(self, request: Request) -> SandboxAccount:
        account = self.accounts.get(request.params["account_id"])
        if account is None:
            raise self.envelope.missing("Account", request.params["account_id"])
        return account

    def _me(self, request: Request) -> Answer:
        """Answer in a shape of our own: no sheet shows one (A)."""
        del request
        api_key = {"prefix": "pe_live_", "scopes": ["read", "write"]}
        quota = {"posts_used": len(self.desk.kept), "posts_limit": None}
        return self.envelope.success({"api_key": api_key, "plan": "pro", "quota": quota})

    def _rules(self, request: Request) -> Answer:
        del request
        return self.envelope.success(
            {"platforms": {platform: rules.as_json() for platform, rules in RULES.items()}}
        )

    def _media_list(self, request: Request) -> Answer:
        return self.shelf.listed(request, *self.desk.listing.page(request.query))

    def _delete_media(self, request: Request) -> Answer:
        in_use = self.desk.uses(request.params["media_id"])
        return self.shelf.delete(request, in_use=in_use)


def _kind_of(kinds: list[str], content_type: str | None) -> str:
    if content_type == "Story":
        return "story"
    if not kinds:
        return "text"
    return "carousel" if len(kinds) > 1 else kinds[0]
