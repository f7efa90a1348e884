"""How publishes at Wonda stand: singles by their job, carousels by the history of their account.

A history row does not name the job it came from (S), so singles are asked one by one. After a
lost answer the row's id stands for a single publish as well: an id that is no job's is looked
for in the history.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Kind
from shared.domain.status import Status, Verdict
from shared.provider import Publish
from shared.providers.wonda.faults import required, unreadable
from shared.providers.wonda.history import SKEW, History
from shared.providers.wonda.reading import status_of, text_of
from shared.providers.wonda.search import matching
from shared.wire.answer import Answer, CallFailed, NoAnswer
from shared.wire.wire import Wire

_NO_SUCH_JOB = frozenset({400, 404})


def ask(publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
    """Iterate the answers; a question that Wonda refuses does not keep it from the next.

    Raises NoAnswer at once, and the first CallFailed at the end.
    """
    refusal: CallFailed | None = None
    for question in _questions(publishes, wire):
        try:
            yield question()
        except CallFailed as refused:
            refusal = refusal or refused
    if refusal is not None:
        raise refusal


Question = Callable[[], Mapping[str, Status]]


def _questions(publishes: Sequence[Publish], wire: Wire) -> Iterator[Question]:
    carousels = defaultdict(list)
    for publish in publishes:
        if publish.post.kind is Kind.CAROUSEL:
            carousels[publish.post.platform, publish.post.account_id].append(publish)
        else:
            yield partial(_single, publish, wire)
    for group in carousels.values():
        yield partial(_in_history, group, wire)


def _single(publish: Publish, wire: Wire) -> Mapping[str, Status]:
    path = f"/api/v1/jobs/publish/{quote(publish.publish_id, safe='')}"
    answer = wire.get(Call.STATUS, path, account=publish.post.account_id)
    if answer.status in _NO_SUCH_JOB:
        return _in_history([publish], wire)
    return {publish.publish_id: _linked(publish, required(answer), wire)}


def _linked(publish: Publish, answer: Answer, wire: Wire) -> Status:
    """Add the address, which a job's success need not carry (D), from the history row."""
    if not isinstance(answer.body, Mapping):
        raise CallFailed(unreadable(answer, "a job"), again=True)
    if text_of(answer.body.get("outputJobId")) not in {"", publish.publish_id}:
        return _unknown(publish.publish_id)
    post = publish.post
    status = status_of(publish.publish_id, answer.body, post.platform, inbox=post.inbox)
    bare = status.verdict is Verdict.SUCCEEDED and status.permalink is None
    if bare and post.platform == "instagram":
        row_id = text_of(answer.at("instagramPublishId"))
        with contextlib.suppress(NoAnswer, CallFailed):
            return _with_address(status, publish, row_id, wire)
    return status


def _with_address(status: Status, publish: Publish, row_id: str, wire: Wire) -> Status:
    rows = matching(publish.post, publish.sent_at, wire)
    ours = [row for row in rows if row.publish_id == row_id] if row_id else rows
    if len(ours) != 1:
        return status
    listed = ours[0].status(publish.publish_id, inbox=publish.post.inbox)
    post_id = status.platform_post_id or listed.platform_post_id
    return replace(status, permalink=listed.permalink, platform_post_id=post_id)


def _in_history(group: Sequence[Publish], wire: Wire) -> Mapping[str, Status]:
    """Walk one account's history until every one of the group was seen."""
    post = group[0].post
    wanted = {publish.publish_id: publish for publish in group}
    oldest = min(publish.sent_at for publish in group) - SKEW
    found: dict[str, Status] = {}
    history = History(wire=wire, platform=post.platform, account_id=post.account_id)
    for row in history.since(oldest):
        publish = wanted.get(row.publish_id)
        if publish is not None:
            found[row.publish_id] = row.status(row.publish_id, inbox=publish.post.inbox)
        if len(found) == len(wanted):
            break
    return {publish_id: found.get(publish_id) or _unknown(publish_id) for publish_id in wanted}


def _unknown(publish_id: str) -> Status:
    message = f"Wonda lists no publish {publish_id}"
    fault = Fault(error_class=ErrorClass.NOT_FOUND, code="not_found", message=message)
    return Status(publish_id=publish_id, verdict=Verdict.UNKNOWN, raw="", fault=fault)
