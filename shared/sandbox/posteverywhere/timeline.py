"""Moves destinations along by the sandbox's clock, and counts failures of the same content."""

from collections import Counter
from datetime import datetime, timedelta

from shared.sandbox.port import ProviderSandbox
from shared.sandbox.posteverywhere.posts import Destination, Fingerprint, Post, Wish

QUEUED_FOR = timedelta(seconds=1)
#: How long the service waits before it tries a passing failure again (A).
RETRIES_AFTER = timedelta(seconds=5)
MAX_ATTEMPTS = 3
#: Identical content that has failed so often is refused (D); counted per account (A).
BREAKS_AFTER = 5
TOKEN_EXPIRED = "Token expired. Reconnect the account."  # noqa: S105 - a message
_URLS = {
    "instagram": "https://www.instagram.com/p/{}/",
    "x": "https://x.com/i/status/{}",
    "tiktok": "https://www.tiktok.com/@demo/video/{}",
    "youtube": "https://www.youtube.com/watch?v={}",
}


class Timeline:
    """Everything that happens to a post by itself."""

    def __init__(self, sandbox: ProviderSandbox) -> None:
        self._sandbox = sandbox
        self._clock = sandbox.world.clock
        self._failures: Counter[tuple[str, Fingerprint]] = Counter()

    def advance(self, post: Post) -> None:
        now = self._clock.now()
        if post.wish.draft or post.deleted:
            return
        for destination in post.destinations:
            while destination.moves_at is not None and destination.moves_at <= now:
                self._move(post, destination, destination.moves_at)

    def breaks(self, wish: Wish) -> bool:
        return any(
            self._failures[account_id, wish.fingerprint] >= BREAKS_AFTER
            for account_id in wish.account_ids
        )

    def _move(self, post: Post, destination: Destination, at: datetime) -> None:
        post.updated_at = at
        account = self._sandbox.accounts[destination.account_id]
        if destination.status == "publishing":
            self._conclude(post, destination, at)
        elif not self._sandbox.may_post(account):
            destination.attempts += 1
            self._fail(post, destination, at, TOKEN_EXPIRED)
        elif destination.status == "queued" and not destination.accepted:
            destination.accepted = True
            destination.moves_at = at + self._clock.real(QUEUED_FOR)
        else:
            destination.attempts += 1
            destination.publish(at + self._clock.real(self._sandbox.world.media_delay))

    def _conclude(self, post: Post, destination: Destination, at: datetime) -> None:
        named = (destination.account_id, post.wish.content)
        passing = self._sandbox.take("transient_failure", "publish", *named)
        lasting = passing or self._sandbox.take("refuse_publish", "publish", *named)
        if lasting is None:
            self._succeed(destination, at)
            return
        reason = lasting.message or lasting.code or "The platform refused the post."
        self._fail(post, destination, at, reason)
        if passing and destination.attempts < MAX_ATTEMPTS:
            destination.next_retry_at = at + self._clock.real(RETRIES_AFTER)
            destination.moves_at = destination.next_retry_at

    def _succeed(self, destination: Destination, at: datetime) -> None:
        number = str(self._sandbox.world.dice.randrange(10**16, 10**17))
        pattern = _URLS.get(destination.platform, f"https://{destination.platform}.com/posts/{{}}")
        destination.status, destination.moves_at = "published", None
        destination.published_at = at
        destination.platform_post_id = number
        destination.platform_post_url = pattern.format(number)

    def _fail(self, post: Post, destination: Destination, at: datetime, reason: str) -> None:
        destination.status, destination.moves_at = "failed", None
        destination.failed_at = at
        destination.error = reason
        self._failures[destination.account_id, post.wish.fingerprint] += 1
