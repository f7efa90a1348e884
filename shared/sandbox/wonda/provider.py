"""Wonda's routes, keys and stored publishes."""

from datetime import datetime, timedelta

from typing_extensions import override

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Answer, Request
from shared.sandbox.port import ProviderSandbox, Refusal, Route, Stored, World
from shared.sandbox.wonda.history import History
from shared.sandbox.wonda.jobs import Jobs, scheduled_answer
from shared.sandbox.wonda.library import Library
from shared.sandbox.wonda.problem import not_found, problem, refused
from shared.sandbox.wonda.publish import Publish, Timeline, Wish
from shared.sandbox.wonda.seeds import instagram_row, seed_accounts, tiktok_row
from shared.sandbox.wonda.wishes import Wishes

_CODES = {
    "unauthorized": "unauthorized",
    "not_found": "not_found",
    "rate_limited": "rate_limit_exceeded",
    "server_error": "internal_server_error",
}
#: A single publish waits this part of the platform's time in the queue.
_QUEUED_PART = 4


class WondaSandbox(ProviderSandbox):
    """Wonda: `Authorization: Bearer sk_<64 hex>` (D), errors in an envelope (D)."""

    name = "wonda"
    prefix = "/wonda"
    key = "sk_" + "5a" * 32
    switches = frozenset(
        {
            "forget_media",
            "null_cursor",
            "refuse_upload",
            "s3_media",
            "scheduling_disabled",
            "unprocessed_media",
        }
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._publishes: dict[str, Publish] = {}
        self._library = Library(self)
        self._wishes = Wishes(self, self._library)

    @override
    def seed_accounts(self) -> list[SandboxAccount]:
        return seed_accounts()

    @override
    def routes(self) -> list[Route]:
        root = "/api/v1"
        jobs, library = Jobs(self, self._publishes), self._library
        instagram, tiktok = (
            History(self, self._publishes, platform) for platform in ("instagram", "tiktok")
        )
        creator = f"{root}/tiktok/accounts/{{tiktokAccountId}}/creator-info"
        scheduled = f"{root}/publish/scheduled"
        return [
            Route("GET", f"{root}/instagram/accounts", "accounts", self._instagram_accounts),
            Route("GET", f"{root}/tiktok/accounts", "accounts", self._tiktok_accounts),
            Route("GET", creator, "creator", self._creator),
            Route("POST", f"{root}/media/upload", "upload", library.upload),
            Route("GET", f"{root}/media/{{mediaId}}", "media", library.get),
            Route("GET", f"{root}/media", "media", library.listed),
            Route("POST", f"{root}/publish/instagram/carousel", "publish", self._ig_carousel),
            Route("POST", f"{root}/publish/tiktok/carousel", "publish", self._tt_carousel),
            Route("POST", f"{root}/publish/instagram", "publish", self._ig_single),
            Route("POST", f"{root}/publish/tiktok", "publish", self._tt_single),
            Route("GET", scheduled, "scheduled", jobs.scheduled),
            Route("DELETE", f"{scheduled}/{{outputJobId}}", "cancel", jobs.cancel),
            Route("GET", f"{root}/jobs/publish/{{outputJobId}}", "status", jobs.get),
            Route("GET", f"{root}/instagram/publishes", "history", instagram.page),
            Route("GET", f"{root}/tiktok/publishes", "history", tiktok.page),
        ]

    @override
    def authorised(self, request: Request) -> bool:
        return request.bearer() == self.key

    @override
    def refuse(self, refusal: Refusal) -> Answer:
        code = refusal.code or _CODES[refusal.reason]
        return problem(refusal.status, code, refusal.message)

    @override
    def stored(self) -> list[Stored]:
        now = self.world.clock.now()
        return [publish.stored(now) for publish in self._publishes.values()]

    def _instagram_accounts(self, request: Request) -> Answer:
        del request
        rows = [instagram_row(account) for account in self._active("instagram")]
        return Answer(200, {"accounts": rows})

    def _tiktok_accounts(self, request: Request) -> Answer:
        del request
        return Answer(200, {"accounts": [tiktok_row(a) for a in self._active("tiktok")]})

    def _active(self, platform: str) -> list[SandboxAccount]:
        """Only accounts that are active now are listed (S)."""
        accounts = self.accounts.values()
        return [a for a in accounts if a.platform == platform and self.may_post(a)]

    def _creator(self, request: Request) -> Answer:
        account = self.accounts.get(request.params["tiktokAccountId"])
        if account is None or account.platform != "tiktok":
            raise not_found("Account")
        body = {
            "privacyLevelOptions": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
            "commentDisabled": False,
            "duetDisabled": False,
            "stitchDisabled": True,
            "maxVideoPostDurationSec": 600,
        }
        return Answer(200, body)

    def _ig_carousel(self, request: Request) -> Answer:
        return self._carousel(self._wishes.instagram_carousel(request))

    def _tt_carousel(self, request: Request) -> Answer:
        return self._carousel(self._wishes.tiktok_carousel(request))

    def _ig_single(self, request: Request) -> Answer:
        return self._single(self._wishes.instagram_single(request))

    def _tt_single(self, request: Request) -> Answer:
        return self._single(self._wishes.tiktok_single(request))

    def _carousel(self, wish: Wish) -> Answer:
        """Keep the row at once, and answer when the platform has ended."""
        publish = self._store(wish, queued_for=timedelta(0))
        wait = self.world.media_delay
        code, message = publish.error(publish.timeline.ends_at)
        if code is not None:
            return Answer(400, problem(400, "bad_request", message or code).body, wait=wait)
        return Answer(200, publish.ids() | {"imageCount": len(wish.media)}, wait=wait)

    def _single(self, wish: Wish) -> Answer:
        queued_for = self.world.clock.real(self.world.media_delay) / _QUEUED_PART
        publish = self._store(wish, queued_for)
        publish.job_id = self.world.new_uuid()
        if wish.scheduled_for is not None:
            return Answer(200, scheduled_answer(publish))
        return Answer(200, {"outputJobId": publish.job_id, "status": "queued"})

    def _store(self, wish: Wish, queued_for: timedelta) -> Publish:
        caption = wish.caption or ""
        if self.take("unprocessed_media", "publish", wish.account_id, caption) is not None:
            raise refused(409, "conflict", "Media is still being processed")
        now = self.world.clock.now()
        publish = Publish(
            sequence=self.world.next_sequence(),
            id=self.world.new_uuid(),
            wish=wish,
            timeline=self._timeline(wish, now, queued_for),
            created_at=now,
            failure=self.take("refuse_publish", "publish", wish.account_id, caption),
        )
        self._publishes[publish.id] = publish
        return publish

    def _timeline(self, wish: Wish, now: datetime, queued_for: timedelta) -> Timeline:
        works_for = self.world.clock.real(self.world.media_delay) - queued_for
        visible_from = self.visible_from(wish.account_id, wish.caption or "")
        return Timeline.of(wish.scheduled_for or now, queued_for, works_for, visible_from)
