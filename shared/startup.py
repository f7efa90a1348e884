"""The start of a process: in any order with the others, waiting for what is not there yet."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from shared import logs
from shared.bootstrap import Parts
from shared.errors import DroplineError, InputError, PartUnreachable, SchemaOutdated
from shared.settings import Settings, read_settings

log = logs.logger(__name__)

Found = TypeVar("Found")

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=5)

EXIT_BAD_INPUT = 2
EXIT_UNREACHABLE = 5


@cache
def process_settings() -> Settings:
    """Return the settings of this process; what is wrong with them ends it in one line each."""
    try:
        settings = read_settings()
    except InputError as wrong:
        give_up(wrong, EXIT_BAD_INPUT)
        raise
    logs.configure(settings.log_format, settings.log_level)
    return settings


@cache
def process_parts() -> Parts:
    """Return the parts of this process, built once."""
    return Parts.of(process_settings())


def broker_url() -> str:
    """Return the address of Redis, waiting for the embedded server to be started."""
    parts = process_parts()
    try:
        return _waiting(parts, lambda: parts.redis_url)
    except InputError as wrong:
        give_up(wrong, EXIT_BAD_INPUT)
        raise


def configure_logging(**_signal: Any) -> None:
    """Send this process's logging where the settings say; stands in for Celery's own set-up."""
    settings = process_settings()
    logs.configure(settings.log_format, settings.log_level)


def wait_for_parts() -> Parts:
    """Return the parts when SQL and Redis answer.

    Connections that cannot be made sense of end the process (exit 2), as an outdated schema
    does (exit 5).
    """
    parts = process_parts()

    def look() -> Parts:
        parts.require_schema()
        parts.broker.ping()
        return parts

    try:
        log.debug("connections", names=list(parts.connections))
        return _waiting(parts, look)
    except InputError as wrong:
        give_up(wrong, EXIT_BAD_INPUT)
        raise
    except SchemaOutdated as outdated:
        give_up(outdated, EXIT_UNREACHABLE)
        raise


def give_up(why: DroplineError, code: int) -> None:
    """End the process with one clear line for each problem."""
    print(f"dropline: {why}", file=sys.stderr)  # noqa: T201
    for problem in getattr(why, "problems", ()):
        print(f"  {problem}", file=sys.stderr)  # noqa: T201
    raise SystemExit(code)


def _waiting(parts: Parts, look: Callable[[], Found]) -> Found:
    pause, said = FIRST_PAUSE, ""
    with _sigterm_ends():
        while True:
            try:
                return look()
            except SchemaOutdated:
                raise
            except PartUnreachable as away:
                if str(away) != said:
                    said = str(away)
                    log.warning("waiting", why=said)
                parts.clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


@contextmanager
def _sigterm_ends() -> Iterator[None]:
    """Let a SIGTERM end the process at once and well: nothing has been begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
