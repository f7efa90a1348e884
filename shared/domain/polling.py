"""When a publish that is in flight is asked about again, and when that has gone on too long.

With no habit known, the wait is the provider's first interval and half of the publish's age:
it widens by half from poll to poll. With a habit,

- before publishes usually begin to settle (a little less than `early`) the wait is until then,
  but a habit is never trusted for longer than 20 s, or half of the age, at a time;
- while they usually settle (up to `late`) it is a third of that span, at most 8 s or an eighth of
  the age;
- later it is that and half of what the age is beyond `late`.

Always at least the provider's first interval and at most the cap, and no poll is later than the
deadline. Whatever the habit says, the moment of the next poll never moves back as a publish ages.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.habit import Habit

#: A habit shows when settled publishes were seen; asking a bit sooner lets it become shorter again.
SOONER = 0.8

#: A habit is trusted for so long at a time before it is looked whether it holds.
TRUST = timedelta(seconds=20)

#: Publishes are asked about at least this densely while they usually settle, if they are young.
DENSE = timedelta(seconds=8)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """Intervals as above, up to a deadline."""

    cap: timedelta = timedelta(minutes=5)
    #: Held jobs that have a publish id are still asked about, this rarely.
    held: timedelta = timedelta(hours=1)
    deadline: timedelta = timedelta(hours=24)

    def interval(self, first: timedelta, age: timedelta, habit: Habit | None = None) -> timedelta:
        """Return the wait after a poll that found a publish of this age still pending."""
        age = max(age, _NOTHING)
        wait = first + age / 2 if habit is None else _by_habit(habit, first, age)
        return min(max(wait, first), self.cap)

    def next_poll(
        self, first: timedelta, accepted_at: datetime, now: datetime, habit: Habit | None = None
    ) -> datetime:
        """Return when to ask again: an instant that publishes of about the same age share."""
        wait = self.interval(first, now - accepted_at, habit)
        at = aligned(now + wait, wait)
        if at < now + first:
            at = min(at + _step(wait), now + self.cap)
        ends_at = accepted_at + self.deadline
        return min(at, ends_at) if now < ends_at else at

    def first_poll(self, first: timedelta, accepted_at: datetime, habit: Habit | None) -> datetime:
        """Return when a publish is asked about for the first time."""
        begin = _NOTHING if habit is None else min(_begin(habit), TRUST)
        return aligned(accepted_at + min(max(begin, first), self.cap), first)

    def rides(self, first: timedelta, age: timedelta, wait: timedelta, habit: Habit | None) -> bool:
        """Say whether a publish that is due after `wait` may be asked about along with others.

        Not so soon after its last poll that the provider's first interval, or half of its own,
        would not lie between.
        """
        interval = self.interval(first, age, habit)
        return wait <= min(interval / 2, interval - first)

    def expired(self, accepted_at: datetime, now: datetime) -> bool:
        return now - accepted_at >= self.deadline


def aligned(at: datetime, interval: timedelta) -> datetime:
    """Return the last instant up to then of a grid that all share; coarse ones are part of fine.

    Its step is the largest power of two seconds that is at most half of the interval; where that
    is less than a second, there is no grid.
    """
    step = _step(interval)
    return _EPOCH + (at - _EPOCH) // step * step if step else at


def _step(interval: timedelta) -> timedelta:
    halves = interval // (2 * _SECOND)
    return _SECOND * (1 << halves.bit_length() >> 1)


def _begin(habit: Habit) -> timedelta:
    """Return the age at which publishes begin to settle."""
    return max(min(habit.early * SOONER, habit.median), _NOTHING)


def _by_habit(habit: Habit, first: timedelta, age: timedelta) -> timedelta:
    begin = _begin(habit)
    if age < begin:
        return min(begin - age, max(TRUST, age / 2))
    late = max(habit.late, begin)
    spacing = min(max((late - begin) / 3, first), max(DENSE, age / 8))
    return spacing + max(age - late, _NOTHING) / 2
