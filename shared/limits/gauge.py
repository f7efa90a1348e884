"""A gauge: one window of one scope, in the plain numbers that the books count with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from shared.domain.duration import show_duration
from shared.domain.limit import Call, Limit, Reach, Scope, Unit, Window

#: Stands for the limit of a window of which only the remaining requests were told.
UNTOLD = 1_000_000_000

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A window with the identity under which all processes count it; times in milliseconds."""

    id: str
    connection: str
    account: str | None
    limit: Limit
    per_ms: int
    #: A calendar day's beginning and end; 0 for every other window.
    floor_ms: int = 0
    ends_ms: int = 0

    @property
    def requests(self) -> int:
        return self.limit.requests

    @property
    def is_fixed(self) -> bool:
        return self.limit.window is Window.FIXED

    @property
    def is_configured(self) -> bool:
        return self.limit.source == "configured"

    def describe(self, figure: int) -> str:
        """Say the limit as a person reads it: `60 requests per 1m of wonda`."""
        whom = self.connection if self.account is None else f"{self.connection}/{self.account}"
        what = "day" if self.limit.window is Window.DAY else show_duration(self.limit.per)
        return f"{self.limit.amount(figure)} per {what} of {whom}"

    def wire(self) -> dict[str, Any]:
        """Return the form in which the scripts know it; a script stores it and gives it back."""
        form = {
            "id": self.id,
            "connection": quoted(self.connection),
            "requests": self.requests,
            "unit": str(self.limit.unit),
            "per": self.per_ms,
            "limit_per_s": self.limit.per.total_seconds(),
            "window": str(self.limit.window),
            "shared": self.limit.is_shared,
            "calls": sorted(self.limit.calls),
            "zone": self.limit.zone,
            "source": self.limit.source,
            "floor": self.floor_ms,
            "ends": self.ends_ms,
            # What may differ in gauges of one id; the rest of the form follows from the id.
            "tag": f"{self.requests} {self.limit.source} {self.floor_ms}",
        }
        return form if self.account is None else form | {"account": quoted(self.account)}

    @classmethod
    def from_wire(cls, form: Mapping[str, Any]) -> "Gauge":
        account = form.get("account")
        limit = Limit(
            requests=int(form["requests"]),
            unit=Unit(form["unit"]),
            per=timedelta(seconds=form["limit_per_s"]),
            window=Window(form["window"]),
            reach=Reach.CONNECTION if account is None else Reach.ACCOUNT,
            calls=frozenset(map(Call, form["calls"] or ())),
            zone=form["zone"],
            source=form["source"],
        )
        return cls(
            id=form["id"],
            connection=unquote(form["connection"]),
            account=None if account is None else unquote(account),
            limit=limit,
            per_ms=int(form["per"]),
            floor_ms=int(form["floor"]),
            ends_ms=int(form["ends"]),
        )


def gauge_of(limit: Limit, scope: Scope, now: datetime) -> Gauge:
    account = scope.account if limit.reach is Reach.ACCOUNT else None
    gauge = _timeless(limit, scope.connection, account)
    if limit.window is not Window.DAY:
        return gauge
    start, end = _day(limit.zone, now.astimezone(_zone(limit.zone)).date().toordinal())
    return replace(gauge, per_ms=end - start, floor_ms=start, ends_ms=end)


def gauges_of(limits: Iterable[Limit], scope: Scope, now: datetime) -> list[Gauge]:
    """Return the windows of a scope, one for each identity: the strictest of its limits."""
    found: dict[str, Gauge] = {}
    for limit in limits:
        if limit.reach is Reach.ACCOUNT and scope.account is None:
            continue
        gauge = gauge_of(limit, scope, now)
        other = found.get(gauge.id)
        if other is None or gauge.requests < other.requests:
            found[gauge.id] = gauge
    return list(found.values())


def counting(gauges: Sequence[Gauge], call: Call) -> list[Gauge]:
    return [gauge for gauge in gauges if gauge.limit.counts(call)]


@lru_cache(maxsize=4096)
def quoted(name: str) -> str:
    """Return a name without the characters that the keys use themselves."""
    return quote(name, safe="")


def milliseconds(instant: datetime) -> int:
    return (instant - EPOCH) // _MILLISECOND


def milliseconds_up(instant: datetime) -> int:
    """Return the first whole millisecond that is not before an instant to be waited for."""
    return -((EPOCH - instant) // _MILLISECOND)


def instant(epoch_ms: float) -> datetime:
    return EPOCH + _MILLISECOND * int(epoch_ms)


@lru_cache(maxsize=4096)
def _timeless(limit: Limit, connection: str, account: str | None) -> Gauge:
    return Gauge(
        id=_identity(limit, connection, account),
        connection=connection,
        account=account,
        limit=limit,
        per_ms=limit.per // _MILLISECOND,
    )


def _identity(limit: Limit, connection: str, account: str | None) -> str:
    """Name the window; two processes, or a learnt and an assumed figure, must name it alike."""
    whom = quoted(connection) if account is None else f"{quoted(connection)}|{quoted(account)}"
    calls = "+".join(sorted(limit.calls)) or "all"
    zone = f":{quoted(limit.zone)}" if limit.window is Window.DAY else ""
    return f"{whom}:{limit.per // _MILLISECOND}:{limit.window}:{limit.unit}:{calls}{zone}"


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=256)
def _day(zone: str, ordinal: int) -> tuple[int, int]:
    starts = (_midnight(zone, ordinal), _midnight(zone, ordinal + 1))
    return milliseconds(starts[0]), milliseconds(starts[1])


def _midnight(zone: str, ordinal: int) -> datetime:
    local = datetime.combine(datetime.fromordinal(ordinal).date(), time(), _zone(zone))
    return local.astimezone(UTC)
