"""The accounts that WAHDX's sandbox begins with, and how its list shows them."""

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Json

#: From the narrowest audience to the widest.
PRIVACY = ("SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "PUBLIC_TO_EVERYONE")

_SHOPS = [
    "Harbor Bakery",
    "North Pier Coffee",
    "Tide and Table",
    "Salt Street Books",
    "Lantern Flowers",
    "Quay Ceramics",
    "Gull and Grain",
    "Rope Walk Gym",
    "Anchor Cycles",
    "Dune Yoga",
    "Pebble Toys",
    "Mast and Sail",
    "Brine Pickles",
    "Cove Candles",
]
_COUNTS = {"tiktok": 14, "instagram": 14, "threads": 4, "facebook": 4}


def seed_accounts() -> list[SandboxAccount]:
    """Fourteen at TikTok and Instagram, four elsewhere; the last of each platform is expired."""
    pairs = [(platform, n) for platform, count in _COUNTS.items() for n in range(count)]
    return [_account(serial, *pair) for serial, pair in enumerate(pairs, 1)]


def _account(serial: int, platform: str, number: int) -> SandboxAccount:
    display_name = _SHOPS[number]
    words = display_name.lower().split()
    last = number == _COUNTS[platform] - 1
    second = platform == "tiktok" and number == 1
    return SandboxAccount(
        id=f"1f0a0f52-6a2e-4c55-9d1e-aa{serial:010d}",
        platform=platform,
        username=_username(platform, words, number),
        display_name=display_name,
        status="expired" if last else "active",
        extra={"privacy": list(PRIVACY[:3] if second else PRIVACY)},
    )


def _username(platform: str, words: list[str], number: int) -> str:
    """On Facebook it can be a numeric page id (S)."""
    if platform == "facebook":
        return str(104455667788990 + number)
    return ("" if platform == "tiktok" else ".").join(words)


def account_row(account: SandboxAccount, status: str) -> Json:
    on_tiktok = account.platform == "tiktok"
    has_videos = account.platform in {"tiktok", "instagram"}
    return {
        "accountId": account.id,
        "platform": account.platform,
        "display_name": account.display_name,
        "username": account.username,
        "avatar_url": f"https://cdn.example.com/{account.id[-4:]}.jpg",
        "bio_description": "Bread." if on_tiktok else None,
        "status": status,
        "followers": 1500,
        "following": 300 if has_videos else None,
        "likes": 12500 if account.platform in {"tiktok", "facebook"} else None,
        "videos": account.extra.get("videos", 42) if has_videos else None,
        "is_verified": False if on_tiktok else None,
    }


def creator_row(account: SandboxAccount) -> Json:
    return {
        "creator_avatar_url": f"https://cdn.example.com/{account.id[-4:]}.jpg",
        "creator_username": account.username,
        "creator_nickname": account.display_name,
        "privacy_level_options": list(reversed(account.extra["privacy"])),
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": True,
        "max_video_post_duration_sec": 600,
    }
