"""The accounts that Wonda's sandbox begins with, and how its lists show them."""

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Json

INSTAGRAM_SCOPE = "instagram_content_publish"
TIKTOK_SCOPE = "video.publish"
TIKTOK_INBOX_SCOPE = "video.upload"

_SHOPS = [
    ("harbor.bakery", "Harbor Bakery"),
    ("north.pier.coffee", "North Pier Coffee"),
    ("tide.and.table", "Tide and Table"),
    ("salt.street.books", "Salt Street Books"),
    ("lantern.flowers", "Lantern Flowers"),
    ("quay.ceramics", "Quay Ceramics"),
    ("gull.and.grain", "Gull and Grain"),
    ("rope.walk.gym", "Rope Walk Gym"),
]
_ID = {
    "instagram": "7d0c1a52-93a5-4a0e-8a55-0f6f2f6f9a{:02d}",
    "tiktok": "a3f4c9de-1b7e-4a39-9d1b-52a5a2f3c0{:02d}",
}


def seed_accounts() -> list[SandboxAccount]:
    """Eight of each; the seventh lacks the publish scope, the eighth is disconnected."""
    return [
        _account(platform, number)
        for platform in ("instagram", "tiktok")
        for number in range(1, len(_SHOPS) + 1)
    ]


def _account(platform: str, number: int) -> SandboxAccount:
    username, display_name = _SHOPS[number - 1]
    return SandboxAccount(
        id=_ID[platform].format(number),
        platform=platform,
        username=username if platform == "instagram" else username.replace(".", ""),
        display_name=display_name,
        status="disconnected" if number == len(_SHOPS) else "active",
        extra={"number": number, "scopes": _scopes(platform, number)},
    )


def _scopes(platform: str, number: int) -> list[str]:
    complete = number != len(_SHOPS) - 1
    if platform == "instagram":
        return ["instagram_basic", *([INSTAGRAM_SCOPE] if complete else [])]
    return [*([TIKTOK_SCOPE] if complete else []), TIKTOK_INBOX_SCOPE, "user.info.basic"]


def instagram_row(account: SandboxAccount) -> Json:
    return {
        "instagramAccountId": account.id,
        "igUserId": f"1784140555000{account.extra['number']:04d}",
        "username": account.username,
        "accountType": "BUSINESS",
        "status": account.status,
        "scopes": account.extra["scopes"],
    }


def tiktok_row(account: SandboxAccount) -> Json:
    return {
        "tiktokAccountId": account.id,
        "tiktokUserId": f"689001122{account.extra['number']:04d}",
        "username": account.username,
        "displayName": account.display_name,
        "avatarUrl": f"https://cdn.example.com/avatars/{account.username}.jpg",
        "status": account.status,
        "grantedScopes": account.extra["scopes"],
    }
