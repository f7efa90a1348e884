"""A limiter that admits everything unless told otherwise, and remembers what it was asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.limit import (
    Admission,
    Call,
    Headroom,
    Limiter,
    Reading,
    Reply,
    Scope,
    WindowUse,
)


class OpenLimiter(Limiter):
    """Admits until `refuse_until` or `refuse_for_good` is set; reads Retry-After in seconds."""

    def __init__(self) -> None:
        self.refuse_until: datetime | None = None
        self.refuse_for_good = False
        #: What it says, time after time, of refusals that came meanwhile.
        self.stops: list[datetime | None] = []
        #: What the last question said that the post makes.
        self.containers: int | None = None
        self.admitted: list[tuple[Scope, Call]] = []
        #: Every question, the refused ones too, and when it was asked.
        self.asked: list[tuple[Call, datetime]] = []
        self.released: list[str] = []
        self.learnt: list[tuple[Scope, Call, Reply]] = []

    @property
    def calls(self) -> list[Call]:
        return [call for _, call in self.admitted]

    @override
    def admit(
        self,
        scope: Scope,
        call: Call,
        cost: int,
        now: datetime,
        containers: int | None = None,
    ) -> Admission:
        self.asked.append((call, now))
        self.containers = containers
        if self.refuse_for_good:
            return Admission(granted=False, limit="1 containers per 1d of it")
        if self.refuse_until is not None and now < self.refuse_until:
            return Admission(granted=False, until=self.refuse_until, limit="the test's limit")
        self.admitted.append((scope, call))
        return Admission(granted=True, reservation=str(len(self.admitted)))

    @override
    def stopped(self, connection: str, now: datetime) -> datetime | None:
        return self.stops.pop(0) if self.stops else None

    @override
    def release(self, reservation: str) -> None:
        self.released.append(reservation)

    @override
    def learn(self, scope: Scope, call: Call, reply: Reply) -> Reading:
        self.learnt.append((scope, call, reply))
        seconds = reply.headers.get("retry-after", "")
        return Reading(wait=timedelta(seconds=int(seconds)) if seconds.isdigit() else None)

    @override
    def block(self, scope: Scope, until: datetime, why: str, now: datetime) -> None:
        self.refuse_until = until

    @override
    def headroom(
        self, scopes: Sequence[Scope], call: Call, now: datetime, within: timedelta = timedelta(0)
    ) -> list[Headroom]:
        return [Headroom(free=None) for _ in scopes]

    @override
    def windows(self, now: datetime, scopes: Sequence[Scope] = ()) -> list[WindowUse]:
        return []
