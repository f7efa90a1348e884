"""The limiter of a plan: its twin in memory, one for each running call, over the same books."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.busiest import Taken
from shared.domain.limit import (
    POLLING_SHARE,
    Admission,
    Block,
    Call,
    Headroom,
    Limit,
    Reach,
    Reply,
    Scope,
)
from shared.domain.post import Kind
from shared.domain.release import LOOK_AHEAD
from shared.limits.books import Reservation
from shared.limits.gauge import Gauge, gauge_of, gauges_of
from shared.limits.memory_books import MemoryBooks
from shared.limits.memory_limiter import MemoryLimiter
from shared.plan.loop import VirtualClock
from shared.plan.model import ModelConnection, Spent


class Windows:
    """Admits, surveys, and keeps a record of what every window was asked for."""

    def __init__(
        self,
        connections: Mapping[str, ModelConnection],
        clock: VirtualClock,
        platforms: Mapping[Scope, str],
        spent: Sequence[Spent] = (),
        blocks: Sequence[Block] = (),
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._platforms = platforms
        self._books = MemoryBooks()
        self._idle: list[Line] = []
        self._own: dict[Scope, Sequence[Limit]] = {}
        self._used: defaultdict[Scope, Counter[Limit]] = defaultdict(Counter)
        self._limits: dict[tuple[Scope, Kind | None], Sequence[Limit]] = {}
        self._of_connections = MemoryLimiter(self._whole, None, clock, self._books, self.share)
        # A lane's room beside that of its connection, which is asked for by itself.
        self._of_lanes = MemoryLimiter(self._lane, None, clock, self._books, self.share)
        #: Publish calls that each connection has on the line now.
        self.sending: Counter[str] = Counter()
        self.taken: defaultdict[str, list[Taken]] = defaultdict(list)
        self.gauges: dict[str, Gauge] = {}
        for block in blocks:
            self._books.block(block)
        for each in spent:
            scope = Scope(each.scope_connection, each.account)
            self._books.seed(gauge_of(each.limit, scope, clock.now()), each.ends_ms)
            self._used[scope][each.limit] += len(each.ends_ms)

    def rooms(self, names: Sequence[str], now: datetime) -> list[Headroom]:
        """Return what each connection admits by the end of the look-ahead."""
        return self._survey(self._of_connections, [Scope(name) for name in names], now)

    def lanes(self, scopes: Sequence[Scope], now: datetime, enough: int) -> list[Headroom]:
        """Return what each account admits by then, looked at closely where it is not `enough`."""
        close = [scope for scope in scopes if not self._is_roomy(scope, enough)]
        found = dict(zip(close, self._survey(self._of_lanes, close, now), strict=True))
        return [found.get(scope, Headroom(free=enough)) for scope in scopes]

    def _is_roomy(self, scope: Scope, enough: int) -> bool:
        """Whether all that an account ever used would leave `enough` in each of its windows."""
        used = self._used[scope]
        return all(each.requests - used[each] >= enough for each in self._lane(scope))

    def line(self) -> "Line":
        """Return a line for one call at a time; it is given back by `hang_up`."""
        return self._idle.pop() if self._idle else Line(self, self._books)

    def hang_up(self, line: "Line") -> None:
        self._idle.append(line)

    def limits(self, scope: Scope, kind: Kind | None) -> Sequence[Limit]:
        """Return the limits of a connection and, where one is meant, of an account's kind."""
        known = self._limits.get((scope, kind))
        if known is None:
            known = self._limits[scope, kind] = self._found(scope, kind)
        return known

    def _found(self, scope: Scope, kind: Kind | None) -> Sequence[Limit]:
        model = self._connections[scope.connection]
        if scope.account is None:
            return model.limits
        platform = self._platforms.get(scope, "")
        kinds = [kind] if kind is not None else list(Kind)
        of_kinds = [tuple(model.account_limits(scope.account, platform, each)) for each in kinds]
        # What holds for some kinds only does not hold a whole lane.
        shared = [each for each in of_kinds[0] if all(each in other for other in of_kinds)]
        return (*model.limits, *shared)

    def note(self, admission: Admission, scope: Scope, kind: Kind | None, now: datetime) -> None:
        costs = Reservation.parse(admission.reservation).costs
        for gauge in gauges_of(self.limits(scope, kind), scope, now):
            if costs.get(gauge.id):
                self.gauges[gauge.id] = gauge
                self.taken[gauge.id].append((now, costs[gauge.id]))
                self._used[scope][gauge.limit] += costs[gauge.id]

    @property
    def clock(self) -> VirtualClock:
        return self._clock

    def _survey(
        self, limiter: MemoryLimiter, scopes: Sequence[Scope], now: datetime
    ) -> list[Headroom]:
        return limiter.headroom(scopes, Call.PUBLISH, now, LOOK_AHEAD)

    def _whole(self, scope: Scope) -> Sequence[Limit]:
        return self.limits(scope, None)

    def _lane(self, scope: Scope) -> Sequence[Limit]:
        known = self._own.get(scope)
        if known is None:
            limits = self.limits(scope, None)
            known = self._own[scope] = [each for each in limits if each.reach is Reach.ACCOUNT]
        return known

    def share(self, connection: str) -> float:
        model = self._connections.get(connection)
        return POLLING_SHARE if model is None else model.polling_share


class Line:
    """Makes one call at a time, as a thread does: admitted, then ended by an answer or given up."""

    def __init__(self, windows: Windows, books: MemoryBooks) -> None:
        self._windows = windows
        self._kind: Kind | None = None
        self._limiter = MemoryLimiter(self._limits, None, windows.clock, books, windows.share)
        self._admission: Admission | None = None

    def admit(
        self, scope: Scope, call: Call, kind: Kind | None = None, containers: int | None = None
    ) -> Admission:
        now = self._windows.clock.now()
        self._kind = kind
        admission = self._limiter.admit(scope, call, 1, now, containers)
        if admission.granted:
            self._admission = admission
            self._windows.note(admission, scope, kind, now)
        return admission

    def answered(self, scope: Scope, call: Call) -> None:
        """End the call: its slots are free again one window from now."""
        reply = Reply(status=200, received_at=self._windows.clock.now())
        self._limiter.learn(scope, call, reply)

    def not_sent(self) -> None:
        """Give back what was reserved for a call that did not leave."""
        if self._admission is not None:
            self._limiter.release(self._admission.reservation)

    def _limits(self, scope: Scope) -> Sequence[Limit]:
        return self._windows.limits(scope, self._kind)
