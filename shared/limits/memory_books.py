"""The books of one process, in its own memory, by the rules of the scripts."""

import itertools
import threading
from collections.abc import Sequence
from datetime import datetime

from shared.domain.limit import Block
from shared.limits.adaptive import adaptive_gauge
from shared.limits.books import SENDS, Ask, Ended, Reservation, Standing, Teaching, Verdict
from shared.limits.gauge import Gauge, instant, milliseconds
from shared.limits.memory_window import MemoryWindow
from shared.limits.sharing import Room, Want


class MemoryBooks:
    """Windows, blocks and streaks in dictionaries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, MemoryWindow] = {}
        self._learnt: set[str] = set()
        self._blocks: dict[tuple[str, str | None], Block] = {}
        self._streaks: dict[str, int] = {}
        self._nonces = map(str, itertools.count(1))

    def reserve(self, ask: Ask, ended: Sequence[Ended], now: datetime) -> Verdict:
        with self._lock:
            self._end(ended)
            windows = self._asked(ask, milliseconds(now))
            refusal = self._refusal(ask, windows, now)
            if refusal is not None:
                return refusal
            nonce, at = ask.side + next(self._nonces), milliseconds(now)
            costs = {window.gauge.id: _cost(window, ask) for window in windows}
            for window in windows:
                window.reserve(nonce, costs[window.gauge.id], at)
                window.probe(at)
            return Verdict(
                reservation=Reservation(nonce=nonce, admitted_ms=at, costs=costs),
                streak=self._streaks.get(ask.scope.connection, 0),
            )

    def survey(self, asks: Sequence[Ask], ended: Sequence[Ended], by: datetime) -> list[Verdict]:
        with self._lock:
            self._end(ended)
            return [self._surveyed(ask, by) for ask in asks]

    def give_back(self, reservation: Reservation, ended: Sequence[Ended], now: datetime) -> None:
        with self._lock:
            self._end(ended)
            for window, cost in self._held(reservation):
                window.release(reservation.nonce, cost, reservation.admitted_ms, milliseconds(now))

    def learn(self, teaching: Teaching, ended: Sequence[Ended], now: datetime) -> list[Standing]:
        with self._lock:
            self._end(ended)
            at = milliseconds(now)
            changed = self._tried(teaching, at) + [
                window
                for lesson in teaching.lessons
                for window in [self._window(lesson.gauge, at)]
                if window.learn(lesson, at)
            ]
            self._learnt |= {lesson.gauge.id for lesson in teaching.lessons}
            if teaching.block:
                self._block(teaching.block)
            if teaching.streak is not None:
                known = self._streaks.get(teaching.connection, 0)
                self._streaks[teaching.connection] = teaching.streak and max(teaching.streak, known)
            return [window.standing(at) for window in changed]

    def standings(
        self, ended: Sequence[Ended], now: datetime
    ) -> tuple[list[Standing], list[Block]]:
        with self._lock:
            self._end(ended)
            at = milliseconds(now)
            blocks = [block for block in self._blocks.values() if block.until > now]
            for window in self._windows.values():
                window.age(at)
            return [window.standing(at) for window in self._windows.values()], blocks

    def seed(self, gauge: Gauge, ends_ms: Sequence[int]) -> None:
        """Count requests that ended at these moments, of which somebody else kept the record."""
        with self._lock:
            window = self._windows.setdefault(gauge.id, MemoryWindow(gauge))
            window.ends |= {(f"{SENDS}seed{number}", 0): at for number, at in enumerate(ends_ms)}

    def block(self, block: Block) -> None:
        """Admit nothing in a scope before a moment that somebody else was told."""
        with self._lock:
            self._block(block)

    def epoch(self) -> str:
        """Name this memory: it lives as long as its process."""
        return f"memory:{id(self)}"

    def _tried(self, teaching: Teaching, at: int) -> list[MemoryWindow]:
        """Return the adaptive window if the answer ended, began or cut its limit."""
        window = self._window(adaptive_gauge(teaching.connection), at)
        changed = teaching.has_figures and window.forget()
        if teaching.refusal:
            held = teaching.refusal.reservation
            others = (each for each in self._asked(teaching.refusal.ask, at) if each is not window)
            explained = any(each.is_full(at) for each in others)
            changed = window.refuse(held.nonce, held.admitted_ms, at, explained=explained)
        return [window] if changed else []

    def _asked(self, ask: Ask, at: int) -> list[MemoryWindow]:
        """Return the windows asked about, and those which only answers taught us."""
        declared = [self._window(gauge, at) for gauge in ask.gauges]
        named = {gauge.id for gauge in ask.gauges}
        taught = (self._windows[id_] for id_ in sorted(self._learnt - named))
        return declared + [window for window in taught if _concerns(window.gauge, ask)]

    def _window(self, gauge: Gauge, at: int) -> MemoryWindow:
        window = self._windows.setdefault(gauge.id, MemoryWindow(gauge))
        window.gauge = gauge
        window.age(at)
        return window

    def _refusal(self, ask: Ask, windows: Sequence[MemoryWindow], now: datetime) -> Verdict | None:
        block = self._worst_block(ask, now)
        if block is not None:
            return Verdict(free=0, opens=block.until, why=block.why)
        at = milliseconds(now)
        worst: tuple[MemoryWindow, Room] | None = None
        for window in windows:
            want = _want(window, ask)
            room = window.look(want, at)
            if room.opens is None:
                continue
            window.note_demand(want, room.opens, at)
            if worst is None or room.opens > (worst[1].opens or 0):
                worst = window, room
        return None if worst is None else _verdict(*worst)

    def _surveyed(self, ask: Ask, now: datetime) -> Verdict:
        at = milliseconds(now)
        windows = [window for window in self._asked(ask, at) if not window.is_unlimited]
        refusal = self._refusal(ask, windows, now)
        if refusal is not None:
            return refusal
        rooms = [(window, window.look(_want(window, ask), at)) for window in windows]
        tightest = min(rooms, key=lambda each: each[1].free, default=None)
        return Verdict() if tightest is None else _verdict(*tightest)

    def _worst_block(self, ask: Ask, now: datetime) -> Block | None:
        keys = {(ask.scope.connection, None), (ask.scope.connection, ask.scope.account)}
        blocks = [self._blocks[key] for key in keys if key in self._blocks]
        return max(
            (block for block in blocks if block.until > now),
            key=lambda block: block.until,
            default=None,
        )

    def _block(self, block: Block) -> None:
        key = (block.connection, block.account)
        known = self._blocks.get(key)
        if known is None or known.until < block.until:
            self._blocks[key] = block

    def _end(self, ended: Sequence[Ended]) -> None:
        for each in ended:
            for window, cost in self._held(each.reservation):
                window.end(each.reservation.nonce, cost, each.at_ms)

    def _held(self, reservation: Reservation) -> list[tuple[MemoryWindow, int]]:
        windows = self._windows
        return [(windows[id_], cost) for id_, cost in reservation.costs.items() if id_ in windows]


def _concerns(gauge: Gauge, ask: Ask) -> bool:
    mine = gauge.connection == ask.scope.connection
    return mine and gauge.account in {None, ask.scope.account} and gauge.limit.counts(ask.call)


def _cost(window: MemoryWindow, ask: Ask) -> int:
    return ask.costs[window.gauge.limit.unit]


def _want(window: MemoryWindow, ask: Ask) -> Want:
    return Want(_cost(window, ask), ask.side, ask.share, ask.is_alone)


def _verdict(window: MemoryWindow, room: Room) -> Verdict:
    return Verdict(
        free=room.free,
        opens=None if room.opens is None else instant(room.opens),
        why=window.gauge.describe(window.limit),
    )
