"""What follows for a job from what an attempt came to or a poll showed; pure, one clause each."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.habit import Habit
from shared.domain.job import Job
from shared.domain.lost import Hold as HoldVerdict
from shared.domain.lost import LookAgain, LostCall, SendAgain, first_look
from shared.domain.outcome import (
    Accepted,
    Deferred,
    ErrorClass,
    Failed,
    Fault,
    Outcome,
    Receipt,
    Succeeded,
    Uncertain,
)
from shared.domain.settlement import Hold, Settlement
from shared.domain.states import State
from shared.domain.status import Status, Verdict
from shared.domain.terms import Terms

#: Three claims that died before anything was sent, and a person should look.
RESCUES_MAX = 3

#: A deferral is never shorter, so that a wrong clock cannot make a job spin.
DEFERRAL_MIN = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class Ended:
    """What an attempt came to, and whether it got as far as an attempt row (and so a send)."""

    outcome: Outcome
    opened: bool


def after_attempt(
    job: Job, ended: Ended, terms: Terms, chance: random.Random, now: datetime
) -> Settlement:
    """Return how a claimed job goes on; `job.attempts` counts the opened attempt already."""
    match ended.outcome:
        case Succeeded(receipt):
            return Settlement(
                to=State.SUCCEEDED, why="published", outcome="succeeded", receipt=receipt
            )
        case Accepted(receipt):
            return accepted(receipt, terms, now)
        case Uncertain(fault):
            return lost(job, fault, terms, ended_at=now)
        case Deferred() | Failed() if job.replay:
            return _replay_not_done(job, ended, terms, now)
        case Deferred(wait, fault):
            return _deferred(job, wait, fault, now, opened=ended.opened)
        case Failed(fault, again):
            attempts = job.attempts if ended.opened else job.attempts + 1
            counted = replace(job, attempts=attempts)
            return _failed(counted, fault, terms, chance, now, again=again)


def accepted(receipt: Receipt, terms: Terms, now: datetime) -> Settlement:
    """Return how a job goes on that the provider has taken and not finished."""
    return Settlement(
        to=State.IN_PROGRESS,
        why=f"accepted by the provider ({receipt.provider_status})",
        outcome="accepted",
        receipt=receipt,
        polls=0,
        next_poll_at=now + terms.capabilities.poll_first,
    )


def handed_back(job: Job, why: str, now: datetime) -> Settlement:
    """Return a claimed job of which nothing was sent to where it came from, due at once."""
    if job.replay:
        return _uncertain_again(job, why, now)
    return Settlement(to=State.SCHEDULED, why=why, due_at=now)


def lost(job: Job, fault: Fault, terms: Terms, *, ended_at: datetime) -> Settlement:
    """Return how a job goes on whose answer was lost: asked about, or held for a person."""
    call = lost_call(job, terms, ended_at=ended_at)
    match first_look(call):
        case HoldVerdict(why):
            return held_for_person(why, fault)
        case SendAgain():
            return _resent(job, fault, terms, ended_at)
        case LookAgain(at, why):
            return Settlement(
                to=State.UNCERTAIN,
                why=f"{why}: {fault.message}",
                outcome="uncertain",
                fault=fault,
                looks=0,
                lost_at=ended_at,
                next_look_at=at,
            )
        case _:
            raise AssertionError("the first verdict on a lost call is to look, hold or resend")


def _resent(job: Job, fault: Fault, terms: Terms, ended_at: datetime) -> Settlement:
    """Send again what may be out: the connection's policy says so in as many words."""
    if terms.retry.exhausted(job.attempts):
        return held_for_person("the answer was lost again, and no attempt is left", fault)
    return Settlement(
        to=State.RETRYING,
        why=f"sent again, as the policy says, though it may be out: {fault.message}",
        outcome="uncertain",
        fault=fault,
        due_at=ended_at + terms.absence_after(job),
    )


def held_for_person(why: str, fault: Fault | None, stray: Receipt | None = None) -> Settlement:
    """Return a hold that offers both choices of `jobs resolve`."""
    return Settlement(
        to=State.HELD,
        why=why,
        outcome="uncertain",
        fault=fault,
        stray=stray,
        hold=Hold.LOST_ANSWER,
    )


def lost_call(job: Job, terms: Terms, *, ended_at: datetime) -> LostCall:
    """Return the facts of a lost answer that the decisions of shared.domain.lost need."""
    return LostCall(
        policy=terms.lost_answer,
        ended_at=ended_at,
        first_sent_at=job.first_sent_at or ended_at,
        absence_after=terms.absence_after(job),
        replay_window=terms.capabilities.replay_window,
        looks=job.looks,
    )


def after_poll(
    job: Job, status: Status | None, terms: Terms, now: datetime, habit: Habit | None = None
) -> Settlement:
    """Return how a job in flight goes on; None = the provider did not answer for it."""
    if status is None or status.verdict in {Verdict.PENDING, Verdict.UNKNOWN}:
        return _still_pending(job, status, terms, now, habit)
    receipt = receipt_of(status)
    if status.verdict is Verdict.SUCCEEDED:
        return Settlement(to=State.SUCCEEDED, why=f"settled: {status.raw}", receipt=receipt)
    if status.verdict is Verdict.CANCELLED:
        return Settlement(
            to=State.CANCELLED, why=f"the provider says {status.raw}", receipt=receipt
        )
    fault = status.fault or Fault(error_class=ErrorClass.REJECTED, message=status.raw)
    return Settlement(
        to=State.FAILED, why=f"failed at the provider: {status.raw}", receipt=receipt, fault=fault
    )


def receipt_of(status: Status) -> Receipt:
    """Return what a status tells about a publish, as a receipt."""
    return Receipt(
        publish_id=status.publish_id,
        provider_status=status.raw,
        permalink=status.permalink,
        platform_post_id=status.platform_post_id,
        delivered_to_inbox=status.delivered_to_inbox,
    )


def after_rescue(
    job: Job, *, attempt_open: bool, terms: Terms, chance: random.Random, now: datetime
) -> Settlement:
    """Return how a job goes on whose claim ran out: its worker died or lost touch."""
    ended_at = job.lease_until or now
    if attempt_open:
        message = "the worker died or stalled during the publish call"
        fault = Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, message=message)
        return lost(job, fault, terms, ended_at=max(ended_at, now))
    if job.replay:
        return _uncertain_again(job, "the worker died before the replay was sent", now)
    rescues = job.rescues + 1
    if rescues >= RESCUES_MAX:
        why = f"{rescues} claims ended before anything was sent"
        return Settlement(to=State.HELD, why=why, hold=Hold.RESCUE, rescues=rescues)
    return Settlement(
        to=State.RETRYING,
        why="the worker died before anything was sent",
        due_at=now + terms.retry.jittered(rescues, chance),
        rescues=rescues,
    )


def _deferred(
    job: Job, wait: timedelta, fault: Fault, now: datetime, *, opened: bool
) -> Settlement:
    """Return a later due time; a deferral costs no attempt."""
    return Settlement(
        to=State.SCHEDULED,
        why=fault.message or "deferred",
        outcome="deferred" if opened else None,
        fault=fault,
        due_at=now + max(wait, DEFERRAL_MIN),
        attempts=max(job.attempts - opened, 0),
        deferrals=job.deferrals + 1,
    )


def _failed(
    job: Job, fault: Fault, terms: Terms, chance: random.Random, now: datetime, *, again: bool
) -> Settlement:
    if not again or terms.retry.exhausted(job.attempts):
        why = fault.message or str(fault.error_class)
        if again:
            why = f"gave up after {job.attempts} attempts: {why}"
        return Settlement(
            to=State.FAILED, why=why, outcome="failed", fault=fault, attempts=job.attempts
        )
    return Settlement(
        to=State.RETRYING,
        why=fault.message or str(fault.error_class),
        outcome="failed",
        fault=fault,
        due_at=now + terms.retry.jittered(job.attempts, chance),
        attempts=job.attempts,
    )


def _replay_not_done(job: Job, ended: Ended, terms: Terms, now: datetime) -> Settlement:
    """Stay uncertain: a replay that was not carried out says nothing of the first request."""
    outcome = ended.outcome
    if isinstance(outcome, Failed) and not outcome.again:
        return held_for_person(f"the replay was refused: {outcome.fault.message}", outcome.fault)
    if isinstance(outcome, Deferred):
        again = _uncertain_again(
            job, outcome.fault.message, now, wait=outcome.wait, opened=ended.opened
        )
        attempts = max(job.attempts - ended.opened, 0)
        return replace(again, attempts=attempts, deferrals=job.deferrals + 1)
    why = outcome.fault.message if isinstance(outcome, Failed) else ""
    wait = terms.retry.pause(job.attempts)
    return _uncertain_again(job, why, now, wait=wait, opened=ended.opened)


def _uncertain_again(
    job: Job,
    why: str,
    now: datetime,
    *,
    wait: timedelta = timedelta(seconds=1),
    opened: bool = False,
) -> Settlement:
    return Settlement(
        to=State.UNCERTAIN,
        why=why,
        outcome="uncertain" if opened else None,
        looks=job.looks,
        lost_at=job.lost_at or now,
        next_look_at=now + max(wait, DEFERRAL_MIN),
    )


def _still_pending(
    job: Job, status: Status | None, terms: Terms, now: datetime, habit: Habit | None
) -> Settlement:
    polls = job.polls + 1
    receipt = receipt_of(status) if status and status.verdict is Verdict.PENDING else None
    overdue = job.accepted_at is not None and terms.poll.expired(job.accepted_at, now)
    if job.state is State.HELD or overdue:
        return Settlement(
            to=State.HELD if job.state is State.IN_PROGRESS else None,
            why="the provider did not settle it in time; it is still asked, rarely",
            hold=Hold.SETTLE,
            receipt=receipt,
            polls=polls,
            next_poll_at=now + terms.poll.held,
        )
    first, accepted_at = terms.capabilities.poll_first, job.accepted_at or now
    at = terms.poll.next_poll(first, accepted_at, now, habit)
    return Settlement(to=None, receipt=receipt, polls=polls, next_poll_at=at)
