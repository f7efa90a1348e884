"""The model provider: three adapters, one for each thing that can follow a lost answer."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import SecretStr
from typing_extensions import override

from shared.connected import Connected
from shared.domain.account import Account
from shared.domain.capabilities import Capabilities, LostAnswer, Shape, Source
from shared.domain.limit import Call, Limit
from shared.domain.lost import Absent, Ambiguous, Found, Sighting
from shared.domain.outcome import Accepted, Fault, Outcome, Receipt, Succeeded
from shared.domain.post import Kind
from shared.domain.status import Status, Verdict
from shared.provider import Lost, Order, Provider, Publish, refused
from shared.settings import Connection
from shared.wire.answer import Answer, CallFailed, class_of
from shared.wire.clients import Clients, Telephone
from shared.wire.watchdog import Line, Watchdog
from shared.wire.wire import Content, Wire
from tests.support.model_service import ModelService, ModelTransport

_VERDICTS = {
    "pending": Verdict.PENDING,
    "posted": Verdict.SUCCEEDED,
    "failed": Verdict.FAILED,
    "cancelled": Verdict.CANCELLED,
}
_TIMEOUT = timedelta(seconds=60)


def _capabilities(lost_answer: LostAnswer, **more: Any) -> Capabilities:
    shape = Shape(media_min=0, media_max=10)
    return Capabilities(
        shapes={("model", Kind.TEXT): shape, ("model", Kind.CAROUSEL): shape},
        sources=frozenset({Source.URL}),
        lost_answer=lost_answer,
        history=lost_answer is not LostAnswer.HOLD,
        cancel=True,
        synchronous=frozenset({("model", Kind.CAROUSEL)}),
        **more,
    )


class ModelProvider(Provider):
    """Speaks to the service over a real wire."""

    name = "searching"
    base_url = "http://searching.test"
    capabilities: ClassVar[Capabilities] = _capabilities(LostAnswer.SEARCH)

    def __init__(self) -> None:
        self._keys = itertools.count(1)

    @override
    def auth(self, key: str) -> Mapping[str, str]:
        return {"Authorization": key}

    @override
    def accounts(self, wire: Wire) -> list[Account]:
        return []

    @override
    def _publish(self, order: Order, wire: Wire) -> Outcome:
        key = f"{self.name}-{next(self._keys)}"
        memo = order.replay or {"key": key, "said": order.post.caption}
        body = {
            "job": order.job_id,
            "account": order.post.account_id,
            "caption": order.post.caption,
            "kind": str(order.post.kind),
            **memo,
        }
        content = Content(raw=json.dumps(body).encode())
        account = order.post.account_id
        answer = wire.publish("/posts", content, account=account, memo=memo, timeout=_TIMEOUT)
        if not answer.ok:
            fault = Fault(error_class=class_of(answer.status), code=str(answer.status))
            return refused(answer, fault, again=answer.status == httpx.codes.CONFLICT)
        receipt = Receipt(publish_id=answer.body["id"], provider_status=answer.body["status"])
        return Accepted(receipt) if answer.body["status"] == "pending" else Succeeded(receipt)

    @override
    def _statuses(self, publishes: Sequence[Publish], wire: Wire) -> Iterator[Mapping[str, Status]]:
        ids = ",".join(publish.publish_id for publish in publishes)
        answer = _taken(wire.get(Call.STATUS, "/status", {"ids": ids}))
        yield {row["asked"]: _status(row) for row in answer.body}

    @override
    def _find(self, lost: Lost, wire: Wire) -> Sighting:
        answer = _taken(wire.get(Call.HISTORY, "/posts", {"account": lost.post.account_id}))
        matches = [
            row
            for row in answer.body
            if row["caption"] == lost.post.caption
            and datetime.fromisoformat(row["stored_at"]) >= lost.sent_at
            and row["id"] not in lost.claimed
        ]
        if not matches:
            return Absent()
        if len(matches) > 1:
            return Ambiguous(tuple(row["id"] for row in matches))
        return Found(_status(matches[0]))

    @override
    def cancel(self, publish: Publish, wire: Wire) -> Status:
        return _status(_taken(wire.post(Call.CANCEL, "/cancel", {"id": publish.publish_id})).body)


class ReplayingProvider(ModelProvider):
    """Takes the same bytes under the same key twice."""

    name = "replaying"
    base_url = "http://replaying.test"
    capabilities: ClassVar[Capabilities] = _capabilities(
        LostAnswer.REPLAY, replay_window=timedelta(hours=1)
    )


class HoldingProvider(ModelProvider):
    """Cannot be asked."""

    name = "holding"
    base_url = "http://holding.test"
    capabilities: ClassVar[Capabilities] = _capabilities(LostAnswer.HOLD)


class ModelClients(Clients):
    """One client without sockets; all calls of a machine are made on one thread."""

    def __init__(self, service: ModelService) -> None:
        self._builder = httpx.Client(transport=ModelTransport(service))
        self._telephone = Telephone(self._builder, Line())

    @override
    @contextmanager
    def telephone(self, origin: str) -> Iterator[Telephone]:
        yield self._telephone

    @override
    def close(self) -> None:
        self._telephone.client.close()


class StillWatchdog(Watchdog):
    """Cuts nothing: without sockets no call is stuck on one."""

    def __init__(self) -> None:
        self._stopped = False

    @override
    @contextmanager
    def guard(self, line: Line, deadline: float) -> Iterator[None]:
        yield

    @override
    def stop(self) -> None:
        self._stopped = True


def connected(*limits: Limit) -> dict[str, Connected]:
    """Return one connection for each adapter, named like it; the limits are the replaying one's."""
    made = {}
    for adapter in (ModelProvider(), ReplayingProvider(), HoldingProvider()):
        connection = Connection(
            name=adapter.name,
            provider=adapter.name,
            base_url=adapter.base_url,
            key=SecretStr("sk_model"),
            key_variable="NOT_READ",
            limits=limits if adapter.name == "replaying" else (),
        )
        made[adapter.name] = Connected(connection=connection, provider=adapter, account_limits={})
    return made


def _taken(answer: Answer) -> Answer:
    if not answer.ok:
        fault = Fault(error_class=class_of(answer.status), code=str(answer.status))
        raise CallFailed(fault, again=True)
    return answer


def _status(row: Mapping[str, str]) -> Status:
    if "id" not in row:
        return Status(publish_id=row["asked"], verdict=Verdict.UNKNOWN, raw="not found")
    verdict = _VERDICTS.get(row["status"], Verdict.PENDING)
    return Status(publish_id=row["id"], verdict=verdict, raw=row["status"])
