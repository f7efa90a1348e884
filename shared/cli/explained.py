"""An explanation as a person reads it, and as scripts do."""

from collections.abc import Iterator
from datetime import datetime

from shared.cli.output import instant, shown
from shared.cli.shapes import Shape
from shared.domain.job import Job
from shared.domain.states import State
from shared.producer.explanation import Explanation, Late


def told(said: Explanation, now: datetime) -> str:
    """Return the sentence with its times and, where one threatens, its deadline."""
    return " ".join(_sentences(said, now))


def _sentences(said: Explanation, now: datetime) -> Iterator[str]:
    yield said.sentence
    if said.until:
        yield f"Until {shown(said.until)}."
    expected = said.expected_at
    if expected and expected > max(said.until or now, now):
        yield f"It should go at {shown(expected)}{_binding(said)}."
    if said.late and said.late.expected is not False:
        yield _late(said.late, now)


def _binding(said: Explanation) -> str:
    known = said.limit is None or said.limit in said.sentence
    return "" if known else f", because of {said.limit}"


def _late(late: Late, now: datetime) -> str:
    becomes = "is held" if late.then == State.HELD else "is not sent any more"
    if late.at <= now:
        return f"It {becomes} from the scheduler's next tick on (`{late.policy}`)."
    if late.expected:
        return f"That is too late: it {becomes} after {shown(late.at)} (`{late.policy}`)."
    return f"If it has not gone by {shown(late.at)}, it {becomes} (`{late.policy}`)."


def explanation_shape(job: Job, said: Explanation) -> Shape:
    return {
        "id": job.id,
        "state": str(job.state),
        "reason": str(said.reason),
        "why": job.reason or None,
        "hold": None if job.hold is None else str(job.hold),
        "sentence": said.sentence,
        "until": instant(said.until),
        "expected_at": instant(said.expected_at),
        "position": said.position,
        "limit": said.limit,
        "late": None if said.late is None else _late_shape(said.late),
    }


def _late_shape(late: Late) -> Shape:
    return {
        "policy": late.policy,
        "at": instant(late.at),
        "then": late.then,
        "expected": late.expected,
    }
