"""The limiter's rules, whoever keeps the books: what is reserved, learnt, blocked and saved.

admit ─→ open ─→ learn: the request ended at its answer; its slot frees one window later
           ├──→ release: it was not sent; its slots are free at once
           └──→ the thread's next admit: no answer came, the request is over all the same
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.domain.limit import (
    POLLING_SHARE,
    READING,
    Admission,
    Block,
    Call,
    Headroom,
    Limit,
    Reading,
    Reply,
    Scope,
    Unit,
    WindowUse,
)
from shared.errors import LimiterUnavailable, PartUnreachable
from shared.limits.adaptive import ADAPTIVE
from shared.limits.books import (
    READS,
    SENDS,
    Ask,
    Books,
    Refusal,
    Reservation,
    Standing,
    Teaching,
    Verdict,
)
from shared.limits.ends import Ends
from shared.limits.gauge import counting, gauges_of
from shared.limits.listing import list_windows, unused
from shared.limits.matching import lessons
from shared.limits.reading import TOO_MANY_REQUESTS, summary, windows
from shared.limits.store import LimitStore
from shared.logs import logger

log = logger(__name__)

#: What a 429 without any figure asks for; each further one doubles it, up to the cap (sheets: A).
FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(seconds=60)

#: The answer to an admitted request came back as one that the provider took.
_SUCCESS = range(200, 400)

#: Windows no longer than this are not worth saving: they are full again before SQL is asked.
SHORT = timedelta(seconds=60)


_ONE_EACH: Mapping[Unit, int] = dict.fromkeys(Unit, 1)


@dataclass(frozen=True, slots=True)
class _Open:
    reservation: Reservation
    #: How many bare 429s came in a row before it was sent.
    streak: int


class LearningLimiter:
    """Implements the port `Limiter` on books; a thread makes one request at a time."""

    def __init__(
        self,
        books: Books,
        limits: Callable[[Scope], Sequence[Limit]],
        store: LimitStore | None,
        clock: Clock,
        share: Callable[[str], float] = lambda _connection: POLLING_SHARE,
    ) -> None:
        self._books = books
        self._share = share
        self._limits = limits
        self._store = store
        self._clock = clock
        self._ends = Ends()
        self._thread = threading.local()
        self._unwritten: list[Teaching] = []
        self._saved: dict[str, tuple[int, int, str]] = {}
        #: What this process was told itself, at once: a block takes a moment to reach the books.
        self._stopped: dict[str, datetime] = {}

    def admit(
        self,
        scope: Scope,
        call: Call,
        cost: int,
        now: datetime,
        containers: int | None = None,
    ) -> Admission:
        """Reserve in every window that counts this call; the denial names the latest to open."""
        self._close(now)
        self._write_owed(now)
        costs = {Unit.REQUESTS: cost, Unit.POSTS: 1, Unit.CONTAINERS: containers or 1}
        side = READS if call in READING and containers is None else SENDS
        ask = self._ask(scope, call, now, costs, side)
        hopeless = next((g for g in ask.gauges if not g.limit.admits(containers or 1)), None)
        if hopeless is not None:
            return Admission(granted=False, limit=hopeless.describe(hopeless.requests))
        with self._ends.telling() as ended:
            verdict = self._books.reserve(ask, ended, now)
        if verdict.reservation is None:
            return Admission(granted=False, until=verdict.opens, limit=verdict.why)
        self._thread.open = _Open(verdict.reservation, verdict.streak)
        self._ends.opened()
        return Admission(granted=True, reservation=str(verdict.reservation))

    def release(self, reservation: str) -> None:
        held = Reservation.parse(reservation)
        open_ = self._opened()
        if open_ and open_.reservation == held:
            self._thread.open = None
            self._ends.closed()
        with self._ends.telling() as ended:
            self._books.give_back(held, ended, self._clock.now())

    def learn(self, scope: Scope, call: Call, reply: Reply) -> Reading:
        """Take in an answer; one that teaches nothing costs no round trip of its own.

        A 429 blocks the connection until the moment it names. Without one (or with the present
        for one) it is 2 s, doubled for each further such 429 to a request admitted after the
        last, at most 60 s; a success begins anew.
        """
        now = reply.received_at
        open_ = self._close(now)
        streak = open_.streak if open_ else 0
        described = windows(reply)
        reading = summary(reply, described)
        gauges = counting(gauges_of(self._limits(scope), scope, now), call)
        found = lessons(described, gauges, scope, now)
        taught = Teaching(connection=scope.connection, lessons=found, has_figures=bool(found))
        if reply.status == TOO_MANY_REQUESTS:
            if open_ and not found and not reading.wait:
                ask = self._ask(scope, call, now)
                taught = replace(taught, refusal=Refusal(ask=ask, reservation=open_.reservation))
            taught, reading = self._refused(taught, reading, streak, now)
            self._teach(taught, now)
        elif taught.lessons or self._ends.are_due(now) or (streak and reply.status in _SUCCESS):
            ends_streak = streak > 0 and reply.status in _SUCCESS
            self._teach(replace(taught, streak=0 if ends_streak else None), now)
        return reading

    def block(self, scope: Scope, until: datetime, why: str, now: datetime) -> None:
        """Admit nothing before `until`; SQL knows before the books do."""
        block = Block(scope.connection, scope.account, until, why)
        self._save_block(block, now)
        self._teach(Teaching(connection=scope.connection, block=block), now)

    def stopped(self, connection: str, now: datetime) -> datetime | None:
        until = self._stopped.get(connection)
        return until if until is not None and until > now else None

    def headroom(
        self, scopes: Sequence[Scope], call: Call, now: datetime, within: timedelta = timedelta(0)
    ) -> list[Headroom]:
        if not scopes:
            return []
        self._write_owed(now)
        by = now + within
        asks = [self._ask(scope, call, by) for scope in scopes]
        with self._ends.telling() as ended:
            return list(map(_headroom, self._books.survey(asks, ended, by)))

    def windows(self, now: datetime, scopes: Sequence[Scope] = ()) -> list[WindowUse]:
        with self._ends.telling() as ended:
            standings, blocks = self._books.standings(ended, now)
        declared = [gauges_of(self._limits(scope), scope, now) for scope in scopes]
        return list_windows([*standings, *unused(declared, standings)], blocks)

    def snapshot(self, now: datetime) -> None:
        """Save windows over 60 s, and learnt ones of any length; the scheduler calls it often."""
        with self._ends.telling() as ended:
            standings, _ = self._books.standings(ended, now)
        for standing in standings:
            if standing.gauge.limit.per > SHORT or standing.learnt:
                self._save_if_changed(standing, now)

    def epoch(self) -> str:
        """Return the books' epoch; when it differs, what they knew was lost and is rebuilt."""
        return self._books.epoch()

    def _ask(
        self,
        scope: Scope,
        call: Call,
        now: datetime,
        costs: Mapping[Unit, int] = _ONE_EACH,
        side: str | None = None,
    ) -> Ask:
        limits = (*self._limits(scope), ADAPTIVE)
        return Ask(
            scope=scope,
            call=call,
            gauges=counting(gauges_of(limits, scope, now), call),
            costs=costs,
            side=side or (READS if call in READING else SENDS),
            share=self._share(scope.connection),
        )

    def _opened(self) -> _Open | None:
        return getattr(self._thread, "open", None)

    def _close(self, now: datetime) -> _Open | None:
        """End this thread's request and return it."""
        open_ = self._opened()
        if open_ is not None:
            self._thread.open = None
            self._ends.ended(open_.reservation, now)
        return open_

    def _refused(
        self, taught: Teaching, reading: Reading, streak: int, now: datetime
    ) -> tuple[Teaching, Reading]:
        named = reading.wait or None
        wait = named or min(FIRST_BACKOFF * 2**streak, LONGEST_BACKOFF)
        why = "the provider answered 429" + ("" if named else " without naming a time")
        block = Block(taught.connection, None, now + wait, why)
        known = self._stopped.get(taught.connection)
        self._stopped[taught.connection] = max(block.until, known or block.until)
        self._save_block(block, now)
        taught = replace(
            taught,
            block=block,
            streak=None if named else min(streak + 1, 10),
            has_figures=taught.has_figures or named is not None,
        )
        return taught, replace(reading, wait=wait)

    def _teach(self, teaching: Teaching, now: datetime) -> None:
        """Write to the books; a block that they miss is owed, and written before all else."""
        try:
            with self._ends.telling() as ended:
                news = self._books.learn(teaching, ended, now)
        except LimiterUnavailable:
            if teaching.block:
                self._unwritten.append(teaching)
            raise
        for standing in news:
            self._save_window(standing, now)

    def _write_owed(self, now: datetime) -> None:
        while self._unwritten:
            self._books.learn(self._unwritten[0], [], now)
            del self._unwritten[:1]

    def _save_block(self, block: Block, now: datetime) -> None:
        """Save before the books know; an answer is not lost because SQL is away."""
        if self._store is None:
            return
        try:
            self._store.save_block(block.connection, block.account, block.until, block.why, now)
        except PartUnreachable as away:
            log.warning("a block could not be saved", connection=block.connection, why=str(away))

    def _save_if_changed(self, standing: Standing, now: datetime) -> None:
        seen = (standing.limit, standing.used, standing.mark)
        if self._saved.get(standing.gauge.id) != seen:
            self._save_window(standing, now)
            self._saved[standing.gauge.id] = seen

    def _save_window(self, standing: Standing, now: datetime) -> None:
        if self._store is None:
            return
        gauge = standing.gauge
        limit = gauge.limit
        if standing.learnt:
            limit = replace(limit, requests=standing.limit, source=standing.source)
        try:
            self._store.save_window(
                gauge.connection, gauge.account, limit, standing.used, standing.empties_at, now
            )
        except PartUnreachable as away:
            log.warning("a window could not be saved", window=gauge.id, why=str(away))


def _headroom(verdict: Verdict) -> Headroom:
    until = verdict.opens if verdict.free is not None and verdict.free < 1 else None
    free = None if verdict.free is None else max(verdict.free, 0)
    return Headroom(free=free, until=until, limit=verdict.why)
