"""The control API under `/_sandbox/`: faults, accounts, and what the sandbox has seen."""

from collections.abc import Callable
from typing import Protocol

from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.scenario import limit_from_json
from shared.sandbox.windows import Limit

_PREFIX = "/_sandbox/"


class Controlled(Protocol):
    """What the control API asks of the sandbox."""

    def add_faults(self, rows: list[Json]) -> None: ...
    def add_limit(self, limit: Limit) -> None: ...
    def clear_faults(self) -> None: ...
    def faults(self) -> list[Json]: ...
    def stored(self) -> list[Json]: ...
    def requests(self) -> list[Json]: ...
    def violations(self) -> list[Json]: ...
    def set_account_status(self, provider: str, account_id: str, status: str) -> None: ...
    def reset(self) -> None: ...


class Control:
    """Routes of the control API; it needs no key and is never part of a provider."""

    def __init__(self, sandbox: Controlled) -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "health"): lambda _: _ok({"ok": True}),
            ("GET", "stored"): lambda _: _ok({"stored": sandbox.stored()}),
            ("GET", "requests"): lambda _: _ok({"requests": sandbox.requests()}),
            ("GET", "violations"): lambda _: _ok({"violations": sandbox.violations()}),
            ("GET", "faults"): lambda _: _ok({"faults": sandbox.faults()}),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): lambda _: _done(sandbox.clear_faults),
            ("POST", "limits"): self._add_limit,
            ("POST", "accounts"): self._set_account,
            ("POST", "reset"): lambda _: _done(sandbox.reset),
        }

    def reply(self, request: Request) -> Answer:
        route = self._routes.get((request.method, request.path.removeprefix(_PREFIX)))
        if route is None:
            return Answer(404, {"error": f"no control {request.method} {request.path}"})
        try:
            return route(request)
        except (ValueError, TypeError, KeyError) as wrong:
            return Answer(400, {"error": str(wrong)})

    def _add_faults(self, request: Request) -> Answer:
        body = request.json()
        self._sandbox.add_faults(body if isinstance(body, list) else [body])
        return Answer(201, {"faults": self._sandbox.faults()})

    def _add_limit(self, request: Request) -> Answer:
        self._sandbox.add_limit(limit_from_json(request.json()))
        return Answer(201, {"ok": True})

    def _set_account(self, request: Request) -> Answer:
        body = request.json()
        self._sandbox.set_account_status(body["provider"], str(body["account_id"]), body["status"])
        return _ok({"ok": True})


def _ok(body: Json) -> Answer:
    return Answer(200, body)


def _done(action: Callable[[], None]) -> Answer:
    action()
    return _ok({"ok": True})
