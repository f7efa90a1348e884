"""WAHDX's routes, keys and stored publishes."""

from typing_extensions import override

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.faults import Fault
from shared.sandbox.port import ProviderSandbox, Refusal, Route, Stored, World
from shared.sandbox.wahdx.problem import problem
from shared.sandbox.wahdx.publish import Publish
from shared.sandbox.wahdx.qr import QrLogin, plan_of
from shared.sandbox.wahdx.seeds import account_row, creator_row, seed_accounts
from shared.sandbox.wahdx.status import Statuses
from shared.sandbox.wahdx.wish import Wish, Wishes

#: A post made at the dashboard, for the batch call by `postId`; nobody published it through us.
SCHEDULED_POST_ID = "post_harbor_0001"


class WahdxSandbox(ProviderSandbox):
    """WAHDX: `X-API-Key: sk_...` on every call (S), no history, no idempotency."""

    name = "wahdx"
    prefix = "/wahdx"
    key = "sk_wahdx_sandbox_4Qm7Zt1Lr8"
    switches = frozenset({"free_plan", "no_by_account", "qr_state"})

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._publishes: dict[str, Publish] = {}
        self._wishes = Wishes(self)
        self._statuses = Statuses(self, self._publishes)
        self._statuses.dashboard[SCHEDULED_POST_ID] = self._dashboard_post()
        self._qr = QrLogin(self)

    @override
    def seed_accounts(self) -> list[SandboxAccount]:
        return seed_accounts()

    @override
    def routes(self) -> list[Route]:
        root = "/api/content"
        status, qr = f"{root}/status", f"{root}/qr-login"
        return [
            Route("GET", f"{root}/accounts", "accounts", self._list_accounts),
            Route("GET", f"{root}/creator-info/{{accountId}}", "creator", self._creator),
            Route("POST", f"{root}/post", "publish", self._post),
            Route("POST", f"{status}/batch", "status", self._statuses.batch),
            Route("GET", f"{status}/{{accountId}}/{{publishId}}", "status", self._statuses.one),
            Route("POST", f"{qr}/request", "qr", self._qr.request),
            Route("POST", f"{qr}/check", "qr", self._qr.check),
        ]

    @override
    def key_header(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    @override
    def authorised(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self.key

    @override
    def refuse(self, refusal: Refusal) -> Answer:
        return problem(refusal.status, refusal.message)

    @override
    def stored(self) -> list[Stored]:
        now = self.world.clock.now()
        return [publish.stored(now) for publish in self._publishes.values()]

    def _list_accounts(self, request: Request) -> Answer:
        """List every account, expired ones as well (D), never in pages (S)."""
        del request
        rows = [account_row(a, self._status_of(a)) for a in self.accounts.values()]
        return Answer(200, {"success": True, "subscription": plan_of(self), "data": rows})

    def _status_of(self, account: SandboxAccount) -> str:
        return "active" if self.may_post(account) else "expired"

    def _creator(self, request: Request) -> Answer:
        account = self.accounts.get(request.params["accountId"])
        if account is None:
            return problem(404, "Account not found")
        if account.platform != "tiktok" or not self.may_post(account):
            return problem(400, "Creator info is for active TikTok accounts only")
        return Answer(200, {"success": True, "data": creator_row(account)})

    def _post(self, request: Request) -> Answer:
        wish = self._wishes.read(request)
        publish = self._store(wish)
        if wish.platform == "tiktok":
            data: Json = {"publish_id": publish.publish_id}
            return Answer(200, _head(publish, "PUBLISH_INITIATED", data) | publish.copies())
        if publish.failure is not None:
            return self._failed(publish, publish.failure)
        return Answer(200, _finished(publish), wait=self.world.media_delay)

    def _failed(self, publish: Publish, failure: Fault) -> Answer:
        """Say no at once: 400 (A), or 200 with `success: false` (D) where the fault has 200."""
        message = failure.message or publish.fail_reason
        status = 200 if failure.status == 200 else 400  # noqa: PLR2004 - the one 2xx of a no
        return Answer(status, problem(status, message).body, wait=self.world.media_delay)

    def _dashboard_post(self) -> Publish:
        account = next(a for a in self.accounts.values() if a.platform == "tiktok")
        settings = {"privacy_level": "PUBLIC_TO_EVERYONE"}
        wish = Wish(account, "video", ("https://cdn.example.com/clip.mp4",), "", "", settings)
        now = self.world.clock.now()
        return Publish(0, _publish_id(wish, 0), wish, now, now, failure=None)

    def _store(self, wish: Wish) -> Publish:
        clock, sequence = self.world.clock, self.world.next_sequence()
        publish = Publish(
            sequence=sequence,
            publish_id=_publish_id(wish, sequence),
            wish=wish,
            created_at=clock.now(),
            ends_at=clock.after(self.world.media_delay),
            failure=self.take("refuse_publish", "publish", wish.account.id, wish.content),
        )
        self._publishes[publish.publish_id] = publish
        wish.account.extra["videos"] = wish.account.extra.get("videos", 42) + 1
        return publish


def _publish_id(wish: Wish, sequence: int) -> str:
    """TikTok's ids contain `~` and `.`, so they are encoded in a path."""
    if wish.platform != "tiktok":
        return str(17900011122200000 + sequence)
    prefix = "v_pub_file" if wish.kind == "video" else "p_pub_url"
    return f"{prefix}~v2.{7301112223334000000 + sequence}"


def _head(publish: Publish, status: str, details: Json) -> Json:
    return {
        "success": True,
        "accountId": publish.wish.account.id,
        "platform": publish.wish.platform,
        "status": status,
        "data": details,
    }


def _finished(publish: Publish) -> Json:
    page = publish.page()
    ids = {"id": publish.publish_id, "publish_id": publish.publish_id, "public_post_url": page}
    head = _head(publish, "PUBLISH_COMPLETE", ids)
    return head | publish.copies() | {"public_post_url": page}
