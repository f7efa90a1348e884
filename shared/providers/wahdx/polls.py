"""How publishes at WAHDX stand: one by its path, many by the batch call."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.providers.wahdx.reading import (
    denied,
    fault_of,
    flat,
    media_type_of,
    publish_id_of,
    required,
    status_of,
    text_of,
    unreadable,
)
from shared.wire.answer import CallFailed
from shared.wire.wire import Wire

_NOT_FOUND = 404


def ask(publishes: Sequence[Publish], wire: Wire, batch: int) -> Iterator[Mapping[str, Status]]:
    """Iterate the answers, one for each batch. Raises NoAnswer, CallFailed."""
    for start in range(0, len(publishes), batch):
        yield _some(publishes[start : start + batch], wire)


def _some(publishes: Sequence[Publish], wire: Wire) -> Mapping[str, Status]:
    if len(publishes) == 1:
        return _one(publishes[0], wire)
    return _many(publishes, wire)


def _one(publish: Publish, wire: Wire) -> Mapping[str, Status]:
    """Ask for one; TikTok's ids hold `~` and `.` and are encoded in the path (S)."""
    ids = (publish.post.account_id, publish.publish_id)
    account_id, publish_id = (quote(each, safe="") for each in ids)
    answer = wire.get(
        Call.STATUS,
        f"/api/content/status/{account_id}/{publish_id}",
        _media_type(publish),
        account=publish.post.account_id,
    )
    if answer.status == _NOT_FOUND or (answer.ok and denied(answer.body)):
        return {publish.publish_id: _unknown(publish, fault_of(answer).message)}
    facts = flat(required(answer).body)
    if "status" not in facts:
        raise CallFailed(unreadable(answer, "data.status"), again=True)
    named = {text_of(facts.get(key)) for key in ("publish_id", "publishId")} - {""}
    if named and publish.publish_id not in named:
        return {publish.publish_id: _unknown(publish, "the answer is about another publish")}
    return {publish.publish_id: status_of(publish.publish_id, facts, publish.post)}


def _many(publishes: Sequence[Publish], wire: Wire) -> Mapping[str, Status]:
    """Match the results by account and publish id; `byAccountId` may be missing (S)."""
    checks = [_check(publish) for publish in publishes]
    answer = required(wire.post(Call.STATUS, "/api/content/status/batch", {"checks": checks}))
    results = answer.at("data", "results")
    if not isinstance(results, list):
        raise CallFailed(unreadable(answer, "data.results"), again=True)
    found = {_key(result): result for result in results if isinstance(result, Mapping)}
    asked = {(publish.post.account_id, publish.publish_id): publish for publish in publishes}
    return {
        publish.publish_id: _result(publish, found[key])
        for key, publish in asked.items()
        if key in found
    }


def _check(publish: Publish) -> dict[str, str]:
    ids = {"accountId": publish.post.account_id, "publishId": publish.publish_id}
    return ids | _media_type(publish)


def _media_type(publish: Publish) -> dict[str, str]:
    """Name the kind, for TikTok only: without it there are two addresses, one of them wrong (S)."""
    on_tiktok = publish.post.platform == "tiktok"
    return {"mediaType": media_type_of(publish.post)} if on_tiktok else {}


def _key(result: Mapping[str, Any]) -> tuple[str, str]:
    publish_id = text_of(result.get("publishId")) or publish_id_of(result)
    return text_of(result.get("accountId")), publish_id


def _result(publish: Publish, result: Mapping[str, Any]) -> Status:
    if denied(result):
        return _unknown(publish, text_of(result.get("error")))
    return status_of(publish.publish_id, flat(result), publish.post)


def _unknown(publish: Publish, message: str) -> Status:
    """Say that the check failed, not the publish (S)."""
    said = message or "WAHDX did not say why the check failed"
    fault = Fault(error_class=ErrorClass.NOT_FOUND, code="check_failed", message=said)
    return Status(publish_id=publish.publish_id, verdict=Verdict.UNKNOWN, raw="", fault=fault)
