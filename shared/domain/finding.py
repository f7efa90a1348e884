"""What follows for an uncertain job from a look at its provider."""

import random
from dataclasses import replace
from datetime import datetime

from shared.domain.job import Job
from shared.domain.lost import (
    Absent,
    Adopt,
    Hold,
    LookAgain,
    Replay,
    SendAgain,
    Sighting,
    decide,
)
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.settlement import Settlement
from shared.domain.settling import accepted, held_for_person, lost_call, receipt_of
from shared.domain.states import State
from shared.domain.status import Status, Verdict
from shared.domain.terms import Terms


def after_look(
    job: Job, sighting: Sighting, terms: Terms, chance: random.Random, now: datetime
) -> Settlement:
    """Return how an uncertain job goes on; the default for the unknown is never to send again."""
    call = lost_call(job, terms, ended_at=job.lost_at or now)
    match decide(call, sighting, now):
        case Adopt(status):
            return _adopted(status, terms, now)
        case SendAgain():
            return _not_there(job, terms, chance, now)
        case Replay():
            why = "nothing matches; the same request is sent again under the same key"
            return Settlement(to=State.QUEUED, why=why, replay=True)
        case LookAgain(at, why):
            looks = job.looks + 1 if isinstance(sighting, Absent) else job.looks
            return Settlement(to=None, why=why, looks=looks, next_look_at=at)
        case Hold(why):
            return held_for_person(why, job.fault)


def _adopted(status: Status, terms: Terms, now: datetime) -> Settlement:
    receipt = receipt_of(status)
    why = f"found at the provider after a lost answer: {status.raw}"
    if status.verdict is Verdict.SUCCEEDED:
        return Settlement(to=State.SUCCEEDED, why=why, outcome="succeeded", receipt=receipt)
    if status.verdict is Verdict.FAILED:
        fault = status.fault or Fault(error_class=ErrorClass.REJECTED, message=status.raw)
        return Settlement(
            to=State.FAILED, why=why, outcome="accepted", receipt=receipt, fault=fault
        )
    return replace(accepted(receipt, terms, now), why=why)


def _not_there(job: Job, terms: Terms, chance: random.Random, now: datetime) -> Settlement:
    fault = Fault(
        error_class=ErrorClass.TRANSIENT,
        message="the answer was lost and the provider has no such post",
    )
    if terms.retry.exhausted(job.attempts):
        why = f"gave up after {job.attempts} attempts: {fault.message}"
        return Settlement(to=State.FAILED, why=why, outcome="failed", fault=fault)
    due_at = now + terms.retry.jittered(job.attempts, chance)
    return Settlement(
        to=State.RETRYING, why=fault.message, outcome="failed", fault=fault, due_at=due_at
    )
