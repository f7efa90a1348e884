"""After a lost answer: what a look at the provider showed, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.capabilities import LostAnswer
from shared.domain.job import Attempt
from shared.domain.status import Status


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one publish matches; it is ours."""

    status: Status


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing matches, this time."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several publishes match; a person decides."""

    publish_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disputed:
    """What matches was named in an answer to another job whose post looks different."""

    publish_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The look itself did not work; it proves nothing."""

    why: str


Sighting = Found | Absent | Ambiguous | Disputed | Unanswered

#: "Not there" needs at least this many looks.
LOOKS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take the publish over as this job's own."""

    status: Status


@dataclass(frozen=True, slots=True)
class SendAgain:
    """The post is surely not there: the attempt failed and may be retried."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Send the same bytes under the same key once more, under a claim."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Ask again at this time."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Only a person can say."""

    why: str


Verdict = Adopt | SendAgain | Replay | LookAgain | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCall:
    """The facts about one lost answer that the decision needs."""

    policy: LostAnswer
    #: When the request could last have run: the end of the call, or of the dead worker's lease.
    ended_at: datetime
    first_sent_at: datetime
    absence_after: timedelta
    replay_window: timedelta
    #: Looks that found nothing before this one.
    looks: int


def request_sent_at(attempts: Sequence[Attempt]) -> datetime:
    """Return when the last attempt's request was first sent; a replay repeats its memo."""
    last = first = attempts[-1]
    for earlier in reversed(attempts):
        if earlier.memo != last.memo:
            break
        first = earlier
    return first.opened_at


def first_look(call: LostCall) -> Verdict:
    """Return what to do before anybody has been asked."""
    if call.policy is LostAnswer.HOLD:
        return Hold("the answer was lost and this provider cannot be asked what became of it")
    if call.policy is LostAnswer.RESEND:
        return SendAgain()
    return LookAgain(call.ended_at + timedelta(seconds=2), "the answer was lost")


def decide(call: LostCall, sighting: Sighting, now: datetime) -> Verdict:
    """Return what follows from a look; the default for the unknown is never to send again."""
    match sighting:
        case Found(status):
            return Adopt(status)
        case Ambiguous(publish_ids):
            return Hold(f"several publishes match: {', '.join(publish_ids)}")
        case Disputed(publish_ids):
            return _disputed(call, publish_ids, now)
        case Unanswered(why):
            return LookAgain(now + timedelta(seconds=15), why)
        case Absent():
            return _absent(call, now)


def _disputed(call: LostCall, publish_ids: Sequence[str], now: datetime) -> Verdict:
    """Replay, as that makes no second post; without that only a person can say."""
    if call.policy is LostAnswer.REPLAY:
        return _absent(call, now)
    return Hold(f"what matches was named to another job: {', '.join(publish_ids)}")


def _absent(call: LostCall, now: datetime) -> Verdict:
    believable_at = call.ended_at + call.absence_after
    if call.policy is LostAnswer.REPLAY:
        if now < call.first_sent_at + call.replay_window:
            return Replay()
        return Hold("the answer was lost and the idempotency key is too old to be replayed")
    if call.looks + 1 >= LOOKS_NEEDED and now >= believable_at:
        return SendAgain()
    at = max(believable_at, now + timedelta(seconds=5))
    return LookAgain(at, "nothing matches yet; a row may appear late")
