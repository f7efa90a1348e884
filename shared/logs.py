"""Logs: structured, on stderr, one line an event; keys and tokens never reach a line."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = re.compile(
    r"(?i)\b(bearer\s+|x-api-key['\":= ]+)[^\s'\",}]+|\b(?:sk_|pe_live_|gva_live_)[\w.\-]{6,}"
)

#: They say something of every request, message or tick.
CHATTY = (
    "httpx",
    "httpcore",
    "alembic",
    "kombu",
    "celery.utils",
    "celery.beat",
    "celery.worker.strategy",
    "celery.app.trace",
)


def redact(text: str) -> str:
    """Return `text` without anything that looks like a provider key."""
    return _SECRET.sub(lambda found: f"{found.group(1) or ''}[redacted]", text)


def _redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    """Return a plain number as it is and anything else as redacted text, however deep it is."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def configure(log_format: str, level: str) -> None:
    """Send all logging, ours and the libraries', through one formatter to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    sink = logging.StreamHandler(sys.stderr)
    sink.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [sink]
    root.setLevel(level.upper())
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one module."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
