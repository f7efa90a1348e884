"""Linking an account by a code that its owner scans: the code, and how far it has come."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from shared.domain.account import Account


class LinkStage(StrEnum):
    """What has become of a code."""

    NEW = "new"
    SCANNED = "scanned"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    #: Somebody has used it already.
    UTILISED = "utilised"

    @property
    def is_last(self) -> bool:
        return self not in {LinkStage.NEW, LinkStage.SCANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """A code as the provider hands it out; whoever holds the token may ask after it."""

    token: str = field(repr=False)
    #: The code as a picture.
    image: bytes = field(repr=False)
    life: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a code stands; `account` is there once it is confirmed."""

    stage: LinkStage
    message: str = ""
    account: Account | None = None
