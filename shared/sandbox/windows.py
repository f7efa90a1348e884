"""Requests counted against limits, the blocks announced, and who came inside one."""

import math
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.sandbox.clock import SandboxClock, iso_ms
from shared.sandbox.exchange import Json
from shared.sandbox.faults import Subject

#: Requests that were on their way when the block was announced are nobody's fault.
_GRACE = timedelta(milliseconds=250)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests `per` a time: `fixed` windows from the epoch, or `sliding`."""

    provider: str
    requests: int
    per: timedelta
    call: str | None = None
    scope: str = "key"
    window: str = "fixed"

    def covers(self, subject: Subject) -> bool:
        return self.provider == subject.provider and self.call in {None, subject.call}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit stands after a request: `resets_at` is when something is free again."""

    limit: Limit
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass; `blocked_until` is set when it may not."""

    standings: tuple[Standing, ...]
    blocked_until: datetime | None = None

    @property
    def tightest(self) -> Standing | None:
        return min(self.standings, key=lambda standing: standing.remaining, default=None)

    def used_up(self, until: datetime) -> "Verdict":
        """Tell the same with nothing left until then, as the headers of a 429 do."""
        spent = (replace(one, remaining=0, resets_at=until) for one in self.standings)
        return Verdict(tuple(spent), until)


@dataclass(frozen=True, slots=True)
class _Block:
    announced_at: datetime
    until: datetime


Scope = tuple[str, str | None, str]


class Windows:
    """Strict counting; a refused request is not counted, but one inside a block is a violation."""

    def __init__(self, clock: SandboxClock, limits: list[Limit]) -> None:
        self._clock = clock
        self.limits = limits
        self._spent: dict[tuple[Limit, str], deque[datetime]] = defaultdict(deque)
        self._blocks: dict[Scope, _Block] = {}
        self._violations: list[Json] = []
        self._lock = threading.Lock()

    def add(self, limit: Limit) -> None:
        with self._lock:
            self.limits.append(limit)

    def admit(self, subject: Subject) -> Verdict:
        with self._lock:
            now = self._clock.now()
            blocked_until = self._blocked(subject, now)
            if blocked_until is not None:
                return Verdict(self._standings(subject, now), blocked_until)
            return self._count(subject, now)

    def announce(self, subject: Subject, fault_block: str, until: datetime) -> None:
        """Note that a fault's 429 named this moment to this scope."""
        with self._lock:
            self._announce(_scope(subject, fault_block), until)

    def violations(self) -> list[Json]:
        with self._lock:
            return list(self._violations)

    def _count(self, subject: Subject, now: datetime) -> Verdict:
        standings = self._standings(subject, now)
        full = [standing for standing in standings if standing.remaining <= 0]
        if full:
            for standing in full:
                self._announce(_limit_scope(standing.limit, subject), standing.resets_at)
            return Verdict(standings, max(standing.resets_at for standing in full))
        for standing in standings:
            self._spent[standing.limit, _unit(standing.limit, subject)].append(now)
        return Verdict(self._standings(subject, now))

    def _standings(self, subject: Subject, now: datetime) -> tuple[Standing, ...]:
        return tuple(
            self._stand(limit, subject, now) for limit in self.limits if limit.covers(subject)
        )

    def _stand(self, limit: Limit, subject: Subject, now: datetime) -> Standing:
        spent = self._spent[limit, _unit(limit, subject)]
        opened_at = _window_start(limit, now)
        while spent and (spent[0] < opened_at or spent[0] <= now - limit.per):
            spent.popleft()
        remaining = limit.requests - len(spent)
        freed_at = spent[0] + limit.per if spent else now
        resets_at = opened_at + limit.per if limit.window == "fixed" else freed_at
        return Standing(limit, remaining, whole_second_after(resets_at))

    def _blocked(self, subject: Subject, now: datetime) -> datetime | None:
        blocks = [
            (scope, block)
            for scope, block in self._blocks.items()
            if block.until > now and _covers(scope, subject)
        ]
        for scope, block in blocks:
            if now > block.announced_at + _GRACE:
                self._violations.append(_violation(scope, subject, now, block))
        return max((block.until for _, block in blocks), default=None)

    def _announce(self, scope: Scope, until: datetime) -> None:
        known = self._blocks.get(scope)
        if known is None or known.until < until:
            self._blocks[scope] = _Block(self._clock.now(), until)


def whole_second_after(instant: datetime) -> datetime:
    """Headers speak in whole seconds, so blocks end on one."""
    return _EPOCH + timedelta(seconds=math.ceil((instant - _EPOCH).total_seconds()))


def _window_start(limit: Limit, now: datetime) -> datetime:
    if limit.window != "fixed":
        return now - limit.per
    return _EPOCH + ((now - _EPOCH) // limit.per) * limit.per


def _unit(limit: Limit, subject: Subject) -> str:
    return ",".join(subject.account_ids) if limit.scope == "account" else ""


def _limit_scope(limit: Limit, subject: Subject) -> Scope:
    return limit.provider, limit.call, _unit(limit, subject)


def _scope(subject: Subject, block: str) -> Scope:
    call = None if block == "key" else subject.call
    return subject.provider, call, ",".join(subject.account_ids) if block == "account" else ""


def _covers(scope: Scope, subject: Subject) -> bool:
    provider, call, accounts = scope
    return (
        provider == subject.provider
        and call in {None, subject.call}
        and accounts in {"", ",".join(subject.account_ids)}
    )


def _violation(scope: Scope, subject: Subject, now: datetime, block: _Block) -> Json:
    return {
        "provider": subject.provider,
        "call": subject.call,
        "account_ids": list(subject.account_ids),
        "scope": list(scope),
        "arrived_at": iso_ms(now),
        "blocked_until": iso_ms(block.until),
    }
