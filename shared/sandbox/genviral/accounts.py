"""Genviral's accounts and what each of them takes."""

from shared.sandbox.accounts import SandboxAccount
from shared.sandbox.exchange import Json
from shared.sandbox.fields import units

OWNER_ID = "0c9b1e4a-7f1b-4a55-8f77-5d9f0a7d1101"
WORKSPACE_ID = "5f3c9d02-6f5e-4a1f-b0a2-2b6e6f0f1102"
_SEEDS = (
    ("a1d0c7be-3a51-4a61-9d4a-6c1d6f7b2201", "instagram", "harbor.bakery", "byo"),
    ("c2e8f0aa-90c1-4c0d-8a4f-1f2e3d4c2202", "tiktok", "bread_clips_7", "hosted"),
    ("b3f9a1bb-01d2-4d1e-9b50-203f4e5d2203", "tiktok", "harbor.bakery", "byo"),
    ("d4a0b2cc-12e3-4e2f-8c61-31405f6e2204", "youtube", "harborbakery", "byo"),
    ("e5b1c3dd-23f4-4f30-9d72-4251607f2205", "pinterest", "harborbakery", "byo"),
    ("f6c2d4ee-3405-4041-8e83-536271802206", "linkedin", "harbor-bakery", "byo"),
    ("07d3e5ff-4516-4152-9f94-647382912207", "facebook", "harborbakery", "byo"),
    ("18e4f600-5627-4263-80a5-758493a22208", "instagram", "rye.and.salt", "byo"),
    ("29f50711-6738-4374-91b6-8695a4b32209", "tiktok", "rye.and.salt", "byo"),
)
#: Enough of the two carousel platforms for a drop to many accounts.
_CROWD = tuple(
    (f"3a06182{digit}-7849-4285-82c7-97a6b5c4{number}", platform, f"bread.{number}", "byo")
    for digit, (first, platform) in enumerate(((2211, "instagram"), (2221, "tiktok")))
    for number in range(first, first + 10)
)
#: It is not listed: only active accounts are (S).
_REVOKED = ("4b172933-895a-4396-93d8-a8b7c6d52231", "instagram", "old.oven", "byo")
TEXT_ONLY = frozenset({"facebook", "linkedin", "x", "bluesky"})
_HOSTED_LIMIT = 500
_OLD_LIMIT = 500
_TIKTOK_SLIDESHOW_LIMIT = 4000
#: Bring-your-own limits in characters (D); YouTube's is in bytes.
_LIMITS = {
    "facebook": 63_206,
    "instagram": 2200,
    "tiktok": 2200,
    "linkedin": 3000,
    "pinterest": 800,
    "youtube": 5000,
}


def seeds() -> list[SandboxAccount]:
    revoked = _seed(*_REVOKED)
    revoked.status = "revoked"
    return [*(_seed(*seed) for seed in (*_SEEDS, *_CROWD)), revoked]


def _seed(account_id: str, platform: str, name: str, kind: str) -> SandboxAccount:
    title = name.replace(".", " ").title()
    return SandboxAccount(account_id, platform, name, title, extra={"type": kind})


def is_hosted(account: SandboxAccount) -> bool:
    return bool(account.extra["type"] == "hosted")


def takes_text_only(account: SandboxAccount) -> bool:
    return account.platform in TEXT_ONLY and not is_hosted(account)


def caption_limit(account: SandboxAccount, *, slideshow: bool, old: bool) -> int:
    if old:
        return _OLD_LIMIT
    if is_hosted(account):
        return _HOSTED_LIMIT
    if account.platform == "tiktok" and slideshow:
        return _TIKTOK_SLIDESHOW_LIMIT
    return _LIMITS[account.platform]


def caption_length(account: SandboxAccount, caption: str, tags: list[str]) -> int:
    """Measure in the platform's unit; Pinterest's tags are appended to the description."""
    if account.platform == "youtube":
        return len(caption.encode())
    appended = "".join(f" #{tag}" for tag in tags) if account.platform == "pinterest" else ""
    return units(caption + appended)


def describe(account: SandboxAccount, *, capabilities: bool) -> Json:
    described = {
        "id": account.id,
        "platform": account.platform,
        "type": account.extra["type"],
        "username": account.username,
        "display_name": account.display_name,
        "status": account.status,
        "workspace_id": WORKSPACE_ID,
    }
    return described | ({"capabilities": _capabilities(account)} if capabilities else {})


def _capabilities(account: SandboxAccount) -> Json:
    kinds = ["video", "slideshow"] + ["text_only"] * takes_text_only(account)
    limit = caption_limit(account, slideshow=False, old=False)
    return {"supported_content_kinds": kinds, "caption_limit": limit}
