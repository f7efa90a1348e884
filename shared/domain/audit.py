"""What must hold for every job on record; pure, over one job with its attempts and its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.domain.job import Attempt, Event, Job
from shared.domain.states import FINAL, MOVES, WAITING, State

#: Outcomes after which the post is, or will be, out.
TAKEN = frozenset({"accepted", "succeeded"})


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that should not be: which invariant, of which job, and what is seen."""

    invariant: str
    job_id: int
    what: str


def audit_job(
    job: Job, attempts: Sequence[Attempt], events: Sequence[Event]
) -> Iterator[Discrepancy]:
    """Yield every disagreement of a job's row with its own history."""
    for invariant, what in (
        *_history(job, events),
        *_attempts(job, attempts),
        *_promises(job),
    ):
        yield Discrepancy(invariant, job.id, what)


def _history(job: Job, events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    if not events or events[0].from_state is not None:
        yield "I8", "its first event does not say how it came to be"
    at: State | None = events[0].to_state if events else None
    for event in events[1:]:
        if at in FINAL:
            yield "I4", f"it had ended as {at} and then went to {event.to_state}"
        if event.from_state is not at:
            yield "I8", f"an event goes from {event.from_state}, but it was {at}"
        elif at is not None and event.to_state not in {at, *MOVES[at]}:
            yield "I8", f"it went from {at} to {event.to_state}, which the table does not have"
        at = event.to_state
    if at is not job.state:
        yield "I8", f"it is {job.state}, but its events lead to {at}"


def _attempts(job: Job, attempts: Sequence[Attempt]) -> Iterator[tuple[str, str]]:
    taken = {attempt.publish_id for attempt in attempts if attempt.outcome in TAKEN}
    if len(taken) > 1:
        yield "I2", f"several publishes were made for it: {', '.join(map(str, taken))}"
    opened = [attempt for attempt in attempts if attempt.closed_at is None]
    if len(opened) > 1:
        yield "I1", f"{len(opened)} attempts are open at once"
    if opened and job.state is not State.PUBLISHING:
        yield "I1", f"attempt {opened[0].number} is open, but the job is {job.state}"
    yield from _resends(attempts)


def _resends(attempts: Sequence[Attempt]) -> Iterator[tuple[str, str]]:
    """Nothing but the same request may follow an attempt that the provider has taken."""
    for earlier, later in pairwise(attempts):
        if earlier.outcome not in TAKEN or earlier.closed_at is None or _repeats(earlier, later):
            continue
        if later.opened_at > earlier.closed_at:
            yield "I2", f"attempt {later.number} was made after attempt {earlier.number} was taken"


def _repeats(earlier: Attempt, later: Attempt) -> bool:
    """Whether the later attempt was a replay, begun before the earlier one's answer came late."""
    same_publish = later.publish_id in {None, earlier.publish_id}
    return bool(earlier.memo) and later.memo == earlier.memo and same_publish


def _promises(job: Job) -> Iterator[tuple[str, str]]:
    """Every job that is not at rest must have something that brings it on."""
    if job.state is State.PUBLISHING and job.lease_until is None:
        yield "I3", "it is claimed without a lease, so nobody takes it back"
    if job.state is State.IN_PROGRESS and job.next_poll_at is None:
        yield "I3", "it is in progress, but nobody will ask about it"
    if job.state is State.IN_PROGRESS and not job.provider_publish_id:
        yield "I3", "it is in progress without an id to ask about"
    if job.state is State.UNCERTAIN and job.next_look_at is None:
        yield "I3", "its answer was lost, but nobody will look for it"
    if job.state is State.HELD and job.hold is None:
        yield "I3", "it is held, but not said for what"
    if (job.state in FINAL) != (job.settled_at is not None):
        yield "I4", f"it is {job.state}, but settled at {job.settled_at}"
    if job.state in WAITING and job.lease_until is not None:
        yield "I1", f"it is {job.state} and still under a lease"
