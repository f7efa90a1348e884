"""Reads values out of a provider's JSON without trusting it: null, numbers for texts, odd keys."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from shared.wire.answer import Answer


def first(row: Any, *keys: str) -> Any:
    """Return the first value under these keys that is not null."""
    if not isinstance(row, Mapping):
        return None
    return next((row[key] for key in keys if row.get(key) is not None), None)


def text(value: Any) -> str:
    """Return a text or a number as text, and '' for everything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of an array; whatever else it holds, or is, is left out."""
    if not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, Mapping)]


def instant(value: Any) -> datetime | None:
    """Return an ISO 8601 time, taken for UTC where it names no offset."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def server_ahead(answer: Answer, now: datetime) -> timedelta:
    """Return how far the server's clock is ahead of ours, by its Date header; 0 if it says none."""
    try:
        dated = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return timedelta(0)
    return (dated if dated.tzinfo else dated.replace(tzinfo=UTC)) - now
