"""What a campaign asks of dispatch: how urgent it is, in which order, how far apart, how late."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.release import LatePolicy


class Priority(StrEnum):
    """How large a share of scarce room a campaign gets; none is ever left without any."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """Return how many jobs go for each one of a campaign of low priority."""
        return {Priority.LOW: 1, Priority.NORMAL: 4, Priority.HIGH: 16}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRules:
    """The rules of one campaign; without any it asks for nothing in particular."""

    priority: Priority = Priority.NORMAL
    #: On each account the posts go in the order of their times, each after the end of the last.
    ordered: bool = False
    #: The least time between two of its posts on one account.
    spacing: timedelta = timedelta(0)
    #: By chance up to so much is added to each spacing, so that posts do not come like clockwork.
    jitter: timedelta = timedelta(0)
    #: None = the connection's.
    late: LatePolicy | None = None

    @property
    def spaced(self) -> bool:
        return self.spacing + self.jitter > timedelta(0)

    def gap(self, job_id: int) -> timedelta:
        """Return the time that must lie before this job's post; whoever asks hears the same."""
        drawn = int.from_bytes(hashlib.blake2b(str(job_id).encode(), digest_size=4).digest())
        return self.spacing + self.jitter * (drawn / 2**32)
