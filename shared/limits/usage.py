"""Use of a quota given as it stands: Meta's percentages, and `used/limit` pairs."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.limits.moments import read_number

#: Meta counts calls, time and CPU, each in percent of its own quota; the fullest governs.
_PERCENTAGES = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
_HEADERS = ("x-app-usage", "x-business-use-case-usage", "x-ad-account-usage", "x-page-usage")


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a quota is used, and in how many seconds it is open again."""

    used: int
    limit: int = 100
    seconds: float | None = None
    is_percentage: bool = False


_PAIR = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


def usages(headers: Mapping[str, str]) -> Iterator[Usage]:
    for name, value in headers.items():
        pair = _PAIR.fullmatch(value)
        if pair and name.endswith("limit"):
            yield Usage(int(pair[1]), int(pair[2]))
    for name in _HEADERS:
        for table in _tables(_parsed(headers.get(name, ""))):
            usage = _usage(table)
            if usage is not None:
                yield usage


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    """Yield a table of percentages, or those of each business: `{"id": [{...}]}`."""
    if not isinstance(value, dict):
        return
    yield value
    for inner in value.values():
        if isinstance(inner, list):
            yield from (table for table in inner if isinstance(table, dict))


def _usage(table: dict[str, Any]) -> Usage | None:
    numbers = [read_number(table[key]) for key in _PERCENTAGES if key in table]
    percents = [number for number in numbers if number is not None and 0 <= number < 1e6]  # noqa: PLR2004
    if not percents:
        return None
    return Usage(int(max(percents)), seconds=_regain_seconds(table), is_percentage=True)


def _regain_seconds(table: dict[str, Any]) -> float | None:
    """Meta tells minutes in `estimated_time_to_regain_access`, seconds in `reset_time_duration`."""
    minutes = read_number(table.get("estimated_time_to_regain_access", ""))
    if minutes:
        return minutes * 60
    return read_number(table.get("reset_time_duration", ""))
