"""An explanation: why a job is where it is, until when, when it should go, and what if not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a job is where it is, in one word that scripts may hold on to."""

    ENDED = "ended"
    NOT_DUE = "not_due"
    DEFERRED = "deferred"
    RETRYING = "retrying"
    PAUSED = "paused"
    ACCOUNT = "account"
    ORDER = "order"
    LOOK_ALIKE = "look_alike"
    SPACING = "spacing"
    LIMITS_UNKNOWN = "limits_unknown"
    LIMIT = "limit"
    IN_FLIGHT = "in_flight"
    BEHIND = "behind"
    NEXT = "next"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    IN_PROGRESS = "in_progress"
    UNCERTAIN = "uncertain"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What ends or holds a job that has not gone by `at`."""

    #: `not_after`, or the late policy as it is written: `skip after 2h`.
    policy: str
    at: datetime
    #: `failed` or `held`.
    then: str
    #: Whether it is expected to come to that; None = nobody can know.
    expected: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One sentence for a person, and the same as values."""

    reason: Reason
    sentence: str
    #: When something should happen next; None = nobody can know, or nothing will.
    until: datetime | None = None
    #: When it should go out, as things stand; None = nobody can know, or it has gone.
    expected_at: datetime | None = None
    #: Its place among the due jobs of its lane, from 1, as dispatch takes them.
    position: int | None = None
    #: The limit that holds it, or will put it off, in words.
    limit: str | None = None
    late: Late | None = None
