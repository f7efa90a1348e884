"""A series: one post that comes again and again, each time as a job of its own."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.job import NewJob
from shared.domain.post import Post
from shared.domain.recurrence import Occurrence, Recurrence
from shared.domain.release import Lateness, LatePolicy

#: An occurrence becomes a job so long before its time, once the one before it has gone by: what
#: waits in the ledger is one job a series, which an outage cannot turn into a crowd.
HORIZON = timedelta(hours=1)

#: Occurrences that went by are written down so many at a time.
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeries:
    """A series that somebody asks for; its name is unique and begins the refs of its jobs."""

    name: str
    campaign: str
    recurrence: Recurrence
    provider: str
    connection: str
    post: Post
    #: None = its campaign's, or else its connection's.
    late: LatePolicy | None = None

    def job(self, occurrence: Occurrence) -> NewJob:
        return NewJob(
            ref=f"{self.name}@{occurrence.at:%Y-%m-%dT%H:%M:%SZ}",
            provider=self.provider,
            connection=self.connection,
            post=self.post,
            run_at=occurrence.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(NewSeries):
    """A row of the ledger."""

    id: int
    created_at: datetime
    paused: bool
    #: Every occurrence up to here has become a job, or was left out for good.
    handled_until: datetime
    #: None = paused, or over.
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of the next occurrences of a series, all written down together."""

    handled_until: datetime
    #: The first one after that.
    following: Occurrence | None
    #: They went by, and another one came after them or they are too late by the policy.
    missed: tuple[Occurrence, ...] = ()
    made: Occurrence | None = None
    #: The one that is made went by as well.
    late: bool = False
    #: It waits for a person, as the late policy says.
    held: bool = False

    @property
    def next_at(self) -> datetime | None:
        return None if self.following is None else self.following.at

    @property
    def wake_at(self) -> datetime | None:
        """Return when the series is worth another look; None = never."""
        if self.following is None:
            return None
        return max(self.handled_until, self.following.at - HORIZON)


def begin(recurrence: Recurrence, now: datetime) -> Step:
    """Return the step of a series that begins, or goes on after a pause: nothing before now."""
    return Step(handled_until=now, following=recurrence.next(now))


def next_step(
    recurrence: Recurrence, handled_until: datetime, now: datetime, policy: LatePolicy
) -> Step:
    """Decide about the occurrences after `handled_until`.

    Of those that went by, in an outage, only the last one may still become a job, by the late
    policy; a post that comes again is not made up for by a row of the same post.
    """
    gone: list[Occurrence] = []
    ahead = recurrence.occurrences(handled_until)
    following = next(ahead, None)
    while following and following.at <= now and len(gone) < BATCH:
        gone.append(following)
        following = next(ahead, None)
    if gone:
        return _caught_up(gone, following, now, policy)
    if following is None or following.at - HORIZON > now:
        return Step(handled_until=handled_until, following=following)
    return Step(handled_until=following.at, made=following, following=next(ahead, None))


def _caught_up(
    gone: list[Occurrence], following: Occurrence | None, now: datetime, policy: LatePolicy
) -> Step:
    last = gone[-1]
    step = Step(handled_until=last.at, following=following, missed=tuple(gone))
    if following and following.at <= now:
        return step
    too_late = policy.lateness is not Lateness.PUBLISH and last.at < now - policy.after
    if too_late and policy.lateness is Lateness.SKIP:
        return step
    return replace(step, missed=tuple(gone[:-1]), made=last, late=True, held=too_late)
