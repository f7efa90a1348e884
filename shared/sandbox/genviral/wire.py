"""Genviral's answers: `{ok, code, message, data}` or `{ok, code, message, error_code}`."""

from typing import Any

from shared.sandbox.exchange import Answer, RefusedError, Request


def success(message: str, contents: Any, status: int = 200) -> Answer:
    return Answer(status, {"ok": True, "code": status, "message": message, "data": contents})


def failure(status: int, error_code: str, message: str) -> Answer:
    body = {"ok": False, "code": status, "message": message, "error_code": error_code}
    return Answer(status, body)


def no(status: int, error_code: str, message: str) -> RefusedError:
    return RefusedError(failure(status, error_code, message))


def payload_failure(message: str) -> Answer:
    return failure(422, "invalid_payload", message)


def invalid_payload(message: str) -> RefusedError:
    return RefusedError(payload_failure(message))


def validation_failed(message: str) -> RefusedError:
    return no(400, "validation_failed", message)


def parsed(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise no(400, "invalid_json", "The body is not JSON") from None
