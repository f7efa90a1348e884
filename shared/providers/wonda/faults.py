"""Wonda's errors: the one table of its machine codes (D), and the envelope read tolerantly."""

from collections.abc import Mapping

from shared.domain.outcome import ErrorClass, Fault
from shared.logs import redact
from shared.providers.wonda.reading import text_of
from shared.wire.answer import Answer, CallFailed, class_of

CLASSES: Mapping[str, ErrorClass] = {
    "validation_error": ErrorClass.VALIDATION,
    "bad_request": ErrorClass.VALIDATION,
    "unknown_project": ErrorClass.VALIDATION,
    "unauthorized": ErrorClass.AUTH,
    "payment_required": ErrorClass.BILLING,
    "insufficient_credits": ErrorClass.BILLING,
    "forbidden": ErrorClass.FORBIDDEN,
    "feature_disabled": ErrorClass.FORBIDDEN,
    "paid_plan_required": ErrorClass.FORBIDDEN,
    "not_found": ErrorClass.NOT_FOUND,
    "conflict": ErrorClass.CONFLICT,
    "gone": ErrorClass.NOT_FOUND,
    "rate_limit_exceeded": ErrorClass.RATE_LIMITED,
    "throttled": ErrorClass.RATE_LIMITED,
    "internal_server_error": ErrorClass.TRANSIENT,
}

#: As much of a body that is not the envelope as a person wants to read.
_SHOWN_CHARACTERS = 300


def fault_of(answer: Answer) -> Fault:
    """Read `{"error": {"message", "code"}}`, a bare string, or a body that is no JSON (D)."""
    error = answer.at("error")
    envelope = error if isinstance(error, Mapping) else {"message": error}
    code = text_of(envelope.get("code"))
    message = text_of(envelope.get("message")) or answer.text.strip()[:_SHOWN_CHARACTERS]
    return Fault(
        error_class=CLASSES.get(code.lower(), class_of(answer.status)),
        code=code or None,
        message=redact(message) or f"HTTP {answer.status}",
    )


def required(answer: Answer) -> Answer:
    """Return the answer to a call that changes nothing, or raise CallFailed."""
    if answer.ok:
        return answer
    raise CallFailed(fault_of(answer), again=class_of(answer.status) is ErrorClass.TRANSIENT)


def unreadable(answer: Answer, what: str) -> Fault:
    """Say that a 2xx does not hold what its endpoint promises."""
    return Fault(
        error_class=ErrorClass.TRANSIENT,
        code="unreadable_answer",
        message=f"HTTP {answer.status} without {what}",
    )
