"""Moments: ISO 8601 with an offset, or a local time in a named zone, read into UTC."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.rows.texts import read_text, type_word

#: A year outside this is a slip of the pen, and near the calendar's ends arithmetic overflows.
_YEARS = range(2000, 2200)

#: `T10-00` is a slip for 10:00, whatever ISO 8601 makes of it: ten o'clock, no offset.
_HOUR_AND_OFFSET = re.compile(r"[T ]\d{2}[-+][\d:]+$")


def read_zone(value: object) -> ZoneInfo:
    """Return the IANA time zone; ValueError says what one looks like."""
    name = read_text(value).strip()
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from None


def read_moment(value: object, zone: ZoneInfo | None) -> datetime:
    """Return the moment in UTC; a time without offset is local in `zone`, and must be unique."""
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment.year not in _YEARS:
        raise ValueError(f"is in the year {moment.year}; {_YEARS[0]} to {_YEARS[-1]} are allowed")
    if moment.utcoffset() is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise ValueError(
            f"{_shown(moment)} has neither an offset nor a timezone: "
            f"write {_shown(moment)}Z, or name the zone in `timezone`"
        )
    return _local(moment, zone)


def _parsed(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"must be a text such as 2026-03-01T09:00:00Z, not {type_word(value)}")  # noqa: TRY004
    text = value.strip()
    try:
        moment = _iso(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 2026-03-01T09:00:00Z") from None
    if ":" not in text and "T" not in text:
        raise ValueError(f"{text!r} has no time of day; write it as {text}T09:00:00Z")
    return moment


def _iso(text: str) -> datetime:
    if _HOUR_AND_OFFSET.search(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    there = _wall(first) == moment.replace(fold=0)
    trouble = "happens twice" if there else "does not exist"
    choices = " or ".join(sorted(_shown(_back(each)) for each in (first, second)))
    raise ValueError(f"{_shown(moment)} {trouble} in {zone.key}: write {choices}")


def _back(moment: datetime) -> datetime:
    """Return the same instant with the offset that is really in force then."""
    zone = moment.tzinfo
    return moment.astimezone(UTC).astimezone(zone)


def _wall(moment: datetime) -> datetime:
    return _back(moment).replace(tzinfo=None, fold=0)


def _shown(moment: datetime) -> str:
    whole = timedelta(microseconds=moment.microsecond) == timedelta(0)
    return moment.isoformat(timespec="seconds" if whole else "auto")
