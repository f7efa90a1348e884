"""`dropline limits`: the windows that are known, and what one answer says of them."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.output import emit, instant, show_table
from shared.cli.session import Json, new_app, open_parts
from shared.cli.shapes import Shape, window_shape
from shared.clock import SystemClock
from shared.domain.limit import Reading, Reply, Scope, WindowUse
from shared.errors import InputError
from shared.limits.reading import read as read_reply
from shared.rows import read_moment

app = new_app()

#: Stands for each account of a connection; no provider calls one so.
EACH = "*"

_COLUMNS = (
    "connection",
    "account",
    "used",
    "limit",
    "unit",
    "per",
    "window",
    "calls",
    "resets",
    "blocked",
    "source",
)

PerLine = Annotated[bool, typer.Option("--json", help="For a list, print one object a line.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List every known window: limit, used, when it resets, and where that was learnt.

    Account * stands for each account that nothing was counted for yet.
    """
    with open_parts() as parts:
        windows = parts.limiter.windows(parts.clock.now(), list(_declared(parts)))
    if as_json:
        for window in windows:
            emit(window_shape(window))
        return
    rows = [
        (
            *(each.connection, each.account, each.used, each.limit, each.unit),
            *(each.per, each.window, _calls(each)),
            *(each.resets_at, each.blocked_until, each.source),
        )
        for each in windows
    ]
    show_table(_COLUMNS, rows)


@app.command()
def read(as_json: PerLine = False) -> None:
    """Read {"status", "headers", "received_at"}, or a JSON list of these, from stdin."""
    given = _stdin()
    if not isinstance(given, list):
        emit(_reading_shape(read_reply(_reply(given, "the answer"))))
        return
    readings = [
        _reading_shape(read_reply(_reply(each, f"answer {number}")))
        for number, each in enumerate(given, start=1)
    ]
    if as_json:
        for reading in readings:
            emit(reading)
    else:
        emit(readings)


def _declared(parts: Parts) -> Iterator[Scope]:
    """Yield whose windows are listed, used or not: of connections with a key or a configuration."""
    for name, each in parts.connections.items():
        if each.connection.key or name in parts.settings.connections or each.account_limits:
            yield from (Scope(name), Scope(name, EACH))
            yield from (Scope(name, account) for account in each.account_limits)


def _calls(window: WindowUse) -> str | None:
    if window.is_block:
        return None
    return " ".join(sorted(window.calls)) or "every"


def _stdin() -> object:
    try:
        return json.loads(sys.stdin.read())
    except OSError as wrong:
        raise InputError(f"stdin cannot be read: {wrong.strerror}") from None
    except (ValueError, RecursionError) as wrong:
        raise InputError(f"stdin is not JSON: {wrong}") from None


def _reply(given: object, name: str) -> Reply:
    if not isinstance(given, Mapping):
        raise InputError(f'{name} on stdin must be an object such as {{"status": 429}}')
    status, headers = given.get("status"), given.get("headers") or {}
    if not isinstance(status, int) or isinstance(status, bool):
        raise InputError(f"{name}: status must be a whole number, not {status!r}")
    if not isinstance(headers, Mapping):
        raise InputError(f"{name}: headers must be an object")
    return Reply(
        status=status,
        headers={str(key): str(value) for key, value in headers.items()},
        body=given.get("body"),
        received_at=_received_at(given.get("received_at"), name),
    )


def _received_at(given: object, name: str) -> datetime:
    if given is None:
        return SystemClock().now()
    try:
        return read_moment(given, None)
    except ValueError as wrong:
        raise InputError(f"{name}: received_at {wrong}") from None


def _reading_shape(reading: Reading) -> Shape:
    return {
        "wait_s": _seconds(reading.wait),
        "limit": reading.limit,
        "remaining": reading.remaining,
        "reset_at": instant(reading.reset_at),
        "window_s": _seconds(reading.window),
    }


def _seconds(duration: timedelta | None) -> float | int | None:
    if duration is None:
        return None
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
