"""WAHDX's answers read tolerantly: errors, accounts and statuses, wherever their parts sit."""

from collections.abc import Mapping
from typing import Any

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Kind, Post
from shared.domain.status import Status, Verdict
from shared.logs import redact
from shared.wire.answer import Answer, CallFailed, class_of

#: Every word of the sheet's section 7, and the concepts of its prose (D); whatever else comes
#: is in flight. What reached the inbox is over only where a draft was asked for.
_VERDICTS = {
    "PUBLISH_INITIATED": Verdict.PENDING,
    "PROCESSING_UPLOAD": Verdict.PENDING,
    "PROCESSING_DOWNLOAD": Verdict.PENDING,
    "PUBLISH_COMPLETE": Verdict.SUCCEEDED,
    "PUBLISHED": Verdict.SUCCEEDED,
    "FAILED": Verdict.FAILED,
}
_IN_INBOX = "SEND_TO_USER_INBOX"

#: As much of a body that is not the error object as a person wants to read.
_SHOWN_CHARACTERS = 300


def text_of(value: Any) -> str:
    """Return a text or a number as text; anything else is ''."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def denied(facts: Any) -> bool:
    """Whether a 2xx says no: `success` is false (S), or an error stands where it lacks (D)."""
    if not isinstance(facts, Mapping):
        return False
    success = facts.get("success")
    if success is None:
        return bool(facts.get("error"))
    return str(success).lower() not in {"true", "1"}


def fault_of(answer: Answer) -> Fault:
    """Read the flat error object; there is no machine code, so the HTTP status decides (S)."""
    error = answer.at("error")
    sentence = text_of(answer.at("error", "message")) if isinstance(error, Mapping) else error
    message = text_of(sentence) or answer.text.strip()[:_SHOWN_CHARACTERS]
    return Fault(
        error_class=ErrorClass.VALIDATION if answer.ok else class_of(answer.status),
        message=redact(message) or f"HTTP {answer.status}",
    )


def required(answer: Answer) -> Answer:
    """Return the answer to a call that changes nothing, or raise CallFailed."""
    if answer.ok and not denied(answer.body):
        return answer
    again = not answer.ok and class_of(answer.status) is ErrorClass.TRANSIENT
    raise CallFailed(fault_of(answer), again=again)


def unreadable(answer: Answer, what: str) -> Fault:
    """Say that a 2xx does not hold what its endpoint promises."""
    return Fault(
        error_class=ErrorClass.TRANSIENT,
        code="unreadable_answer",
        message=f"HTTP {answer.status} without {what}",
    )


def flat(body: Any) -> dict[str, Any]:
    """Bring the parts of an answer to one level: they sit at the top, in `data` or below (S)."""
    levels = []
    while isinstance(body, Mapping):
        levels.append({key: value for key, value in body.items() if value is not None})
        body = body.get("data")
    return {key: value for level in reversed(levels) for key, value in level.items()}


def publish_id_of(facts: Mapping[str, Any]) -> str:
    """Return the id of a publish; the request's key and the platform's own word coexist (S)."""
    named = (text_of(facts.get(key)) for key in ("publish_id", "publishId", "id"))
    return next(filter(None, named), "")


def media_type_of(post: Post) -> str:
    return "video" if post.kind is Kind.VIDEO else "photo"


def status_of(publish_id: str, facts: Mapping[str, Any], post: Post) -> Status:
    """Read flat facts; success does not imply a public address (D)."""
    word = text_of(facts.get("status"))
    verdict = _verdict(word.strip().upper(), post)
    return Status(
        publish_id=publish_id,
        verdict=verdict,
        raw=word,
        permalink=None if post.inbox else _permalink(facts, post),
        platform_post_id=_post_id(facts) or None,
        delivered_to_inbox=post.inbox and verdict is Verdict.SUCCEEDED,
        fault=_rejection(facts) if verdict is Verdict.FAILED else None,
    )


def _verdict(word: str, post: Post) -> Verdict:
    if word == _IN_INBOX and post.inbox:
        return Verdict.SUCCEEDED
    return _VERDICTS.get(word, Verdict.PENDING)


def _permalink(facts: Mapping[str, Any], post: Post) -> str | None:
    """Take the address, or of the two candidates the one of the post's own kind (S)."""
    candidates = facts.get("public_post_url_candidates")
    of_kind = candidates.get(media_type_of(post)) if isinstance(candidates, Mapping) else None
    return text_of(facts.get("public_post_url")) or text_of(of_kind) or None


def _post_id(facts: Mapping[str, Any]) -> str:
    """Read the list under TikTok's misspelt key (S), else the id that the others answer with."""
    public = facts.get("publicaly_available_post_id")
    first = next(iter(public), None) if isinstance(public, list) else public
    return text_of(first) or text_of(facts.get("id"))


def _rejection(facts: Mapping[str, Any]) -> Fault:
    reason = text_of(facts.get("fail_reason"))
    message = reason or text_of(facts.get("error")) or "the platform refused the post"
    return Fault(error_class=ErrorClass.REJECTED, code=reason or None, message=message)
