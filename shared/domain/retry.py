"""When a failed attempt is tried again: exponential, capped, jittered, counted."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how soon; the pause doubles from `first` up to `cap`."""

    max_attempts: int = 8
    first: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(minutes=10)
    #: The share of each pause that chance may add, so that jobs do not return in step.
    jitter: float = 0.25

    def exhausted(self, attempts: int) -> bool:
        return attempts >= self.max_attempts

    def pause(self, attempts: int) -> timedelta:
        """Return the pause after `attempts` failed attempts (1 or more), without jitter."""
        seconds = self.first.total_seconds() * 2.0 ** min(max(attempts, 1) - 1, 60)
        if seconds >= self.cap.total_seconds():
            return self.cap
        return timedelta(seconds=seconds)

    def jittered(self, attempts: int, chance: random.Random) -> timedelta:
        """Return the pause plus up to `jitter` of it, never above `cap`."""
        pause = self.pause(attempts)
        return min(pause + pause * (self.jitter * chance.random()), self.cap)
