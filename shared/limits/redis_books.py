"""The books in Redis, shared by all processes; a memory that is not ours is rebuilt from SQL.

Each script compares the epoch key with the server's run id (INFO costs it 5 us), so that a
restart, an old append-only file, a failover or a flush is noticed in the same step that counts.
"""

import secrets
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.domain.limit import Block, Scope
from shared.errors import LimiterUnavailable, PartUnreachable
from shared.limits.adaptive import adaptive_gauge
from shared.limits.books import (
    LONGEST_CALL,
    READS,
    Ask,
    Ended,
    Lesson,
    Refusal,
    Reservation,
    Standing,
    Teaching,
    Verdict,
)
from shared.limits.gauge import Gauge, gauge_of, instant, milliseconds, milliseconds_up, quoted
from shared.limits.rebuilding import (
    blind_until,
    block_form,
    block_of,
    counted_ends,
    learnt_limits,
)
from shared.limits.scripts import Scripts
from shared.limits.store import LimitStore

#: A rebuild reads a few rows; whoever takes longer has died and another one takes over.
_REBUILD_PATIENCE_MS = 30_000

_LONGEST_MS = int(LONGEST_CALL.total_seconds() * 1_000)

#: How often the memory may turn out to be another one within one question.
_TRIES = 5


class RedisBooks:
    """Asks the scripts, and rebuilds what they find gone.

    One process rebuilds; to the others, for these milliseconds, the limiter is unavailable. It
    rebuilds as of now, which is later than the question where it stood still in between, and
    earlier where that looked ahead.
    """

    def __init__(self, redis_url: str, store: LimitStore, clock: Clock) -> None:
        self._scripts = Scripts(redis_url)
        self._store = store
        self._clock = clock
        self._epoch = ""
        self._rebuilding = threading.Lock()

    def close(self) -> None:
        self._scripts.close()

    def reserve(self, ask: Ask, ended: Sequence[Ended], now: datetime) -> Verdict:
        nonce = ask.side + secrets.token_urlsafe(9)
        question = _scope_form(ask) | {
            "call": str(ask.call),
            "costs": ask.costs,
            "nonce": nonce,
            "ended": list(map(_ended_form, ended)),
        }
        answer = self._ask("admit", question, now)
        if not answer.get("granted"):
            return _verdict(answer | {"free": 0})
        reservation = Reservation(
            nonce=nonce,
            admitted_ms=milliseconds(now),
            costs=answer["costs"],
        )
        return Verdict(reservation=reservation, streak=int(answer["streak"]))

    def survey(self, asks: Sequence[Ask], ended: Sequence[Ended], by: datetime) -> list[Verdict]:
        question = {
            "call": str(asks[0].call),
            "costs": asks[0].costs,
            "scopes": list(map(_scope_form, asks)),
            "ended": list(map(_ended_form, ended)),
        }
        return list(map(_verdict, self._ask("headroom", question, by)["answers"]))

    def give_back(self, reservation: Reservation, ended: Sequence[Ended], now: datetime) -> None:
        question = {
            "nonce": reservation.nonce,
            "costs": reservation.costs,
            "admitted": reservation.admitted_ms,
            "ended": list(map(_ended_form, ended)),
        }
        self._ask("release", question, now)

    def learn(self, teaching: Teaching, ended: Sequence[Ended], now: datetime) -> list[Standing]:
        question: dict[str, Any] = {
            "connection": quoted(teaching.connection),
            "lessons": list(map(_lesson_form, teaching.lessons)),
            "ended": list(map(_ended_form, ended)),
        }
        if teaching.has_figures or teaching.refusal:
            question["adaptive"] = adaptive_gauge(teaching.connection).wire()
            question["has_figures"] = teaching.has_figures
        if teaching.refusal:
            question |= _refusal_form(teaching.refusal)
        if teaching.block:
            question["block"] = block_form(teaching.block)
        if teaching.streak is not None:
            question["streak"] = teaching.streak
        return list(map(_standing, self._ask("learn", question, now)["news"] or ()))

    def standings(
        self, ended: Sequence[Ended], now: datetime
    ) -> tuple[list[Standing], list[Block]]:
        answer = self._ask("list", {"ended": list(map(_ended_form, ended))}, now)
        windows = list(map(_standing, answer["windows"] or ()))
        return windows, list(map(block_of, answer["blocks"] or ()))

    def epoch(self) -> str:
        self._find_epoch()
        return self._epoch

    def _ask(self, name: str, question: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Run a script, first rebuilding the memory or filling a window where it says so."""
        for _ in range(_TRIES):
            answer = self._scripts.run(name, {**question, **self._frame(now)})
            if answer.get("gone"):
                self._find_epoch()
            elif answer.get("unseeded"):
                for form in answer["unseeded"]:
                    self._seed(form)
            else:
                return answer
        raise LimiterUnavailable("Redis keeps losing its memory of the limits")

    def _frame(self, now: datetime) -> dict[str, Any]:
        _, generation, blind = (*self._epoch.split(":"), "", "")[:3]
        return {
            "now": milliseconds(now),
            "epoch": self._epoch,
            "generation": generation,
            "blind": int(blind or 0),
            "longest": _LONGEST_MS,
        }

    def _find_epoch(self) -> None:
        """Take over the epoch that another process has opened, or open one."""
        with self._rebuilding:
            token = secrets.token_urlsafe(9)
            answer = self._scripts.run("begin", {"token": token, "patience": _REBUILD_PATIENCE_MS})
            if answer.get("busy"):
                raise LimiterUnavailable("another process is rebuilding the limits' windows")
            self._epoch = answer.get("epoch") or self._rebuild(answer["run"], token)

    def _rebuild(self, run: str, token: str) -> str:
        now = self._clock.now()
        try:
            blocks = list(map(block_form, self._store.blocks(now)))
            learnt = learnt_limits(self._store.learnt(now), now)
            blind = blind_until(self._store, now)
        except PartUnreachable as away:
            raise LimiterUnavailable(f"the limits' windows cannot be rebuilt: {away}") from away
        epoch = f"{run}:{secrets.token_hex(8)}:{milliseconds_up(blind) if blind else 0}"
        question = {
            "now": milliseconds(now),
            "generation": epoch.split(":")[1],
            "epoch": epoch,
            "run": run,
            "token": token,
            "blocks": blocks,
            "learnt": learnt,
        }
        if self._scripts.run("commit", question).get("late"):
            raise LimiterUnavailable("Redis lost its memory while the windows were rebuilt")
        return epoch

    def _seed(self, form: Mapping[str, Any]) -> None:
        now = self._clock.now()
        asked = Gauge.from_wire(form)
        gauge = gauge_of(asked.limit, Scope(asked.connection, asked.account), now)
        try:
            ends = counted_ends(gauge, self._store, now)
        except PartUnreachable as away:
            raise LimiterUnavailable(f"the limits' windows cannot be rebuilt: {away}") from away
        self._scripts.run("seed", {**self._frame(now), "gauge": gauge.wire(), "ends": ends})


def _scope_form(ask: Ask) -> dict[str, Any]:
    form: dict[str, Any] = {
        "connection": quoted(ask.scope.connection),
        "gauges": [gauge.wire() for gauge in ask.gauges],
        "reads": ask.side == READS,
        "share": ask.share,
        "alone": ask.is_alone,
    }
    account = ask.scope.account
    return form if account is None else form | {"account": quoted(account)}


def _ended_form(ended: Ended) -> dict[str, Any]:
    held = ended.reservation
    return {"nonce": held.nonce, "at": ended.at_ms, "costs": held.costs}


def _refusal_form(refusal: Refusal) -> dict[str, Any]:
    ask, held = refusal.ask, refusal.reservation
    cost = held.costs.get(adaptive_gauge(ask.scope.connection).id, 0)
    refused = {"nonce": held.nonce, "cost": cost, "admitted": held.admitted_ms}
    return _scope_form(ask) | {"call": str(ask.call), "refused": refused}


def _lesson_form(lesson: Lesson) -> dict[str, Any]:
    form = {
        "limit": lesson.limit,
        "remaining": lesson.remaining,
        "reset": lesson.reset_ms,
    }
    told = {key: value for key, value in form.items() if value is not None}
    return {"gauge": lesson.gauge.wire(), **told}


def _verdict(answer: Mapping[str, Any]) -> Verdict:
    why = answer.get("why", "")
    if "gauge" in answer:
        why = Gauge.from_wire(answer["gauge"]).describe(int(answer["limit"]))
    opens = answer.get("opens")
    free = answer.get("free")
    return Verdict(
        free=None if free is None else int(free),
        opens=None if opens is None else instant(opens),
        why=why,
    )


def _standing(form: Mapping[str, Any]) -> Standing:
    resets = form.get("resets")
    return Standing(
        gauge=Gauge.from_wire(form["gauge"]),
        limit=int(form["limit"]),
        used=int(form["used"]),
        resets_at=None if resets is None else instant(resets),
        empties_at=instant(form["empties"]),
        learnt=bool(form["learnt"]),
        source=form["source"],
        mark=form["mark"],
    )
