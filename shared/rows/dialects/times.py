"""Times as other tools and spreadsheets write them; what could mean two things is refused."""

import re
from datetime import date

from shared.rows.defaults import DateOrder

_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<offset>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_BETWEEN = r"(?:\s*,\s*|\s+|[Tt])"
_YEAR_FIRST = re.compile(
    rf"^(?P<year>\d{{4}})([-/.])(?P<one>\d{{1,2}})\2(?P<two>\d{{1,2}}){_BETWEEN}{_TIME}"
)
_YEAR_LAST = re.compile(
    rf"^(?P<one>\d{{1,2}})([-/.])(?P<two>\d{{1,2}})\2(?P<year>\d{{4}}){_BETWEEN}{_TIME}"
)

FORMS = (
    "2026-03-01 09:00, 2026/03/01 09:00:00, 2026-03-01T09:00:00Z, 31.3.2026 09:00"
    " or 3/31/2026 9:00 AM"
)
#: Months of a year, and hours of half a day.
_TWELVE = 12


def read_time(cell: str, order: DateOrder | None) -> str:
    """Return the time in ISO 8601, local where it names no offset; ValueError says why not."""
    text = cell.strip()
    found = _YEAR_FIRST.match(text)
    if found:
        day = _date(found, found["one"], found["two"], text)
    else:
        found = _YEAR_LAST.match(text)
        if found is None:
            raise ValueError(f"{text!r} is not a time; write it as {FORMS}")
        day = _date(found, *_month_and_day(found, order, text), text)
    return f"{day.isoformat()}T{_clock(found, text)}{_offset(found)}"


def looks_like_time(cell: str) -> bool:
    """Whether a cell is written as a time, be it a sensible one or not."""
    return any(form.match(cell.strip()) for form in (_YEAR_FIRST, _YEAR_LAST))


def _month_and_day(found: "re.Match[str]", order: DateOrder | None, text: str) -> tuple[str, str]:
    one, two = found["one"], found["two"]
    if found[2] == ".":
        order = DateOrder.DMY  # dots are written only where the day comes first
    if order is None and int(one) != int(two):
        if int(one) <= _TWELVE and int(two) <= _TWELVE:
            raise ValueError(
                f"{text!r} may have the day or the month first; write the year first, as in"
                " 2026-03-01 09:00, or say --dates dmy or --dates mdy"
            )
        order = DateOrder.DMY if int(one) > _TWELVE else DateOrder.MDY
    return (two, one) if order is DateOrder.DMY else (one, two)


def _date(found: "re.Match[str]", month: str, day: str, text: str) -> date:
    try:
        return date(int(found["year"]), int(month), int(day))
    except ValueError as wrong:
        raise ValueError(f"{text!r} is not a date: {wrong}") from None


def _clock(found: "re.Match[str]", text: str) -> str:
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    half = (found["half"] or "").lower()
    if half and not 1 <= hour <= _TWELVE:
        raise ValueError(f"{text!r} has no hour from 1 to 12 before {found['half']}")
    if half:
        hour = hour % _TWELVE + (_TWELVE if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - a clock
        raise ValueError(f"{text!r} has no such time of day")
    return f"{hour:02}:{minute:02}:{second:02}"


def _offset(found: "re.Match[str]") -> str:
    offset = (found["offset"] or "").upper()
    if offset in {"", "Z", "UTC", "GMT"}:
        return "Z" if offset else ""
    return offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
