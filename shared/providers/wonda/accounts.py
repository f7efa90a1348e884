"""Wonda's accounts with one verdict each: active, and allowed to publish."""

from collections.abc import Mapping
from typing import Any

from shared.domain.account import Account
from shared.domain.limit import Call
from shared.providers.wonda.faults import required, unreadable
from shared.providers.wonda.reading import text_of
from shared.wire.answer import CallFailed
from shared.wire.wire import Wire

#: Where each platform says what an account may do, and the word that lets it publish (A).
_SCOPES = {
    "instagram": ("scopes", "instagram_content_publish"),
    "tiktok": ("grantedScopes", "video.publish"),
}

#: With this scope and without `video.publish` an account may still write to the inbox (A).
_INBOX_SCOPE = "upload"


def list_accounts(wire: Wire) -> list[Account]:
    """Only active accounts are listed (S), so one that is missing is disconnected."""
    return [account for platform in _SCOPES for account in _of(platform, wire)]


def _of(platform: str, wire: Wire) -> list[Account]:
    answer = required(wire.get(Call.ACCOUNTS, f"/api/v1/{platform}/accounts"))
    rows = answer.at("accounts")
    if not isinstance(rows, list):
        raise CallFailed(unreadable(answer, "accounts"), again=True)
    accounts = [_account(platform, row) for row in rows if isinstance(row, Mapping)]
    return [account for account in accounts if account.account_id]


def _account(platform: str, row: Mapping[str, Any]) -> Account:
    inbox_only, reason = _health(platform, row)
    return Account(
        account_id=text_of(row.get(f"{platform}AccountId")),
        platform=platform,
        username=text_of(row.get("username")),
        display_name=text_of(row.get("displayName")),
        can_post=not reason,
        reason=reason,
        inbox_only=inbox_only,
        account_type=text_of(row.get("accountType")),
    )


def _health(platform: str, row: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether only the inbox is open, and why the account cannot post, or ''."""
    status = text_of(row.get("status"))
    if status.lower() != "active":
        return False, f"its status is {status or 'not given'}; reconnect it at Wonda"
    key, needed = _SCOPES[platform]
    granted = row.get(key)
    scopes = [text_of(scope) for scope in granted] if isinstance(granted, list) else []
    if needed in scopes:
        return False, ""
    if platform == "tiktok" and any(_INBOX_SCOPE in scope for scope in scopes):
        return True, ""
    return False, f"it lacks the scope {needed}; reconnect it at Wonda"
