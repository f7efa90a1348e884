"""The switches that make a sandbox misbehave, each for whom, how often and how."""

import random
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields

from shared.sandbox.exchange import Json

#: What the server itself does, before and after the provider has done its part.
BEFORE = ("drop_before", "error_before", "rate_limit")
AFTER = ("lost_answer", "cut_answer", "error_after")
DELAYS = ("slow", "trickle")
#: What every provider does when it is told to; a provider adds `switches` of its own.
SHARED = frozenset({*BEFORE, *AFTER, *DELAYS, "refuse_publish", "late_listing", "expired_account"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fault can be matched against."""

    provider: str
    call: str
    account_ids: tuple[str, ...] = ()
    caption: str = ""


@dataclass(slots=True)
class Fault:
    """One switch: `count` times (None: always), each time with `probability`."""

    kind: str
    provider: str | None = None
    call: str | None = None
    account_id: str | None = None
    caption: str | None = None
    count: int | None = 1
    probability: float = 1.0
    #: `slow`: real seconds before the answer; `trickle`: between two bytes; other kinds:
    #: sandbox seconds (how late a listing is, how long a key lives).
    seconds: float = 0.0
    #: The status of `error_before` and `error_after`.
    status: int = 500
    #: The provider's failure code of `refuse_publish`, the error code of an error.
    code: str | None = None
    message: str | None = None
    #: `rate_limit`: the seconds announced in Retry-After, None for no header.
    retry_after_s: float | None = None
    #: `seconds`, or `date` for the HTTP-date form.
    retry_after_form: str = "seconds"
    #: Whom an announced block covers: `call`, `account` or `key`.
    block: str = "call"
    #: How a connection is closed: `fin` or `rst`.
    close: str = "fin"

    def matches(self, subject: Subject) -> bool:
        return (
            self.provider in {None, subject.provider}
            and self.call in {None, subject.call}
            and (self.account_id is None or self.account_id in subject.account_ids)
            and (self.caption is None or self.caption in subject.caption)
        )


_FIELDS = frozenset(field.name for field in fields(Fault))


def fault_from_json(row: Json, kinds: Collection[str]) -> Fault:
    """Read a switch; a kind or a field that nobody knows would silently never fire."""
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise ValueError(f"unknown fields {unknown} of a fault; known: {sorted(_FIELDS)}")
    if row.get("kind") not in kinds:
        raise ValueError(f"unknown kind {row.get('kind')!r} of a fault; known: {sorted(kinds)}")
    return Fault(**row)


class Faults:
    """All switches that are set; taking one spends it."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._set: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._set.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def take(self, kind: str, subject: Subject) -> Fault | None:
        """Spend one of the first switch of this kind that fires for this subject."""
        with self._lock:
            return next((f for f in self._set if f.kind == kind and self._fires(f, subject)), None)

    def look(self, kind: str, subject: Subject) -> Fault | None:
        """Find the first switch of this kind that is on for this subject, and spend nothing."""
        with self._lock:
            on = (f for f in self._set if f.kind == kind and f.count != 0)
            return next((f for f in on if f.matches(subject)), None)

    def listed(self) -> list[Json]:
        with self._lock:
            return [asdict(fault) for fault in self._set]

    def _fires(self, fault: Fault, subject: Subject) -> bool:
        if fault.count == 0 or not fault.matches(subject):
            return False
        if fault.probability < 1.0 and self._dice.uniform(0, 1) >= fault.probability:
            return False
        if fault.count is not None:
            fault.count -= 1
        return True
