"""What a provider says of a publish it was asked about."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.outcome import Fault


class Verdict(StrEnum):
    """The provider's word for a publish, mapped to what it means for a job."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: The check did not work, or the provider knows no such publish; never an ending.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One publish as the provider sees it now; `raw` is its own word."""

    publish_id: str
    verdict: Verdict
    raw: str
    permalink: str | None = None
    platform_post_id: str | None = None
    delivered_to_inbox: bool = False
    fault: Fault | None = None
