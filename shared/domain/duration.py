"""Durations as people write them: `90s`, `5m`, `1h30m`, `2d`, or a number of seconds."""

import re
from datetime import timedelta

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


#: A hundred years: added to or taken from any moment of our time it gives a date that there is.
LONGEST = timedelta(days=36_525)


def read_duration(value: object) -> timedelta:
    """Return the duration; ValueError says what a duration looks like, or that it is too long."""
    try:
        duration = _read(value)
    except OverflowError:
        duration = timedelta.max
    if duration > LONGEST:
        raise ValueError(f"{value!r} is longer than a hundred years")
    return duration


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return timedelta(seconds=value)
    text = str(value).strip().replace(" ", "")
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())
    raise ValueError(f"must be a duration such as 60s, 5m, 1h30m or 2d, not {value!r}")


def show_duration(duration: timedelta) -> str:
    """Return the duration in the form that `read_duration` reads, to the second."""
    seconds = round(duration.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
