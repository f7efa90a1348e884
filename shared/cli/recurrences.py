"""The options that say when a series comes: all of them read at once, with all that is wrong."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from shared.domain.cron import read_cron
from shared.domain.omission import Omissions, read_omissions
from shared.domain.recurrence import Recurrence
from shared.domain.release import LatePolicy, read_late_policy
from shared.domain.wall import instant_of
from shared.errors import InputError
from shared.rows.moments import read_moment, read_zone

Value = TypeVar("Value")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a series comes, and how late it may."""

    recurrence: Recurrence
    late: LatePolicy | None


def read_timing(
    *,
    cron: str,
    zone: str,
    start: str | None,
    end: str | None,
    left_out: Sequence[str],
    late: str | None,
    now: datetime,
) -> Timing:
    """Return what the options say; InputError names each that cannot be, or that nothing comes."""
    reading = _Reading()
    expression = reading.read("--cron", read_cron, cron)
    found = reading.read("--tz", read_zone, zone)
    stand_in = found or ZoneInfo("UTC")  # a zone that is none is one problem, not three
    begins = reading.read("--start", lambda text: _edge(text, stand_in, timedelta()), start)
    ends = reading.read("--end", lambda text: _edge(text, stand_in, timedelta(days=1)), end)
    omissions = reading.read("--except", lambda _: read_omissions(left_out), "")
    policy = reading.read("--late", read_late_policy, late)
    if begins and ends and ends < begins:
        reading.problems.append("--end is before --start")
    if reading.problems or expression is None or found is None:
        raise InputError("nothing was written", reading.problems)
    recurrence = Recurrence(
        cron=expression,
        zone=found,
        start=begins,
        end=ends,
        omissions=omissions or Omissions(),
    )
    _require_sense(recurrence, now)
    return Timing(recurrence, policy)


@dataclass(slots=True)
class _Reading:
    problems: list[str] = field(default_factory=list)

    def read(
        self, flag: str, reader: Callable[[str], Value | None], text: str | None
    ) -> Value | None:
        try:
            return None if text is None else reader(text)
        except ValueError as wrong:
            self.problems.append(f"{flag}: {wrong}")
            return None


def _edge(text: str, zone: ZoneInfo, whole_day: timedelta) -> datetime:
    """Read a day, of which the beginning (or, with `whole_day`, the end) is meant, or a time."""
    if not _DAY.fullmatch(text.strip()):
        return read_moment(text, zone)
    day = date.fromisoformat(text.strip())
    midnight = instant_of(datetime.combine(day, time()) + whole_day, zone)
    return midnight - _SECOND if whole_day else midnight


def _require_sense(recurrence: Recurrence, now: datetime) -> None:
    """Refuse what can only be a slip: omitted times that were none, or nothing left at all."""
    idle = recurrence.idle_omissions()
    if idle:
        named = [f"--except {each.isoformat()}: nothing comes then anyhow" for each in idle]
        raise InputError("nothing was written", named)
    if recurrence.next(now) is None:
        raise InputError("nothing comes of it any more: look at --cron, --start and --end")
