"""The states of a job and the one table of moves between them.

scheduled ─→ queued ─→ publishing ─┬─→ in_progress ─→ succeeded
    ↑           │          │       ├─→ succeeded | failed
    └───────────┴──────────┘       ├─→ retrying ─→ queued
      (deferred, handed back)      ├─→ uncertain ─→ queued | in_progress | succeeded | retrying
                                   └─→ held ─→ scheduled | retrying | in_progress | an ending
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.errors import IllegalMove


class State(StrEnum):
    """Where a job stands; provider words are kept beside it, never in it."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    IN_PROGRESS = "in_progress"
    RETRYING = "retrying"
    UNCERTAIN = "uncertain"
    HELD = "held"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})

#: Nothing moves any more without a person or an outside event.
AT_REST = FINAL | {State.HELD}

#: Waiting for its time; dispatch looks at these.
WAITING = frozenset({State.SCHEDULED, State.RETRYING})

MOVES: Mapping[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.QUEUED, State.HELD, State.CANCELLED, State.FAILED}),
    State.QUEUED: frozenset(
        {State.PUBLISHING, State.SCHEDULED, State.HELD, State.CANCELLED, State.FAILED}
    ),
    State.PUBLISHING: frozenset(
        {
            State.IN_PROGRESS,
            State.SUCCEEDED,
            State.RETRYING,
            State.SCHEDULED,
            State.UNCERTAIN,
            State.HELD,
            State.FAILED,
        }
    ),
    State.IN_PROGRESS: frozenset(
        {State.SUCCEEDED, State.FAILED, State.RETRYING, State.HELD, State.CANCELLED}
    ),
    State.RETRYING: frozenset({State.QUEUED, State.HELD, State.CANCELLED, State.FAILED}),
    State.UNCERTAIN: frozenset(
        {
            State.QUEUED,
            State.IN_PROGRESS,
            State.SUCCEEDED,
            State.RETRYING,
            State.HELD,
            State.FAILED,
        }
    ),
    State.HELD: frozenset(
        {
            State.SCHEDULED,
            State.RETRYING,
            State.IN_PROGRESS,
            State.SUCCEEDED,
            State.FAILED,
            State.CANCELLED,
        }
    ),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


def advance(current: State, to: State) -> State:
    """Return `to`, or raise IllegalMove: the only way a state changes."""
    if to not in MOVES[current]:
        raise IllegalMove(f"a job cannot go from {current} to {to}")
    return to
