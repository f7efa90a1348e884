"""A provider's answer, and the three ways in which there is none.

NoAnswer
├── NotAdmitted    our limits, or a 429: it was not processed; come back at `until`
├── NotSent        refused, unresolved, no TLS, or never begun: surely not processed
└── AnswerLost     the request may have left and what became of it is unknown
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.domain.outcome import ErrorClass, Fault
from shared.errors import DroplineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body; `body` is the parsed JSON, or None where it is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    text: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004

    def at(self, *path: str) -> Any:
        """Return the value at a path of keys in the body, or None where it does not lead."""
        value = self.body
        for key in path:
            if not isinstance(value, Mapping):
                return None
            value = value.get(key)
        return value


class NoAnswer(DroplineError):
    """The provider gave no answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class NotAdmitted(NoAnswer):
    """The limits do not admit the request now, or the provider answered 429."""

    def __init__(self, fault: Fault, until: datetime) -> None:
        super().__init__(fault)
        self.until = until


class NotSent(NoAnswer):
    """The request surely did not leave."""

    again = True


class NeverAdmitted(NotSent):
    """A limit does not admit the request at the best of times."""

    again = False


class AnswerLost(NoAnswer):
    """The request may have left; nobody knows what became of it."""


class CallFailed(DroplineError):
    """The provider answered a call that changes nothing with a refusal."""

    def __init__(self, fault: Fault, *, again: bool) -> None:
        super().__init__(fault.message)
        self.fault = fault
        #: Whether the same call may work later.
        self.again = again


def class_of(status: int) -> ErrorClass:
    """Return the class of an HTTP status, for an answer to a call that changes nothing.

    The table of the providers' sheets; a 5xx to a publish call is the caller's to raise to
    `unknown_outcome`.
    """
    by_status = {
        401: ErrorClass.AUTH,
        402: ErrorClass.BILLING,
        403: ErrorClass.FORBIDDEN,
        404: ErrorClass.NOT_FOUND,
        409: ErrorClass.CONFLICT,
        410: ErrorClass.NOT_FOUND,
        429: ErrorClass.RATE_LIMITED,
    }
    if status in by_status:
        return by_status[status]
    if 400 <= status < 500:  # noqa: PLR2004
        return ErrorClass.VALIDATION
    return ErrorClass.TRANSIENT
