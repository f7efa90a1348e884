"""Genviral's envelope and its errors: one table from its codes to our classes."""

from collections.abc import Mapping
from typing import Any

from shared.domain.outcome import Accepted, ErrorClass, Fault, Outcome, Receipt, Uncertain
from shared.provider import refused
from shared.wire.answer import Answer, CallFailed, class_of
from shared.wire.values import first, text

#: The codes of the sheet's sections 2, 4 and 5; a code that is not here is classed by its HTTP
#: status. `create_failed` must not be here: it is a conflict with 409 and a fault with 500 (D).
CLASSES: Mapping[str, ErrorClass] = {
    "invalid_json": ErrorClass.VALIDATION,
    "invalid_payload": ErrorClass.VALIDATION,
    "validation_failed": ErrorClass.VALIDATION,
    "invalid_music_url": ErrorClass.VALIDATION,
    "media_unreachable": ErrorClass.VALIDATION,
    "invalid_since": ErrorClass.VALIDATION,
    "invalid_until": ErrorClass.VALIDATION,
    "too_many_post_ids": ErrorClass.VALIDATION,
    "unknown_accounts": ErrorClass.ACCOUNT,
    "missing_accounts": ErrorClass.ACCOUNT,
    "invalid_token": ErrorClass.AUTH,
    "subscription_required": ErrorClass.BILLING,
    "tier_not_allowed": ErrorClass.FORBIDDEN,
    "not_found": ErrorClass.NOT_FOUND,
    "external_id_immutable": ErrorClass.CONFLICT,
    "rate_limited": ErrorClass.RATE_LIMITED,
    "accounts_failed": ErrorClass.TRANSIENT,
    "get_failed": ErrorClass.TRANSIENT,
    "list_failed": ErrorClass.TRANSIENT,
    "bulk_delete_failed": ErrorClass.TRANSIENT,
}

_PASSING = frozenset({ErrorClass.TRANSIENT, ErrorClass.RATE_LIMITED})


def fault_of(answer: Answer) -> Fault:
    """Return what the answer complains of; `error_code` is optional (D)."""
    code = text(answer.at("error_code"))
    return Fault(
        error_class=CLASSES.get(code, class_of(answer.status)),
        code=code or None,
        message=text(answer.at("message")) or f"HTTP {answer.status}",
    )


def content_of(answer: Answer) -> Any:
    """Return what a success carries, or None where the answer is none."""
    if not answer.ok or answer.at("ok") is False:
        return None
    return answer.at("data")


def required(answer: Answer) -> Any:
    """Return what the answer to a call that changes no post carries. Raises CallFailed."""
    content = content_of(answer)
    if content is not None:
        return content
    if answer.ok and answer.at("ok") is not False:
        message = f"a {answer.status} that cannot be read"
        raise CallFailed(Fault(error_class=ErrorClass.TRANSIENT, message=message), again=True)
    fault = fault_of(answer)
    raise CallFailed(fault, again=fault.error_class in _PASSING)


def publish_id_of(row: Any) -> str:
    return text(first(row, "id", "post_id"))


def outcome_of(answer: Answer) -> Outcome:
    """Return what the publish call came to: 201 = new, 200 = the one this key made before (D)."""
    content = content_of(answer)
    created = answer.body if content is None and answer.ok else content
    publish_id = publish_id_of(created) if answer.at("ok") is not False else ""
    if publish_id:
        word = text(first(created, "status")) or "pending"
        return Accepted(Receipt(publish_id=publish_id, provider_status=word))
    if answer.ok:
        message = f"a {answer.status} without a post id: {fault_of(answer).message}"
        return Uncertain(Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, message=message))
    return refused(answer, fault_of(answer))
