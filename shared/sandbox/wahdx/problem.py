"""WAHDX's errors: a flat object with a human sentence (S), no machine code."""

from shared.sandbox.exchange import Answer, RefusedError


def problem(status: int, message: str) -> Answer:
    return Answer(status, {"success": False, "error": message})


def invalid(message: str) -> Answer:
    return problem(400, message)


def refused(status: int, message: str) -> RefusedError:
    return RefusedError(problem(status, message))
