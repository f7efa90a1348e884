"""The wire: what an adapter speaks through. Every request is admitted before and learnt from after.

admit ─→ send ─→ learn ─→ Answer
  │       │        └─ 429 ─→ NotAdmitted(until)
  │       ├─ nothing left ─→ NotSent (the reservation is given back)
  │       └─ may have left ─→ AnswerLost
  ├─ not now ─→ NotAdmitted(until)
  └─ never ─→ NeverAdmitted
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from shared.domain.limit import Call, Reading, Reply, Scope
from shared.domain.outcome import ErrorClass, Fault
from shared.errors import LimiterUnavailable, ProviderMisuse
from shared.logs import logger
from shared.settings import Connection
from shared.wire.admitting import Admitting
from shared.wire.answer import Answer, NotAdmitted
from shared.wire.clients import CONNECT_TIMEOUT
from shared.wire.exchange import Exchange
from shared.wire.road import Gate, Road

log = logger(__name__)

#: What a 429 without any figure asks for when the limiter has no better idea.
DEFAULT_WAIT = timedelta(seconds=5)

READ_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One connection's address and its headers of authentication (a secret: never logged)."""

    connection: Connection
    base_url: str
    auth: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a request carries; at most one of `json`, `raw` and `files` is set."""

    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    #: Exact bytes of a JSON body, where a replay must repeat them.
    raw: bytes | None = None
    #: As httpx takes them: part name -> (file name, open file, content type).
    files: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Wire:
    """One adapter's road to one connection, for the time of one job, poll or look."""

    def __init__(
        self,
        road: Road,
        endpoint: Endpoint,
        *,
        deadline: float,
        gate: Gate | None = None,
        prepared: Mapping[str, Any] | None = None,
        containers: int = 1,
    ) -> None:
        self._road = road
        self._endpoint = endpoint
        self._gate = gate
        self._admitting = Admitting(road, gate, containers)
        self.connection = endpoint.connection
        self.clock = road.clock
        #: Monotonic: nothing of this wire runs past it.
        self.deadline = deadline
        #: What a later attempt may reuse, such as uploaded media ids; kept with the job.
        self.prepared: dict[str, Any] = dict(prepared or {})
        #: A publish call has begun: from here on the post may exist.
        self.published = False

    @property
    def road(self) -> Road:
        """What a local copy of a media file is fetched over, and the shelf of what is uploaded."""
        return self._road

    def get(
        self,
        call: Call,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        account: str | None = None,
    ) -> Answer:
        return self.request(call, "GET", path, Content(params=params or {}), account=account)

    def post(
        self, call: Call, path: str, json: Any = None, *, account: str | None = None
    ) -> Answer:
        return self.request(call, "POST", path, Content(json=json), account=account)

    def request(
        self,
        call: Call,
        method: str,
        path: str,
        content: Content,
        *,
        account: str | None = None,
        timeout: timedelta = READ_TIMEOUT,
    ) -> Answer:
        """Make one request that is not a publish call."""
        if call is Call.PUBLISH:
            raise ProviderMisuse("a publish call goes through Wire.publish")
        request = self._build(method, path, content, timeout)
        return self._exchange(call, account, request, self._stay_if_stopped)

    def publish(
        self,
        path: str,
        content: Content,
        *,
        account: str,
        memo: Mapping[str, Any],
        timeout: timedelta,
    ) -> Answer:
        """POST the publish call: `memo` is committed with the attempt before the first byte."""
        if self._gate is None:
            raise ProviderMisuse("only a worker that holds a claim may publish")
        gate = self._gate

        def open_gate() -> None:
            self._stay_if_stopped()
            gate.open(memo)
            # Another call may have been refused while the attempt was written down.
            self._stay_if_stopped()

        request = self._build("POST", path, content, timeout)
        gate.ready()
        return self._exchange(Call.PUBLISH, account, request, open_gate)

    def put_file(self, url: str, content: Any, headers: Mapping[str, str]) -> Answer:
        """PUT a file to a presigned address: another host, without our key, outside the limits."""
        return self._store("PUT", url, content=content, headers=dict(headers))

    def post_file(self, url: str, files: Mapping[str, Any]) -> Answer:
        """POST a file as multipart to a presigned address."""
        return self._store("POST", url, files=dict(files))

    def remember(self, **prepared: Any) -> None:
        """Keep something with the job that a later attempt may reuse."""
        self.prepared |= prepared

    def pause(self, duration: timedelta) -> None:
        """Wait for something that others do; other jobs may run meanwhile."""
        with self._gate.resting() if self._gate else nullcontext():
            self.clock.sleep(duration)

    def _store(self, method: str, url: str, **parts: Any) -> Answer:
        request = self._road.clients.build(method, url, timeout=_timeout(READ_TIMEOUT), **parts)
        with self._road.clients.telephone("storage") as telephone:
            exchange = Exchange(telephone, self._road.watchdog, lambda: None)
            return exchange.send(request, self.deadline)

    def _build(self, method: str, path: str, content: Content, timeout: timedelta) -> httpx.Request:
        headers = {"Accept": "application/json", **content.headers, **self._endpoint.auth}
        if content.raw is not None:
            headers["Content-Type"] = "application/json"
        return self._road.clients.build(
            method,
            self._endpoint.base_url + path,
            params=dict(content.params) or None,
            json=content.json,
            content=content.raw,
            files=dict(content.files) if content.files else None,
            headers=headers,
            timeout=_timeout(timeout),
        )

    def _exchange(
        self, call: Call, account: str | None, request: httpx.Request, opening: Callable[[], None]
    ) -> Answer:
        scope = Scope(self.connection.name, account)
        admitted = self._admitting.admit(scope, call)

        def begin() -> None:
            """Look once more: a connection may be slow to come, a process stand still."""
            nonlocal admitted
            admitted = self._admitting.anew(admitted)
            opening()
            self._admitting.require_fresh(admitted)
            self.published |= call is Call.PUBLISH

        with self._road.clients.telephone(self.connection.name) as telephone:
            secret = self.connection.secret()
            exchange = Exchange(telephone, self._road.watchdog, begin, secret)
            try:
                answer = exchange.send(request, self.deadline)
            finally:
                if not exchange.begun:
                    self._admitting.give_back(admitted)
        self._learn(scope, call, answer)
        return answer

    def _stay_if_stopped(self) -> None:
        self._admitting.stay_if_stopped(self.connection.name)

    def _learn(self, scope: Scope, call: Call, answer: Answer) -> None:
        now = self.clock.now()
        wait = self._reading(scope, call, answer).wait
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            wait = DEFAULT_WAIT if wait is None else wait
            message = f"the provider asks to wait {wait.total_seconds():g} s"
            fault = Fault(error_class=ErrorClass.RATE_LIMITED, code="429", message=message)
            raise NotAdmitted(fault, now + wait)

    def _reading(self, scope: Scope, call: Call, answer: Answer) -> Reading:
        """Teach the limiter; an answer that is here is never lost because Redis is away."""
        reply = Reply(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            received_at=self.clock.now(),
        )
        try:
            return self._road.limiter.learn(scope, call, reply)
        except LimiterUnavailable as away:
            log.warning("an answer's limits could not be kept", why=str(away))
            return Reading()


def _timeout(read: timedelta) -> httpx.Timeout:
    return httpx.Timeout(read.total_seconds(), connect=CONNECT_TIMEOUT.total_seconds())
