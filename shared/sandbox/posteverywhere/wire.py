"""PostEverywhere's envelope around every answer, and the refusals inside it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, RefusedError, Request
from shared.sandbox.fields import Fields
from shared.sandbox.port import World


class Envelope:
    """`{data, error, meta}`; an old service calls the id `requestId`, has no `retryable`."""

    def __init__(self, world: World, is_old: Callable[[], bool]) -> None:
        self._world = world
        self._is_old = is_old

    def success(self, contents: Json, status: int = 200) -> Answer:
        return self._wrap(status, contents, None)

    def failure(self, status: int, code: str, message: str, details: Any = None) -> Answer:
        error: Json = {"message": message, "code": code}
        if not self._is_old():
            passing = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
            server_side = status == HTTPStatus.INTERNAL_SERVER_ERROR
            error["retryable"] = status in passing or server_side
        if details is not None:
            error["details"] = details
        return self._wrap(status, None, error)

    def bad(self, message: str) -> Answer:
        return self.failure(400, "validation_error", message)

    def no(self, status: int, code: str, message: str, details: Any = None) -> RefusedError:
        return RefusedError(self.failure(status, code, message, details))

    def invalid(self, message: str) -> RefusedError:
        return RefusedError(self.bad(message))

    def missing(self, what: str, name: object) -> RefusedError:
        return self.no(404, "not_found", f"{what} {name} was not found.")

    def parsed(self, request: Request) -> Any:
        try:
            return request.json()
        except ValueError:
            raise self.no(400, "invalid_json", "The body is not JSON.") from None

    def fields(self, request: Request) -> Fields:
        return Fields(self.parsed(request), self.bad)

    def _wrap(self, status: int, contents: Json | None, error: Json | None) -> Answer:
        request_id = f"{self._world.dice.getrandbits(32):08x}"
        meta = {
            "requestId" if self._is_old() else "request_id": request_id,
            "timestamp": iso_ms(self._world.clock.now()),
        }
        return Answer(status, {"data": contents, "error": error, "meta": meta})
