"""What two listings of a connection's accounts differ in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.account import Account


class Change(StrEnum):
    """What happened to an account between two listings; several of these may have."""

    ADDED = "added"
    #: The provider lists it no longer.
    GONE = "gone"
    UNHEALTHY = "unhealthy"
    HEALTHY = "healthy"
    RENAMED = "renamed"
    #: Something else of it, such as its type or the reason why it cannot post.
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One change of one account, with what it came from where that is worth telling."""

    change: Change
    account: Account
    was: str = ""


def changes(
    before: Mapping[str, Account], listed: Mapping[str, Account], gone: Mapping[str, Account]
) -> Iterator[AccountChange]:
    """Yield what changed, by account id.

    `gone` are the accounts that are no longer listed, as they are kept: unable to post.
    """
    for account_id, account in sorted(listed.items()):
        old = before.get(account_id)
        if old is None:
            yield AccountChange(Change.ADDED, account)
        elif old != account:
            yield from _between(old, account)
    for account_id, account in sorted(gone.items()):
        if before[account_id] != account:
            yield AccountChange(Change.GONE, account)


def _between(old: Account, account: Account) -> Iterator[AccountChange]:
    if old.can_post != account.can_post:
        change = Change.HEALTHY if account.can_post else Change.UNHEALTHY
        yield AccountChange(change, account, was=old.reason)
    if old.username != account.username:
        yield AccountChange(Change.RENAMED, account, was=old.username)
    elif old.can_post == account.can_post:
        yield AccountChange(Change.ALTERED, account, was=old.reason)
