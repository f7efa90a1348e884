"""PostEverywhere's envelope and its errors: one table from its codes to our classes."""

from collections.abc import Mapping
from typing import Any

from shared.domain.outcome import Accepted, ErrorClass, Fault, Outcome, Receipt, Uncertain
from shared.provider import refused
from shared.wire.answer import Answer, CallFailed, class_of
from shared.wire.values import first, rows, text

#: The codes of the sheet's section 7 (D); a code that is not here is classed by its HTTP status.
CLASSES: Mapping[str, ErrorClass] = {
    "validation_error": ErrorClass.VALIDATION,
    "invalid_json": ErrorClass.VALIDATION,
    "invalid_field_name": ErrorClass.VALIDATION,
    "content_too_long": ErrorClass.VALIDATION,
    "post_creation_failed": ErrorClass.VALIDATION,
    "authentication_failed": ErrorClass.AUTH,
    "insufficient_credits": ErrorClass.BILLING,
    "insufficient_scope": ErrorClass.FORBIDDEN,
    "not_found": ErrorClass.NOT_FOUND,
    "post_already_published": ErrorClass.CONFLICT,
    #: The same content has failed five times: it will never be taken.
    "permanent_failure_circuit_breaker": ErrorClass.VALIDATION,
    "rate_limit_exceeded": ErrorClass.RATE_LIMITED,
    "rate_limited": ErrorClass.RATE_LIMITED,
    "internal_error": ErrorClass.TRANSIENT,
    "service_unavailable": ErrorClass.TRANSIENT,
}

_PASSING = frozenset({ErrorClass.TRANSIENT, ErrorClass.RATE_LIMITED})


def fault_of(answer: Answer) -> Fault:
    """Return what the answer complains of."""
    error = answer.at("error")
    code = text(first(error, "code"))
    message = text(first(error, "message")) or text(error) or f"HTTP {answer.status}"
    reasons = [text(first(each, "message")) for each in rows(_validation_errors(answer))]
    unsaid = [reason for reason in reasons if reason and reason not in message]
    return Fault(
        error_class=CLASSES.get(code, class_of(answer.status)),
        code=code or None,
        message=" ".join([message, *unsaid]),
    )


def _validation_errors(answer: Answer) -> Any:
    return answer.at("error", "details", "validation_errors")


def retryable(answer: Answer) -> bool | None:
    """Return the provider's own verdict, which goes before the status (D); older ones lack it."""
    verdict = answer.at("error", "retryable")
    return verdict if isinstance(verdict, bool) else None


def content_of(answer: Answer) -> Any:
    """Return what the answer carries, or None where it is no success.

    `error: null` with something in `data` is a success even on a non-2xx status (D).
    """
    if not isinstance(answer.body, Mapping) or answer.body.get("error") is not None:
        return None
    if "data" in answer.body:
        return answer.body["data"]
    return answer.body if answer.ok else None


def required(answer: Answer) -> Any:
    """Return what the answer to a call that changes no post carries. Raises CallFailed."""
    content = content_of(answer)
    if content is not None:
        return content
    if answer.ok and answer.at("error") is None:
        message = f"a {answer.status} that cannot be read"
        raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
    fault, verdict = fault_of(answer), retryable(answer)
    raise CallFailed(fault, again=fault.error_class in _PASSING if verdict is None else verdict)


def publish_id_of(row: Any) -> str:
    """Return the id of a post, or '' where it has none (`post_group_id` is the oldest name)."""
    return text(first(row, "post_id", "id", "post_group_id"))


def outcome_of(answer: Answer) -> Outcome:
    """Return what the publish call came to."""
    created = content_of(answer)
    publish_id = publish_id_of(created)
    if publish_id:
        word = text(first(created, "status", "post_status")) or "publishing"
        return Accepted(Receipt(publish_id=publish_id, provider_status=word))
    if answer.ok:
        message = f"a {answer.status} without a post id: {fault_of(answer).message}"
        return Uncertain(Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, message=message))
    return refused(answer, fault_of(answer), again=retryable(answer) is True)
