"""When a publish that is in flight is asked about again, and when that has gone on too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """Intervals widen by half from the provider's first interval to a cap, up to a deadline."""

    cap: timedelta = timedelta(minutes=5)
    #: Held jobs that have a publish id are still asked about, this rarely.
    held: timedelta = timedelta(hours=1)
    deadline: timedelta = timedelta(hours=24)

    def interval(self, first: timedelta, polls: int) -> timedelta:
        """Return the wait after `polls` polls that found the publish still pending."""
        return min(first * 1.5 ** min(polls, 40), self.cap)

    def expired(self, accepted_at: datetime, now: datetime) -> bool:
        return now - accepted_at >= self.deadline
