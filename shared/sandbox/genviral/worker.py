"""Genviral's posting worker: picks up what is due, and what came of it."""

from datetime import datetime, timedelta

from shared.sandbox.genviral.accounts import is_hosted
from shared.sandbox.genviral.posts import Delivery, Post
from shared.sandbox.port import ProviderSandbox

#: The real one comes about every five minutes (D); switch `worker_tick` says otherwise.
TICK = timedelta(seconds=2)
MAX_ATTEMPTS = 3
_INSTAGRAM_MOST = 10
#: TikTok refuses more pending drafts than this per account in 24 hours (D).
_DRAFTS_MOST = 5
_DAY = timedelta(hours=24)


class Worker:
    """Everything that happens to a delivery by itself."""

    def __init__(self, sandbox: ProviderSandbox) -> None:
        self._sandbox = sandbox
        self._clock = sandbox.world.clock
        self._drafts: dict[str, list[datetime]] = {}

    def queue(self, delivery: Delivery, scheduled_at: datetime | None) -> None:
        due_at = scheduled_at or self._clock.now()
        delivery.wait("scheduled" if scheduled_at else "pending", due_at + self._tick())

    def advance(self, post: Post) -> None:
        now = self._clock.now()
        for delivery in post.deliveries if not post.deleted else ():
            while delivery.moves_at is not None and delivery.moves_at <= now:
                self._move(post, delivery, delivery.moves_at)

    def _tick(self) -> timedelta:
        switch = self._sandbox.switched_on("worker_tick")
        return self._clock.real(timedelta(seconds=switch.seconds) if switch else TICK)

    def _move(self, post: Post, delivery: Delivery, at: datetime) -> None:
        if delivery.attempting:
            self._conclude(post, delivery, at)
            return
        delivery.attempts += 1
        delivery.last_attempted_at = at
        delivery.wait("pending", at + self._clock.real(self._sandbox.world.media_delay))
        delivery.attempting = True

    def _conclude(self, post: Post, delivery: Delivery, at: datetime) -> None:
        named = (delivery.account_id, post.wish.caption)
        passing = self._sandbox.take("transient_failure", "publish", *named)
        if passing is not None and delivery.attempts < MAX_ATTEMPTS:
            delivery.error_message = passing.message or "The platform is busy"
            delivery.wait("retry", at + self._tick())
            return
        lasting = passing or self._sandbox.take("refuse_publish", "publish", *named)
        if lasting is not None:
            delivery.rest("failed", lasting.message or lasting.code or "media rejected")
        else:
            self._deliver(post, delivery, at)

    def _deliver(self, post: Post, delivery: Delivery, at: datetime) -> None:
        reason = self._refused_by_platform(post, delivery, at)
        word = self._upstream_word(delivery)
        if reason is not None:
            delivery.rest("failed", reason)
        elif word is not None:
            delivery.rest(word)
        else:
            self._post(post, delivery, at)

    def _post(self, post: Post, delivery: Delivery, at: datetime) -> None:
        delivery.rest("posted")
        delivery.published_at = at
        if post.wish.to_inbox:
            self._drafts.setdefault(delivery.account_id, []).append(at)
            return
        platform = self._sandbox.accounts[delivery.account_id].platform
        number = self._sandbox.world.dice.randrange(10**10, 10**11)
        delivery.published_url = f"https://www.{platform}.com/p/{number}/"

    def _refused_by_platform(self, post: Post, delivery: Delivery, at: datetime) -> str | None:
        account = self._sandbox.accounts[delivery.account_id]
        if not self._sandbox.may_post(account):
            return "The account is no longer connected"
        if account.platform == "instagram" and len(post.wish.urls) > _INSTAGRAM_MOST:
            return "Instagram takes at most 10 images"
        recent = [one for one in self._drafts.get(account.id, []) if one > at - _DAY]
        too_many = post.wish.to_inbox and len(recent) >= _DRAFTS_MOST
        return "spam_risk_too_many_pending_share" if too_many else None

    def _upstream_word(self, delivery: Delivery) -> str | None:
        """Hosted deliveries pass the upstream provider's words through (D): `hosted_word`."""
        if not is_hosted(self._sandbox.accounts[delivery.account_id]):
            return None
        fault = self._sandbox.take("hosted_word", "publish", delivery.account_id)
        return (fault.code or "deleted") if fault else None
