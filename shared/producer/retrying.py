"""Retrying many jobs: first the plan - what goes and when, what cannot help, what is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.connected import Connected
from shared.domain.limit import Limiter
from shared.domain.outcome import ErrorClass
from shared.domain.release import Lateness
from shared.domain.settlement import Hold
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter
from shared.ledger.retries import Candidate, Ended
from shared.producer.pacing import Paced, Place, pace

#: In these a post may be out, or on its way.
_DOUBTFUL = frozenset({State.PUBLISHING, State.IN_PROGRESS, State.UNCERTAIN})
_ENDED = frozenset({State.FAILED, State.CANCELLED})


class Verdict(StrEnum):
    """What is to become of a candidate."""

    RETRY = "retry"
    #: The cause still stands, so that the new job would end as the old one did.
    HOPELESS = "hopeless"
    #: It may be live, or it has not ended, or it was retried already.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, and what is to become of it and why."""

    candidate: Candidate
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which jobs somebody wants retried."""

    which: JobFilter
    ended: Ended = field(default_factory=Ended)
    fingerprint: str | None = None
    #: Retry also what cannot help as far as anybody knows.
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """What a retry would do; nothing is written yet."""

    judged: Sequence[Judged]
    paced: Sequence[Paced]
    #: What else somebody should know before.
    warnings: Sequence[str] = ()

    def of(self, verdict: Verdict) -> list[Judged]:
        return [each for each in self.judged if each.verdict is verdict]

    @property
    def ids(self) -> dict[str, list[int]]:
        """The jobs that would be retried, by campaign."""
        found: dict[str, list[int]] = {}
        for each in self.of(Verdict.RETRY):
            found.setdefault(each.candidate.campaign, []).append(each.candidate.id)
        return found


def plan_retry(
    wanted: Wanted,
    now: datetime,
    ledger: Ledger,
    connections: Mapping[str, Connected],
    limiter: Callable[[], Limiter],
) -> RetryPlan:
    """Judge every job of a filter and foretell when those that would be retried would go."""
    candidates = _find(wanted, ledger)
    if wanted.fingerprint is not None:
        candidates = [each for each in candidates if each.fingerprint == wanted.fingerprint]
    judged = [judge(each, connections, anyway=wanted.anyway) for each in candidates]
    going = [each.candidate for each in judged if each.verdict is Verdict.RETRY]
    places = [_place(each) for each in going]
    paced = pace(places, now, ledger, limiter) if places else []
    return RetryPlan(judged, paced, _too_late(paced, now, ledger, connections))


def _place(of: Candidate) -> Place:
    return Place(of.campaign, of.campaign_id, of.provider, of.connection, of.account_id)


def _find(wanted: Wanted, ledger: Ledger) -> list[Candidate]:
    """Return what failed, and what may be live; or, where states are named, all that is in them."""
    if wanted.which.states is not None:
        return ledger.retries.candidates(wanted.which, wanted.ended)
    which = replace(wanted.which, states=(State.FAILED, State.UNCERTAIN, State.HELD))
    found = ledger.retries.candidates(which, wanted.ended)
    return [each for each in found if each.state is State.FAILED or _may_be_live(each)]


def judge(
    candidate: Candidate, connections: Mapping[str, Connected], *, anyway: bool = False
) -> Judged:
    """Return what is to become of a job that somebody wants retried."""
    refusal = refused(candidate)
    if refusal:
        return Judged(candidate, Verdict.REFUSED, refusal)
    hopeless = _still_stands(candidate, connections.get(candidate.connection))
    if hopeless and not anyway:
        return Judged(candidate, Verdict.HOPELESS, hopeless)
    return Judged(candidate, Verdict.RETRY, hopeless)


def refused(candidate: Candidate) -> str:
    """Return why a job must not be retried; '' = it may be."""
    if candidate.retried_as is not None:
        return f"it was retried already as job {candidate.retried_as}"
    if candidate.answered_late:
        return "it may be live: after it had ended its provider answered that it took the post"
    if candidate.state in _ENDED:
        return ""
    if _may_be_live(candidate):
        return f"it may be live: it is {candidate.state}"
    return f"it is {candidate.state}, not failed"


def _may_be_live(candidate: Candidate) -> bool:
    return candidate.state in _DOUBTFUL or candidate.hold in {Hold.LOST_ANSWER, Hold.SETTLE}


def _still_stands(candidate: Candidate, connected: Connected | None) -> str:
    """Return which cause would let the new job fail, or wait, as the old one did."""
    if connected is None:
        return f"connection {candidate.connection} is not set any more"
    if connected.connection.key is None:
        missing = connected.connection.key_variable
        return f"connection {candidate.connection} has no API key: set {missing}"
    if candidate.unfit is not None:
        because = f": {candidate.unfit}" if candidate.unfit else ""
        return f"its account cannot post{because}"
    if candidate.error_class == ErrorClass.VALIDATION:
        return "its content was refused and has not changed"
    return ""


def _too_late(
    paced: Sequence[Paced],
    now: datetime,
    ledger: Ledger,
    connections: Mapping[str, Connected],
) -> list[str]:
    """Say where the late policy would end new jobs before their turn comes."""
    warnings = []
    for each in paced:
        own = ledger.campaigns.rules(each.campaign).late
        connected = connections.get(each.connection)
        late = own or (None if connected is None else connected.terms.late)
        if late is None or late.lateness is Lateness.PUBLISH or each.last_at is None:
            continue
        if each.last_at > now + late.after:
            warnings.append(
                f"{each.campaign} at {each.connection}: its late policy ({late}) ends those whose"
                " turn comes later than that"
            )
    return warnings
