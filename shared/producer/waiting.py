"""Why a job still waits: the first cause that holds it, in the order in which dispatch looks."""

from collections.abc import Callable

from shared.dispatch import PER_LANE
from shared.domain.limit import Headroom
from shared.domain.pause import Pausable
from shared.domain.states import State
from shared.ledger.waits import MOST_BEFORE, Other, Wait
from shared.producer.expecting import place
from shared.producer.explanation import Explanation, Reason
from shared.producer.facts import Facts, Room
from shared.producer.words import because, moment

Clause = Callable[[Facts, Wait], Explanation | None]


def why_waiting(facts: Facts, wait: Wait) -> Explanation:
    """Return THE reason: what is named is what has to pass first."""
    said = (clause(facts, wait) for clause in _CLAUSES)
    return next((each for each in said if each is not None), _next(facts))


def _not_due(facts: Facts, _: Wait) -> Explanation | None:
    job = facts.job
    if facts.is_due:
        return None
    if job.state is State.RETRYING:
        sentence = f"Attempt {job.attempts} failed{because(job)}; it is tried again."
        return Explanation(reason=Reason.RETRYING, sentence=sentence, until=job.due_at)
    if job.deferrals:
        sentence = f"It was deferred{because(job)} and goes when that has passed."
        return Explanation(reason=Reason.DEFERRED, sentence=sentence, until=job.due_at)
    return Explanation(reason=Reason.NOT_DUE, sentence="It waits for its time.", until=job.due_at)


def _paused(_: Facts, wait: Wait) -> Explanation | None:
    pause = wait.pause
    if pause is None:
        return None
    by = f" by {pause.by}" if pause.by else ""
    since = f" since {moment(pause.since)}" if pause.since else ""
    why = f" ({pause.why})" if pause.why else ""
    what = _PAUSED[pause.target.kind]
    sentence = f"It is due, but {what} has been paused{by}{since}{why}, and waits to be resumed."
    return Explanation(reason=Reason.PAUSED, sentence=sentence)


_PAUSED = {
    Pausable.ACCOUNT: "its account",
    Pausable.CAMPAIGN: "its campaign",
    Pausable.CONNECTION: "its connection",
    Pausable.PROVIDER: "its provider",
}


def _unfit(_: Facts, wait: Wait) -> Explanation | None:
    if wait.unfit is None:
        return None
    why = f" ({wait.unfit})" if wait.unfit else ""
    sentence = f"It is due, but its account cannot post{why}; it goes when that is mended."
    return Explanation(reason=Reason.ACCOUNT, sentence=sentence)


def _out_of_turn(_: Facts, wait: Wait) -> Explanation | None:
    if wait.turn is None:
        return None
    sentence = f"It is due, but its campaign keeps order: {_named(wait.turn)} must end first."
    return Explanation(reason=Reason.ORDER, sentence=sentence)


def _look_alike(_: Facts, wait: Wait) -> Explanation | None:
    if wait.twin is None:
        return None
    sentence = f"It is due, but {_named(wait.twin)} looks the same; these go one at a time."
    return Explanation(reason=Reason.LOOK_ALIKE, sentence=sentence)


def _spaced(facts: Facts, wait: Wait) -> Explanation | None:
    if wait.close is not None:
        sentence = f"It is due, but keeps its distance: {_named(wait.close)} is on its way."
        return Explanation(reason=Reason.SPACING, sentence=sentence)
    until = wait.spaced_until
    if until is None or until <= facts.now:
        return None
    sentence = f"It is due{_behind(facts)}, but keeps its campaign's distance to the post before."
    return Explanation(reason=Reason.SPACING, sentence=sentence, until=until)


def _limits_unknown(facts: Facts, _: Wait) -> Explanation | None:
    if not facts.away:
        return None
    why = facts.away.rstrip(".")
    sentence = f"It is due, but the limits cannot be asked now, so that nothing is sent: {why}."
    return Explanation(reason=Reason.LIMITS_UNKNOWN, sentence=sentence)


def _limited(facts: Facts, wait: Wait) -> Explanation | None:
    full = None if facts.room is None else _latest(facts.room)
    if full is None:
        return _promised(facts, wait)
    sentence = f"It is due{_behind(facts)}, and waits for a limit: {full.limit}."
    return Explanation(reason=Reason.LIMIT, sentence=sentence, until=full.until, limit=full.limit)


def _promised(facts: Facts, wait: Wait) -> Explanation | None:
    """Name a limit that has room for those on their way only."""
    if facts.room is None:
        return None
    for room, going in (
        (facts.room.connection, wait.connection_in_flight),
        (facts.room.account, wait.lane_in_flight),
    ):
        if room.free is not None and room.free <= going:
            sentence = (
                f"It is due{_behind(facts)}, and waits for a limit: {room.limit}, of which the"
                f" rest is for those on their way ({going})."
            )
            return Explanation(reason=Reason.LIMIT, sentence=sentence, limit=room.limit)
    return None


def _latest(room: Room) -> Headroom | None:
    """Return the one of the two that is full and opens last."""
    full = [each for each in (room.connection, room.account) if each.free == 0]
    return max(full, key=lambda each: (each.until is not None, each.until), default=None)


def _lane_full(_: Facts, wait: Wait) -> Explanation | None:
    if wait.lane_in_flight < PER_LANE:
        return None
    going = wait.lane_in_flight
    sentence = f"It is due, but {going} posts of its account are on their way; no more go at once."
    return Explanation(reason=Reason.IN_FLIGHT, sentence=sentence)


def _queueing(facts: Facts, _: Wait) -> Explanation | None:
    behind = _behind(facts)
    if not behind:
        return None
    return Explanation(reason=Reason.BEHIND, sentence=f"It is due{behind} in its lane.")


def _next(_: Facts) -> Explanation:
    sentence = "It is due and nothing holds it: the scheduler's next tick takes it."
    return Explanation(reason=Reason.NEXT, sentence=sentence)


def _behind(facts: Facts) -> str:
    at = place(facts)
    if at is None:
        return f", behind more than {MOST_BEFORE:,} others"
    others = at - 1
    return f", behind {others} other{'' if others == 1 else 's'}" if others else ""


def _named(other: Other) -> str:
    return f"job {other.id} (ref {other.ref}, {other.state})"


_CLAUSES: tuple[Clause, ...] = (
    _not_due,
    _paused,
    _unfit,
    _out_of_turn,
    _look_alike,
    _spaced,
    _limits_unknown,
    _limited,
    _lane_full,
    _queueing,
)
