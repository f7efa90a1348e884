"""Genviral as a client meets it: routes, token, refusals.

Switches (`add_fault`, `count=None` to leave them on): `old_generation`, `key_life` and
`worker_tick` (in sandbox seconds), `capabilities`, `expired_account`, `late_listing`; and per
post `refuse_publish`, `transient_failure`, `hosted_word`, `delete_error`. A missing subscription
or tier is `error_before` with status 402 or 403.
"""

from collections.abc import Callable

from typing_extensions import override

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Answer, Request
from shared.sandbox.genviral import accounts, wire
from shared.sandbox.genviral.desk import Desk
from shared.sandbox.genviral.files import FileStore
from shared.sandbox.genviral.posts import Delivery, Post, Wish
from shared.sandbox.port import ProviderSandbox, Refusal, Route, Stored, World

_CODES = {
    401: "invalid_token",
    402: "subscription_required",
    403: "tier_not_allowed",
    404: "not_found",
    429: "rate_limited",
}
#: The code of a 500 is one per call; 409 and 500 of a create share theirs (D).
_FAILED = {
    "accounts": "accounts_failed",
    "publish": "create_failed",
    "status": "get_failed",
    "history": "list_failed",
    "cancel": "bulk_delete_failed",
    "retry": "retry_failed",
}


class GenviralSandbox(ProviderSandbox):
    """One post for one to ten accounts, each a delivery that a worker picks up."""

    name = "genviral"
    prefix = "/genviral/api/partner/v1"
    key = "gva_live_x1.abcd0123456789abcdef0123456789ab"
    switches = frozenset(
        {
            "capabilities",
            "delete_error",
            "forget_media",
            "hosted_word",
            "key_life",
            "old_generation",
            "transient_failure",
            "worker_tick",
        }
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.files = FileStore(self)
        self.desk = Desk(self, self.files)

    @override
    def seed_accounts(self) -> list[SandboxAccount]:
        return accounts.seeds()

    @override
    def authorised(self, request: Request) -> bool:
        return request.bearer() == self.key

    @override
    def refuse(self, refusal: Refusal) -> Answer:
        usual = _FAILED.get(refusal.call, "internal_error")
        code = refusal.code or _CODES.get(refusal.status, usual)
        return wire.failure(refusal.status, code, refusal.message)

    @override
    def routes(self) -> list[Route]:
        desk, files = self.desk, self.files
        table: list[tuple[str, str, str, Callable[[Request], Answer]]] = [
            ("GET", "/accounts", "accounts", self._accounts),
            ("POST", "/files", "upload", files.create),
            ("GET", "/files", "media", files.listed),
            ("POST", "/posts/delete", "cancel", desk.delete),
            ("POST", "/posts/retry", "retry", desk.retry),
            ("POST", "/posts", "publish", desk.create),
            ("GET", "/posts", "history", desk.listed),
            ("GET", "/posts/{post_id}", "status", desk.read),
            ("PATCH", "/posts/{post_id}", "change", desk.change),
            ("GET", "/subscription", "subscription", self._subscription),
        ]
        routes = [Route(*row[:3], self._in_time(row[3])) for row in table]
        upload = Route("PUT", "/uploads/{file_id}", "upload_bytes", files.receive, public=True)
        return [*routes, upload]

    @override
    def stored(self) -> list[Stored]:
        self.desk.advance()
        return [
            self._stored(post, delivery)
            for post in self.desk.kept.values()
            for delivery in post.deliveries
        ]

    def _stored(self, post: Post, delivery: Delivery) -> Stored:
        body = post.wish.body
        options = {
            name: body[name]
            for name in ("tiktok", "pinterest", "settings", "music_url", "scheduled_at")
            if body.get(name) is not None
        }
        return Stored(
            sequence=post.sequence,
            provider=self.name,
            publish_id=post.post_id,
            account_id=delivery.account_id,
            platform=self.accounts[delivery.account_id].platform,
            kind=_kind_of(post.wish),
            caption=post.wish.caption,
            media=post.wish.urls,
            status="deleted" if post.deleted else delivery.status,
            created_at=post.created_at,
            external_id=post.wish.external_id,
            options=options,
        )

    def _in_time(self, answer: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answered(request: Request) -> Answer:
            self.desk.advance()
            return answer(request)

        return answered

    def _accounts(self, request: Request) -> Answer:
        """Only active accounts are listed; there is no other sign of health (S)."""
        del request
        newer = self.switched_on("capabilities") is not None
        listed = [
            accounts.describe(account, capabilities=newer)
            for account in self.accounts.values()
            if self.may_post(account)
        ]
        contents = {
            "scope": "workspace",
            "owner_user_id": accounts.OWNER_ID,
            "workspace_id": accounts.WORKSPACE_ID,
            "accounts": listed,
        }
        return wire.success("Accounts retrieved", contents)

    def _subscription(self, request: Request) -> Answer:
        """Answer in a shape of our own: no sheet shows one (A)."""
        del request
        contents = {"plan": "scheduler", "status": "active", "credits": 1000}
        return wire.success("Subscription retrieved", contents)


def _kind_of(wish: Wish) -> str:
    if wish.media is None:
        return "text"
    if not wish.is_slideshow:
        return "video"
    return "carousel" if len(wish.urls) > 1 else "image"
