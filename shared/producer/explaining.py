"""Why a job is where it is, when it should go, and what if that is too late: from facts alone."""

from collections.abc import Iterator
from dataclasses import replace

from shared.domain.forecast import Forecast
from shared.domain.job import Job
from shared.domain.release import Lateness
from shared.domain.settlement import Hold
from shared.domain.states import FINAL, State
from shared.producer.expecting import expect, place
from shared.producer.explanation import Explanation, Late, Reason
from shared.producer.facts import Facts
from shared.producer.waiting import why_waiting
from shared.producer.words import because, moment


def explain(facts: Facts) -> Explanation:
    """Return what a person would want to know about a job now."""
    if facts.wait is None:
        return replace(_stands(facts.job), late=_late(facts, None))
    expected = expect(facts)
    said = why_waiting(facts, facts.wait)
    return replace(
        said,
        expected_at=None if expected is None else expected.at,
        position=place(facts) if facts.is_due else None,
        limit=said.limit or (expected.binding if expected else "") or None,
        late=_late(facts, expected),
    )


def _stands(job: Job) -> Explanation:
    """Explain a job that does not wait in its lane."""
    if job.state in FINAL:
        sentence = f"It has ended: {job.state}{because(job)}."
        return Explanation(reason=Reason.ENDED, sentence=sentence)
    match job.state:
        case State.QUEUED:
            return Explanation(reason=Reason.QUEUED, sentence=_queued(job))
        case State.PUBLISHING:
            sentence, until = "A worker is publishing it now.", job.lease_until
            return Explanation(reason=Reason.PUBLISHING, sentence=sentence, until=until)
        case State.IN_PROGRESS:
            word = f" (its word: {job.provider_status})" if job.provider_status else ""
            sentence, until = f"The provider is working on it{word}.", job.next_poll_at
            return Explanation(reason=Reason.IN_PROGRESS, sentence=sentence, until=until)
        case State.UNCERTAIN:
            sentence = "The answer to its publish call was lost; the provider is asked about it."
            until = job.next_look_at
            return Explanation(reason=Reason.UNCERTAIN, sentence=sentence, until=until)
        case _:
            sentence = f"It is held{because(job)}. {_way_out(job)}"
            return Explanation(reason=Reason.HELD, sentence=sentence)


def _queued(job: Job) -> str:
    since = f" {moment(job.queued_at)}" if job.queued_at else ""
    rung = f"; they were rung again {job.rings} times" if job.rings else ""
    return f"It was handed to the workers{since} and waits for a free thread{rung}."


def _way_out(job: Job) -> str:
    match job.hold:
        case Hold.LOST_ANSWER:
            command = f"`dropline jobs resolve {job.id}"
            said = f"{command} --published URL_OR_ID` or `--not-published`"
            return f"Look on the account, then {said}."
        case Hold.ACCOUNT:
            return "It goes on by itself when the account can post again."
        case Hold.SETTLE:
            return "The provider is still asked once an hour."
        case _:
            return f"`dropline jobs cancel {job.id}` ends it."


def _late(facts: Facts, expected: Forecast | None) -> Late | None:
    """Return the first deadline that it has to meet, and whether it will."""
    first = min(_deadlines(facts), key=lambda each: each.at, default=None)
    if first is None or expected is None:
        return first
    return replace(first, expected=expected.at > first.at)


def _deadlines(facts: Facts) -> Iterator[Late]:
    job, late = facts.job, facts.late
    unsent = job.state in {State.SCHEDULED, State.RETRYING, State.QUEUED}
    if job.not_after is not None and unsent and not job.replay:
        yield Late(policy="not_after", at=job.not_after, then=State.FAILED, expected=None)
    if late is None or late.lateness is Lateness.PUBLISH:
        return
    if job.first_sent_at is None and not job.deferrals:
        then = State.HELD if late.lateness is Lateness.HOLD else State.FAILED
        yield Late(policy=str(late), at=job.run_at + late.after, then=then, expected=None)
