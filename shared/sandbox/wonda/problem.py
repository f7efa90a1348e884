"""Wonda's error envelope (D): `{"error": {"message", "code"}}`."""

from shared.sandbox.exchange import Answer, RefusedError


def problem(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"message": message, "code": code}})


def invalid(message: str) -> Answer:
    return problem(400, "validation_error", message)


def refused(status: int, code: str, message: str) -> RefusedError:
    return RefusedError(problem(status, code, message))


def not_found(what: str) -> RefusedError:
    return refused(404, "not_found", f"{what} not found")
