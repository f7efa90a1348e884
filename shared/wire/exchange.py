"""One HTTP exchange: the last check before the first byte, the watched socket, the whole answer."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from shared.domain.outcome import ErrorClass, Fault
from shared.logs import redact
from shared.wire.answer import Answer, AnswerLost, NotSent
from shared.wire.clients import Telephone
from shared.wire.watchdog import Watchdog

#: An answer is read up to here; no provider sends a body of this size.
BODY_MAX_BYTES = 16 * 1024 * 1024


class Exchange:
    """Sends one request and says how sure it is that the request left."""

    def __init__(
        self,
        telephone: Telephone,
        watchdog: Watchdog,
        before_first_byte: Callable[[], None],
        secret: str = "",
    ) -> None:
        self._client = telephone.client
        self._watchdog = watchdog
        self._before_first_byte = before_first_byte
        #: Cut out of the answer: a provider that quotes the key must not bring it into SQL.
        self._secret = secret
        self._line = telephone.line
        #: From here on the request may have left.
        self.begun = False

    def send(self, request: httpx.Request, deadline: float) -> Answer:
        """Return the answer, or raise NotSent, AnswerLost, or what `before_first_byte` raises."""
        request.extensions = {**request.extensions, "trace": self._trace}
        self._line.begin()
        with self._watchdog.guard(self._line, deadline), self._without_answer(request):
            return self._read(self._client.send(request, stream=True))

    def _trace(self, event: str, facts: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._line.use(facts["return_value"].get_extra_info("socket"))
        elif event.endswith(".send_request_headers.started"):
            self._before_first_byte()
            self.begun = True

    @contextlib.contextmanager
    def _without_answer(self, request: httpx.Request) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.StreamError, OSError) as broken:
            why = self._why(broken, request)
            if not self.begun:
                raise NotSent(Fault(error_class=ErrorClass.TRANSIENT, message=why)) from broken
            fault = Fault(error_class=ErrorClass.UNKNOWN_OUTCOME, message=why)
            raise AnswerLost(fault) from broken

    def _why(self, broken: Exception, request: httpx.Request) -> str:
        what = "ran past its deadline" if self._line.cut else f"{type(broken).__name__}: {broken}"
        return redact(f"{request.method} {request.url.host}{request.url.path}: {what}")

    def _read(self, response: httpx.Response) -> Answer:
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BODY_MAX_BYTES:
                    raise httpx.ReadError("the answer is too large")
        finally:
            response.close()
        text = body.decode(response.encoding or "utf-8", errors="replace")
        if self._secret:
            text = text.replace(self._secret, "[redacted]")
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=_parsed(text),
            text=text,
        )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
