"""Why a job is where it is, in one sentence, and until when."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.job import Job
from shared.domain.settlement import Hold
from shared.domain.states import FINAL, WAITING, State


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence for a person, and the moment at which something should happen next."""

    sentence: str
    until: datetime | None


def explain(job: Job, now: datetime) -> Explanation:
    """Return what a person would want to know about a job now."""
    if job.state in FINAL:
        return Explanation(f"It has ended: {job.state}{_because(job)}.", None)
    if job.state in WAITING:
        return _waiting(job, now)
    return _moving(job)


def _because(job: Job) -> str:
    return f" ({job.reason})" if job.reason else ""


def _waiting(job: Job, now: datetime) -> Explanation:
    if job.due_at <= now:
        return Explanation("It is due and waits for room in its lane and limits.", None)
    if job.state is State.RETRYING:
        sentence = f"Attempt {job.attempts} failed{_because(job)}; it is tried again."
        return Explanation(sentence, job.due_at)
    if job.deferrals:
        sentence = f"It was deferred{_because(job)} and goes when that has passed."
        return Explanation(sentence, job.due_at)
    return Explanation("It waits for its time.", job.due_at)


def _moving(job: Job) -> Explanation:
    match job.state:
        case State.QUEUED:
            return Explanation("It was handed to the workers and waits for a free thread.", None)
        case State.PUBLISHING:
            return Explanation("A worker is publishing it now.", job.lease_until)
        case State.IN_PROGRESS:
            word = f" (its word: {job.provider_status})" if job.provider_status else ""
            return Explanation(f"The provider is working on it{word}.", job.next_poll_at)
        case State.UNCERTAIN:
            sentence = "The answer to its publish call was lost; the provider is asked about it."
            return Explanation(sentence, job.next_look_at)
        case _:
            return Explanation(f"It is held{_because(job)}. {_way_out(job)}", None)


def _way_out(job: Job) -> str:
    if job.hold is Hold.LOST_ANSWER:
        command = f"`dropline jobs resolve {job.id}"
        return f"Look on the account, then {command} --published URL_OR_ID` or `--not-published`."
    if job.hold is Hold.ACCOUNT:
        return "It goes on by itself when the account can post again."
    if job.hold is Hold.SETTLE:
        return "The provider is still asked once an hour."
    return f"`dropline jobs cancel {job.id}` ends it."
