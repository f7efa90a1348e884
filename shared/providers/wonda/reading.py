"""Wonda's values read tolerantly: null anywhere, numbers for texts, unknown words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict

#: Every word of the sheet's section 6; whatever else comes is in flight.
_VERDICTS = {
    "queued": Verdict.PENDING,
    "idle": Verdict.PENDING,
    "locked": Verdict.PENDING,
    "in_progress": Verdict.PENDING,
    "scheduled": Verdict.PENDING,
    "succeeded": Verdict.SUCCEEDED,
    "failed": Verdict.FAILED,
    "canceled": Verdict.CANCELLED,
    "cancelled": Verdict.CANCELLED,
}

#: The platform's own id of a post.
_POST_IDS = {"instagram": "igMediaId", "tiktok": "tiktokMediaId"}


def text_of(value: Any) -> str:
    """Return a text or a number as text; anything else is ''."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def instant_of(value: Any) -> datetime | None:
    """Return an ISO 8601 instant in UTC, or None where there is none to read."""
    try:
        instant = datetime.fromisoformat(text_of(value))
    except ValueError:
        return None
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)


def verdict_of(word: str) -> Verdict:
    return _VERDICTS.get(word.strip().lower(), Verdict.PENDING)


def status_of(publish_id: str, facts: Mapping[str, Any], platform: str, *, inbox: bool) -> Status:
    """Read a job (D), a history row (S) or a carousel's answer (S): their keys are the same.

    What waits in the creator's inbox has no public address yet.
    """
    word = text_of(facts.get("status"))
    verdict = verdict_of(word)
    return Status(
        publish_id=publish_id,
        verdict=verdict,
        raw=word,
        permalink=None if inbox else text_of(facts.get("permalink")) or None,
        platform_post_id=text_of(facts.get(_POST_IDS[platform])) or None,
        delivered_to_inbox=inbox and verdict is Verdict.SUCCEEDED,
        fault=_rejection(facts) if verdict is Verdict.FAILED else None,
    )


def _rejection(facts: Mapping[str, Any]) -> Fault:
    """Instagram's history rows say neither code nor message (S)."""
    code = text_of(facts.get("errorCode")) or None
    message = text_of(facts.get("errorMessage")) or "the platform refused the post"
    return Fault(error_class=ErrorClass.REJECTED, code=code, message=message)
