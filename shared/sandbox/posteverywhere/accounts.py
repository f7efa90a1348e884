"""The account endpoints: the list with its health, one account, the health report."""

from datetime import UTC, datetime, timedelta

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Json
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.posteverywhere.posts import Destination, stamp

_SINCE = datetime(2026, 1, 15, 10, tzinfo=UTC)
_SEEDS = (
    ("4101", "instagram", "@harbor.bakery"),
    ("4102", "tiktok", "@harbor.bakery"),
    ("4103", "facebook", "Harbor Bakery"),
    ("4104", "x", "@harborbakery"),
    ("4105", "linkedin", "Harbor Bakery Ltd"),
    ("4106", "threads", "@harbor.bakery"),
    ("4107", "youtube", "Harbor Bakery"),
    ("4108", "pinterest", "Harbor Bakery"),
    ("4109", "instagram", "@rye.and.salt"),
    ("4110", "tiktok", "@rye.and.salt"),
)
#: Enough of the two carousel platforms for a drop to many accounts.
_CROWD = tuple(
    (str(number), platform, f"@bread.{number}")
    for first, platform in ((4111, "instagram"), (4121, "tiktok"))
    for number in range(first, first + 10)
)
#: They are listed all the same, but cannot post.
_EXPIRED = (("4131", "instagram", "@old.oven"), ("4132", "tiktok", "@old.oven"))
_WEEK = timedelta(days=7)


def seeds() -> list[SandboxAccount]:
    active = [SandboxAccount(*seed, display_name=seed[2]) for seed in (*_SEEDS, *_CROWD)]
    expired = [SandboxAccount(*seed, seed[2], status="expired") for seed in _EXPIRED]
    return active + expired


def health_word(sandbox: ProviderSandbox, account: SandboxAccount) -> str:
    if sandbox.may_post(account):
        return "healthy"
    return "expired" if account.status in {"active", "expired"} else "unhealthy"


def describe(sandbox: ProviderSandbox, account: SandboxAccount) -> Json:
    """Old services call the number `id` and write it as a string."""
    old = sandbox.switched_on("old_shapes") is not None
    return {
        **({"id": account.id} if old else {"account_id": int(account.id)}),
        "platform": account.platform,
        "account_name": account.username,
        "avatar_url": None,
        "is_active": True,
        "created_at": iso_ms(_SINCE),
        "health": {
            "status": health_word(sandbox, account),
            "can_post": sandbox.may_post(account),
        },
    }


def report(
    sandbox: ProviderSandbox, account: SandboxAccount, destinations: list[Destination]
) -> Json:
    """Write the detailed health report, whose words differ from the list's (D)."""
    now, can_post = sandbox.world.clock.now(), sandbox.may_post(account)
    return {
        "account_id": int(account.id),
        "platform": account.platform,
        "account_name": account.username,
        "platform_account_id": f"p{account.id}",
        "status": "healthy" if can_post else "broken",
        "can_post": can_post,
        "reasons": [] if can_post else [f"token {health_word(sandbox, account)}"],
        "is_active": True,
        "needs_reconnection": not can_post,
        "needs_reconnection_since": None if can_post else iso_ms(now),
        "token": {
            "expires_at": None,
            "last_refresh": None,
            "expired": not can_post,
            "expiring_soon": False,
        },
        "activity": _activity(destinations, now),
        "connected_at": iso_ms(_SINCE),
    }


def _activity(destinations: list[Destination], now: datetime) -> Json:
    published = [d.published_at for d in destinations if d.published_at]
    recent = [d for d in destinations if d.failed_at and d.failed_at > now - _WEEK]
    return {
        "last_published_at": stamp(max(published, default=None)),
        "failures_last_7d": len(recent),
        "permanent_failures_last_7d": sum(d.has_failed for d in recent),
        "queued_count": sum(d.status == "queued" for d in destinations),
    }
