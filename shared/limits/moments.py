"""Instants and durations as servers write them in headers and bodies; nonsense is None."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

#: A server that means a moment further away than this means something else.
FARTHEST = timedelta(days=366)

#: A Date has whole seconds and travels: clocks this close are taken as equal.
_SAME_CLOCK = timedelta(seconds=2)

#: From here a number is an epoch; below it, it counts seconds (three years of them at most).
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e11
_EPOCH_MICROSECONDS = 1e14
_LONGEST_DELTA_SECONDS = 1e8

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)
_WEEKDAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .+", re.ASCII)
_DURATION_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """When an answer arrived by our clock, and by how much the server's clock is behind ours."""

    received_at: datetime
    behind: timedelta

    @classmethod
    def started(cls, received_at: datetime, date: str | None) -> "Stopwatch":
        server_now = _http_date(date.strip()) if date else None
        behind = received_at - server_now if server_now else timedelta()
        return cls(received_at, behind if abs(behind) > _SAME_CLOCK else timedelta())

    def moment(self, value: object) -> datetime | None:
        """Return the instant that a date, an epoch, a delta or a duration names, by our clock."""
        text = str(value).strip()
        number = read_number(text)
        if number is not None:
            return self._of_number(number)
        absolute = _http_date(text) or _iso(text)
        if absolute is not None:
            return self._by_our_clock(absolute)
        duration = _duration_seconds(text)
        return None if duration is None else self.after(duration)

    def after(self, seconds: float) -> datetime | None:
        """Return the instant so many seconds after the answer; a negative number is now."""
        if not seconds < _LONGEST_DELTA_SECONDS:
            return None
        try:
            return self._sane(self.received_at + timedelta(seconds=max(seconds, 0.0)))
        except OverflowError:
            return None

    def _of_number(self, number: float) -> datetime | None:
        if number < _EPOCH_SECONDS:
            return self.after(number)
        if number >= _EPOCH_MICROSECONDS:
            return None
        seconds = number if number < _EPOCH_MILLISECONDS else number / 1_000
        return self._by_our_clock(datetime.fromtimestamp(seconds, UTC))

    def _by_our_clock(self, absolute: datetime) -> datetime | None:
        try:
            return self._sane(absolute + self.behind)
        except OverflowError:
            return None

    def _sane(self, instant: datetime) -> datetime | None:
        return instant if instant - self.received_at <= FARTHEST else None


def read_number(value: object) -> float | None:
    """Return a finite plain number; a boolean, an exponent or anything else is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    text = str(value).strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _http_date(text: str) -> datetime | None:
    """Read the three forms of RFC 9110: IMF-fixdate, RFC 850 and asctime."""
    if not _WEEKDAY.fullmatch(text):
        return None
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None
        year, month, day, hour, minute, second = parts[:6]
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local - timedelta(seconds=parts[9] or 0)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _duration_seconds(text: str) -> float | None:
    """Read `6m0s`, `1.5s`, `250ms`."""
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
