"""Moments as people name them in a plan: `Fri 18:00` in a zone, outages such as `2h@Tue10:00`."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.duration import read_duration
from shared.plan.model import Outage
from shared.rows.moments import read_moment

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED = re.compile(r"(?:(?P<day>[a-z]+)\s*)?(?P<time>\d{1,2}:\d{2}(?::\d{2})?)", re.IGNORECASE)
_OUTAGE = re.compile(r"(?P<lasts>[^@]+)@(?P<when>.+?)(?::(?P<connection>[A-Za-z][\w-]*))?")


def read_when(text: str, start: datetime, zone: ZoneInfo | None) -> datetime:
    """Return the moment in UTC: ISO 8601, or the next `Fri 18:00` or `18:00` after `start`.

    A local time needs a zone, and must be there once: one that a change of the clocks leaves out
    or repeats is an error that offers the choices. ValueError says what is wrong.
    """
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return read_moment(text, zone)
    if zone is None:
        raise ValueError(f"{text!r} is a local time: name its zone, such as --tz Europe/Paris")
    day = None if named["day"] is None else _day(named["day"])
    local = start.astimezone(zone)
    ahead = 0 if day is None else (day - local.weekday()) % 7
    date = local.date() + timedelta(days=ahead)
    clock = named["time"].rjust(len("00:00") if named["time"].count(":") == 1 else 8, "0")
    moment = read_moment(f"{date}T{clock}", zone)
    if moment > start:
        return moment
    later = date + timedelta(days=1 if day is None else 7)
    return read_moment(f"{later}T{clock}", zone)


def read_outage(text: str, start: datetime, zone: ZoneInfo | None) -> Outage:
    """Return the outage that `2h@Tue10:00` names, or `2h@Tue10:00:wonda` for one connection."""
    found = _OUTAGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"must be DURATION@WHEN, such as 2h@Tue10:00, not {text!r}")
    return Outage(
        begins=read_when(found["when"], start, zone),
        lasts=read_duration(found["lasts"]),
        connection=found["connection"],
    )


def read_share(text: str) -> float:
    """Return the share that `5%` or `0.05` names."""
    number = text.strip()
    try:
        share = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise ValueError(f"must be a share below 100%, such as 5% or 0.05, not {text!r}")
    return share


def _day(word: str) -> int:
    name = word.lower()
    if name in _DAYS:
        return _DAYS.index(name)
    if name in _NAMES:
        return _NAMES.index(name)
    raise ValueError(f"{word!r} is not a day of the week, such as Fri")
