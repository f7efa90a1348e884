"""The way of one request through faults, key, limits and the provider's route."""

import logging
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from shared.sandbox.exchange import Answer, RefusedError, Request
from shared.sandbox.faults import AFTER, BEFORE, DELAYS, Fault, Subject
from shared.sandbox.journal import Entry, Journal
from shared.sandbox.port import ProviderSandbox, Refusal, Route, World
from shared.sandbox.routing import find_route
from shared.sandbox.windows import Verdict, Windows, whole_second_after

_log = logging.getLogger(__name__)

_PAST_STORING = 400


@dataclass(frozen=True, slots=True)
class Reply:
    """How the wire is to answer: `close` without or in the middle of it, bytes at a `pace`."""

    answer: Answer | None
    close: str | None = None
    half: bool = False
    pace: timedelta = timedelta(0)


class Gate:
    """Answers the requests for one provider."""

    def __init__(
        self, provider: ProviderSandbox, world: World, windows: Windows, journal: Journal
    ) -> None:
        self.provider = provider
        self._routes = provider.routes()
        self._world = world
        self._windows = windows
        self._journal = journal

    def reply(self, request: Request) -> Reply:
        arrived_at = self._world.clock.now()
        path = request.path.removeprefix(self.provider.prefix)
        found = find_route(self._routes, request.method, path)
        if found is None:
            refusal = Refusal(404, "not_found", "Not found")
            return self._note(request, arrived_at, "", Reply(self.provider.refuse(refusal)))
        route, params = found
        request = replace(request, params=params)
        reply, fault = self._pass(request, route)
        return self._note(request, arrived_at, route.call, reply, fault)

    def _pass(self, request: Request, route: Route) -> tuple[Reply, Fault | None]:
        if not route.public and not self.provider.authorised(request):
            refusal = Refusal(401, "unauthorized", "Missing or invalid API key")
            return Reply(self.provider.refuse(refusal)), None
        subject = self.provider.subject(request, route.call)
        verdict = Verdict(()) if route.public else self._windows.admit(subject)
        if verdict.blocked_until is not None:
            return Reply(self._rate_limited(verdict, verdict.blocked_until)), None
        fault = self._first(BEFORE, subject)
        if fault is not None:
            return self._refuse_by(fault, subject, verdict), fault
        answer = self._with_rate_headers(self._run(route, request), verdict)
        return self._spoil(answer, subject)

    def _run(self, route: Route, request: Request) -> Answer:
        try:
            with self._world.lock:
                return route.answer(request)
        except RefusedError as refused:
            return refused.answer
        except Exception:  # noqa: BLE001 - a broken route must answer like a broken server
            _log.exception("the sandbox of %s broke", self.provider.name)
            return self.provider.refuse(Refusal(500, "server_error", "Internal server error"))

    def _refuse_by(self, fault: Fault, subject: Subject, verdict: Verdict) -> Reply:
        if fault.kind == "drop_before":
            return Reply(None, close=fault.close)
        if fault.kind == "rate_limit":
            return Reply(self._throttled_by(fault, subject, verdict))
        error = self._server_error(fault, subject.call)
        return Reply(self._with_rate_headers(error, verdict))

    def _spoil(self, answer: Answer, subject: Subject) -> tuple[Reply, Fault | None]:
        delay = self._first(DELAYS, subject)
        fault = self._first(AFTER, subject) if answer.status < _PAST_STORING else None
        self._wait(answer, delay)
        pace = timedelta(seconds=delay.seconds) if delay and delay.kind == "trickle" else None
        if fault is None:
            return Reply(answer, pace=pace or timedelta(0)), delay
        if fault.kind == "error_after":
            error = self._server_error(fault, subject.call)
            return Reply(replace(error, headers=answer.headers)), fault
        half = fault.kind == "cut_answer"
        return Reply(answer if half else None, close=fault.close, half=half), fault

    def _wait(self, answer: Answer, delay: Fault | None) -> None:
        clock = self._world.clock
        slow_s = delay.seconds if delay and delay.kind == "slow" else 0.0
        pause = clock.real(answer.wait) + timedelta(seconds=slow_s)
        if pause > timedelta(0):
            clock.pause(pause)

    def _server_error(self, fault: Fault, call: str) -> Answer:
        message = fault.message or "Internal server error"
        refusal = Refusal(fault.status, "server_error", message, fault.code, call=call)
        return self.provider.refuse(refusal)

    def _throttled_by(self, fault: Fault, subject: Subject, verdict: Verdict) -> Answer:
        message = fault.message or "Too many requests"
        if fault.retry_after_s is None:
            return self.provider.refuse(Refusal(429, "rate_limited", message, fault.code))
        until = self._world.clock.now() + timedelta(seconds=math.ceil(fault.retry_after_s))
        if fault.retry_after_form == "date":
            until = whole_second_after(until)
        self._windows.announce(subject, fault.block, until)
        answer = self._announcing(until, fault.retry_after_form, message, fault.code)
        return self._with_rate_headers(answer, verdict.used_up(until))

    def _rate_limited(self, verdict: Verdict, until: datetime) -> Answer:
        answer = self._announcing(until, "seconds", "Too many requests", None)
        return self._with_rate_headers(answer, verdict)

    def _announcing(self, until: datetime, form: str, message: str, code: str | None) -> Answer:
        wait_s = math.ceil((until - self._world.clock.now()).total_seconds())
        answer = self.provider.refuse(Refusal(429, "rate_limited", message, code, wait_s))
        in_words = format_datetime(until, usegmt=True) if form == "date" else str(wait_s)
        return replace(answer, headers={**answer.headers, "Retry-After": in_words})

    def _with_rate_headers(self, answer: Answer, verdict: Verdict) -> Answer:
        standing = verdict.tightest
        if standing is None:
            return answer
        headers = self.provider.limit_headers(standing)
        return replace(answer, headers={**headers, **answer.headers})

    def _first(self, kinds: tuple[str, ...], subject: Subject) -> Fault | None:
        taken = (self._world.faults.take(kind, subject) for kind in kinds)
        return next((fault for fault in taken if fault is not None), None)

    def _note(
        self,
        request: Request,
        arrived_at: datetime,
        call: str,
        reply: Reply,
        fault: Fault | None = None,
    ) -> Reply:
        status = reply.answer.status if reply.answer is not None else None
        kind = fault.kind if fault is not None else None
        name = self.provider.name
        self._journal.add(Entry(arrived_at, name, request.method, request.path, call, status, kind))
        return reply
