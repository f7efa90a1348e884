"""What an attempt came to, as data; five cases, and every one is matched wherever it matters."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ErrorClass(StrEnum):
    """Why something did not work, in the same words for every provider."""

    VALIDATION = "validation"
    AUTH = "auth"
    BILLING = "billing"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    TRANSIENT = "transient"
    UNKNOWN_OUTCOME = "unknown_outcome"
    #: The provider took the publish and the platform refused it afterwards.
    REJECTED = "rejected"
    #: `not_after` had passed before the post could go out.
    TOO_LATE = "too_late"
    #: The account cannot post now: disconnected, expired or missing.
    ACCOUNT = "account"
    #: Our own fault: an exception nobody expected, or a job nobody can carry out.
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure: its class, the provider's machine code if it gave one, and a sentence."""

    error_class: ErrorClass
    code: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider told us about a publish it knows."""

    publish_id: str
    provider_status: str
    permalink: str | None = None
    platform_post_id: str | None = None
    delivered_to_inbox: bool = False


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The post is out (or in the creator's inbox, where that was asked for)."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it and has not finished; settle polls it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Deferred:
    """Surely not published and not anybody's failure: later, at no cost in attempts."""

    wait: timedelta
    fault: Fault


@dataclass(frozen=True, slots=True)
class Failed:
    """Surely not published; `again` says whether the same attempt may be repeated."""

    fault: Fault
    again: bool = False


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may have been published; nothing is sent until somebody knows."""

    fault: Fault


Outcome = Succeeded | Accepted | Deferred | Failed | Uncertain
