"""One window in memory, by the rules of windows.lua and learn.lua; instants in milliseconds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.limits.adaptive import FORGOTTEN, halved, is_used_well, raised
from shared.limits.books import LONGEST_CALL, READS, SENDS, Lesson, Standing
from shared.limits.gauge import Gauge, instant
from shared.limits.sharing import Room, Want

_LONGEST_MS = int(LONGEST_CALL.total_seconds() * 1_000)
_SLACK_MS = 2_000
_FORGOTTEN_MS = int(FORGOTTEN.total_seconds() * 1_000)

#: The ticks that bring a job back are a second apart.
_RETURN_MS = 2_000

Slot = tuple[str, int]


@dataclass(slots=True)
class MemoryWindow:
    """The requests that a window counts, and what the server told of it."""

    gauge: Gauge
    #: When each request ended or, while it is open, when it must have.
    ends: dict[Slot, int] = field(default_factory=dict)
    told_limit: int | None = None
    low: int | None = None
    reset: int | None = None
    first: int | None = None
    since: int = 0
    moving: bool = False
    floor: int = 0
    #: When an adaptive limit was cut, and when it was first used well since its last change.
    cut: int | None = None
    used_at: int | None = None
    #: Until when each side is taken to want more than there is.
    hungry_until: dict[str, int] = field(default_factory=lambda: {READS: 0, SENDS: 0})
    #: How many slots are kept for reads till then, at most their share.
    keeps: float = math.inf

    @property
    def limit(self) -> int:
        if self.told_limit is None:
            return self.gauge.requests
        if self.gauge.is_configured:
            return min(self.told_limit, self.gauge.requests)
        return self.told_limit

    @property
    def is_unlimited(self) -> bool:
        """Whether it only counts, for the day that an adaptive limit is needed."""
        return self.gauge.limit.source == "adaptive" and self.told_limit is None

    @property
    def source(self) -> str:
        if self.cut is not None:
            return "adaptive"
        return self.gauge.limit.source if self.told_limit is None else "learnt"

    def age(self, now: int) -> None:
        """Forget an adaptive limit that no refusal has confirmed for long."""
        if self.cut is not None and now >= self.cut + _FORGOTTEN_MS:
            self.forget()

    def forget(self) -> bool:
        """Give up an adaptive limit, and tell whether there was one."""
        had = self.cut is not None
        if had:
            self.told_limit = self.cut = self.used_at = None
        return had

    def is_full(self, now: int) -> bool:
        told = self._told(now)
        return self.limit - self.used(now) < 1 or (told is not None and told < 1)

    def refuse(self, nonce: str, admitted: int, now: int, *, explained: bool) -> bool:
        """Take in a refusal without figures and tell whether it set or cut the limit."""
        self.ends = {slot: end for slot, end in self.ends.items() if slot[0] != nonce}
        borne = self.used(now) if self.cut is None else self.limit
        is_old = self.cut is not None and admitted <= self.cut
        if explained or is_old or borne < 1:
            return False
        self.told_limit, self.cut, self.used_at = halved(borne), now, None
        return True

    def probe(self, now: int) -> None:
        """Raise an adaptive limit one window after it was used well, if nothing was refused."""
        limit = self.told_limit
        if self.cut is None or limit is None:
            return
        if self.used_at is None:
            if is_used_well(self.used(now), limit):
                self.used_at = now
        elif now >= self.used_at + self.gauge.per_ms:
            self.told_limit, self.used_at = raised(limit), None

    def look(self, want: Want, now: int) -> Room:
        """Say how many slots are free to this side, and when as many as it wants will be."""
        if self.is_unlimited:
            return Room(self.limit, None)
        own, told = self.limit - self.used(now), self._told(now)
        free = own if told is None else min(own, told)
        part = self._part(want, free, now)
        opens = []
        if own < want.cost:
            opens.append(self._frees_at(want.cost - own, now))
        if told is not None and told < want.cost and self.reset is not None:
            opens.append(self.reset)
        if part is not None and part < want.cost:
            leaves = self._frees_at(want.cost - part, now, want.side)
            opens.append(min(self.hungry_until[want.other], leaves))
        return Room(free if part is None else min(free, part), max(opens, default=None))

    def note_demand(self, want: Want, opens: int, now: int) -> None:
        """Hold the other side to its part until this one was served and had time to come back.

        For a read that comes alone one slot is kept.
        """
        if not self.gauge.limit.is_shared:
            return
        was_hungry = self.hungry_until[want.side] > now
        self.hungry_until[want.side] = max(now + self.gauge.per_ms, opens) + _RETURN_MS
        if want.side == READS:
            reads = self.used(now, READS)
            if not want.is_alone:
                self.keeps = math.inf
            elif not was_hungry or self.keeps <= reads:
                self.keeps = reads + 1

    def used(self, now: int, sides: str = READS + SENDS) -> int:
        """Count the slots taken, by one side or by both."""
        floor = self._floor(now)
        if sides == READS + SENDS:
            return sum([end > floor for end in self.ends.values()])
        return sum([end > floor for slot, end in self.ends.items() if slot[0][0] in sides])

    def reserve(self, nonce: str, cost: int, now: int) -> None:
        floor = self._floor(now)
        self.ends = {slot: end for slot, end in self.ends.items() if end > floor}
        self.ends |= {(nonce, unit): now + _LONGEST_MS for unit in range(cost)}
        if self.low is not None and self._told(now) is not None:
            self.low -= cost

    def end(self, nonce: str, cost: int, at: int) -> None:
        self.ends |= {(nonce, unit): at for unit in range(cost)}

    def release(self, nonce: str, cost: int, admitted: int, now: int) -> None:
        held = [slot for slot in self.ends if slot[0] == nonce and slot[1] < cost]
        for slot in held:
            del self.ends[slot]
        if self.low is not None and self._told(now) is not None and admitted >= self.since:
            self.low += len(held)

    def learn(self, lesson: Lesson, now: int) -> bool:
        """Take in what an answer says and tell whether the limit is news."""
        if lesson.reset_ms and self.first and lesson.reset_ms < self.first - self._slack:
            return False
        news = lesson.limit is not None and lesson.limit != self.told_limit
        if lesson.limit is not None:
            self.told_limit = lesson.limit
        if lesson.reset_ms is not None:
            self._turn(lesson.reset_ms, now)
            if lesson.remaining is not None:
                self._lower(lesson.remaining, now)
        return news

    def standing(self, now: int) -> Standing:
        used, resets = self.used(now), None
        told = self._told(now)
        if told is not None:
            used, resets = max(used, self.limit - told), self.reset
        if resets is None and used > 0:
            resets = self._frees_at(1, now)
        return Standing(
            gauge=self.gauge,
            limit=self.limit,
            used=used,
            resets_at=None if resets is None else instant(resets),
            empties_at=instant(self._saved_until(now)),
            learnt=self.told_limit is not None,
            source=self.source,
            mark=str(max(self.ends.values(), default="")),
        )

    @property
    def _slack(self) -> float:
        return min(_SLACK_MS, self.gauge.per_ms / 2)

    def _told(self, now: int) -> int | None:
        """Return what the server said is left, as long as its window lasts."""
        return self.low if self.reset is not None and self.reset > now else None

    def _part(self, want: Want, free: int, now: int) -> int | None:
        """Return what is left of this side's part; None while the other side wants nothing."""
        if not self.gauge.limit.is_shared or self.hungry_until[want.other] <= now:
            return None
        whole = self.used(now) + free
        return want.part(whole, self.keeps) - self.used(now, want.side)

    def _counted(self, now: int, sides: str = READS + SENDS) -> Iterator[int]:
        floor = self._floor(now)
        for (nonce, _), end in self.ends.items():
            if end > floor and nonce[0] in sides:
                yield end

    def _floor(self, now: int) -> int:
        """Return the instant after which a request must have ended to count."""
        floor = max(now - self.gauge.per_ms, self.gauge.floor_ms - 1)
        if not self.gauge.is_fixed or self.moving:
            return floor
        passed = self.reset if self.reset is not None and self.reset <= now else 0
        return max(floor, passed - 1, self.floor - 1)

    def _frees_at(self, slots: int, now: int, sides: str = READS + SENDS) -> int:
        if self._empties(now) != now + self.gauge.per_ms:
            return self._empties(now)
        ends = sorted(self._counted(now, sides))[slots - 1 : slots]
        return (ends[0] if ends and ends[0] <= now else now) + self.gauge.per_ms

    def _empties(self, now: int) -> int:
        if self.gauge.ends_ms:
            return self.gauge.ends_ms
        if self.gauge.is_fixed and not self.moving and self.reset is not None and self.reset > now:
            return self.reset
        return now + self.gauge.per_ms

    def _saved_until(self, now: int) -> int:
        if self.source != "adaptive":
            return self._empties(now)
        return now if self.cut is None else self.cut + _FORGOTTEN_MS

    def _turn(self, reset: int, now: int) -> None:
        """Open a new window for a later reset, and find out whether it is a fixed one at all."""
        if self.first is not None and self.reset is not None:
            if reset <= self.first + self._slack:
                self.reset = max(self.reset, reset)
                return
            early = now < self.first - self._slack
            self.moving |= early or reset < self.first + self.gauge.per_ms - self._slack
            if self.reset <= now:
                self.floor = self.reset
        self.first, self.reset, self.since, self.low = reset, reset, now, None

    def _lower(self, remaining: int, now: int) -> None:
        if remaining < self.limit - self.used(now):
            still_open = sum(1 for end in self.ends.values() if end > now)
            remaining = max(remaining - still_open, 0)
        self.low = remaining if self.low is None else min(self.low, remaining)
