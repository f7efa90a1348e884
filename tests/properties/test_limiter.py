"""Whatever the order of admissions, answers, ends and moments: no window is ever overshot.

The model is the provider. It counts a request when it arrives, some time between its admission
and its answer, and judges by the strictest reading of each window.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from shared.domain.limit import ADMITTED_FOR, Call, Limit, Reach, Reply, Scope, Unit, Window
from shared.limits.limiter import LearningLimiter
from tests.support.limiters import CONNECTION, NOON, SCOPE, Field, memory_field, redis_field
from tests.support.redis import RedisServer

ACCOUNTS = ("1", "2")
CALLS = (Call.PUBLISH, Call.STATUS)
ZONES = ("UTC", "Asia/Kolkata")


@dataclass(frozen=True)
class Arrival:
    """One request as the provider counts it."""

    at: datetime
    account: str
    call: Call
    containers: int = 1

    def costs(self, unit: Unit) -> int:
        return self.containers if unit is Unit.CONTAINERS else 1


@dataclass
class Model:
    """Counts arrivals, and refuses to believe in more than a window holds."""

    limits: tuple[Limit, ...]
    arrivals: list[Arrival] = field(default_factory=list)

    def is_too_much(self, call: Call, containers: int) -> bool:
        return any(limit.counts(call) and not limit.admits(containers) for limit in self.limits)

    def arrive(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        for limit in self.limits:
            counted = [each for each in self.arrivals if _counted(limit, each, arrival)]
            used = sum(each.costs(limit.unit) for each in counted)
            assert used <= limit.requests, (limit, counted)


def _counted(limit: Limit, each: Arrival, last: Arrival) -> bool:
    if not limit.counts(each.call) or not limit.counts(last.call):
        return False
    if limit.reach is Reach.ACCOUNT and each.account != last.account:
        return False
    if limit.window is Window.DAY:
        zone = ZoneInfo(limit.zone)
        return each.at.astimezone(zone).date() == last.at.astimezone(zone).date()
    return each.at > last.at - limit.per


LIMITS = st.builds(
    Limit,
    requests=st.integers(1, 4),
    per=st.sampled_from([timedelta(seconds=10), timedelta(seconds=60), timedelta(hours=1)]),
    window=st.sampled_from([Window.FIXED, Window.SLIDING, Window.ROLLING]),
    reach=st.sampled_from(Reach),
    unit=st.sampled_from([*Unit, Unit.REQUESTS]),
    calls=st.sampled_from([frozenset[Call](), frozenset({Call.PUBLISH})]),
) | st.builds(
    Limit,
    requests=st.integers(1, 4),
    per=st.just(timedelta(days=1)),
    window=st.just(Window.DAY),
    reach=st.sampled_from(Reach),
    zone=st.sampled_from(ZONES),
)


@dataclass
class Sender:
    """A process with at most one request under way, which may or may not have arrived."""

    limiter: LearningLimiter
    scope: Scope
    call: Call = Call.STATUS
    containers: int = 1
    reservation: str = ""
    arrived: bool = False
    admitted_at: datetime = NOON


Op = tuple[str, int, str, Call, float]
PAUSES = (0.0, 0.0, 0.0, 0.001, 0.5, 4.0, 9.999, 10.0, 12.0, 55.0, 60.0, 3_600.0, 20_000.0)
STEPS = st.tuples(
    st.sampled_from(["admit", "admit", "admit", "arrive", "answer", "answer", "lose", "unsend"]),
    st.integers(0, 2),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(CALLS),
    st.sampled_from(PAUSES),
)
OPS = st.lists(STEPS, min_size=20, max_size=60)
RUNS = st.lists(LIMITS, min_size=1, max_size=3).map(tuple)


@dataclass
class Play:
    """Senders, the provider that counts them, and what each step does to both."""

    ground: Field
    model: Model
    senders: list[Sender]
    headers: Callable[[datetime], Mapping[str, int]] = lambda _now: {}
    granted: int = 0

    def step(self, op: Op) -> None:
        name, index, account, call, seconds = op
        sender = self.senders[index]
        self._move(seconds)
        if name == "admit":
            self._admit(sender, account, call)
        elif sender.reservation:
            getattr(self, f"_{name}")(sender)

    def _move(self, seconds: float) -> None:
        """Let time pass; nothing is under way for longer than a minute."""
        if seconds >= 60:
            for sender in self.senders:
                if sender.reservation:
                    self._answer(sender)
        self.ground.move(seconds)

    def _admit(self, sender: Sender, account: str, call: Call) -> None:
        if sender.reservation:
            self._arrive(sender)
        sender.scope, sender.call = Scope(CONNECTION, account), call
        sender.containers = 1 + self.granted % 3
        now = self.ground.clock.now()
        admission = self.ground.admit(
            sender.limiter, sender.scope, call, containers=sender.containers
        )
        sender.reservation, sender.arrived = admission.reservation, False
        sender.admitted_at = now
        self.granted += admission.granted
        if not admission.granted:
            assert admission.until is None or admission.until > now
            assert (admission.until is None) == self.model.is_too_much(call, sender.containers)

    def _arrive(self, sender: Sender) -> None:
        if not sender.arrived:
            sender.arrived = True
            account = sender.scope.account or ""
            now = self.ground.clock.now()
            self.model.arrive(Arrival(now, account, sender.call, sender.containers))

    def _answer(self, sender: Sender) -> None:
        self._arrive(sender)
        reply = self.ground.told(self.headers(self.ground.clock.now()))
        sender.limiter.learn(sender.scope, sender.call, reply)
        sender.reservation = ""

    def _lose(self, sender: Sender) -> None:
        self._arrive(sender)
        sender.reservation = ""

    def _unsend(self, sender: Sender) -> None:
        if not sender.arrived:
            sender.limiter.release(sender.reservation)
            sender.reservation = ""


def play(ground: Field, limits: tuple[Limit, ...], ops: list[Op]) -> None:
    senders = [Sender(ground.limiter(*limits), SCOPE) for _ in range(3)]
    game = Play(ground, Model(limits), senders)
    for op in ops:
        game.step(op)


@settings(max_examples=400, deadline=None)
@given(limits=RUNS, ops=OPS)
def test_the_memory_limiter_never_overshoots(limits: tuple[Limit, ...], ops: list[Op]) -> None:
    with memory_field() as ground:
        play(ground, limits, ops)


@settings(max_examples=40, deadline=None)
@given(limits=RUNS, ops=OPS)
def test_the_redis_limiter_never_overshoots(
    redis_server: RedisServer, limits: tuple[Limit, ...], ops: list[Op]
) -> None:
    redis_server.flush()
    with redis_field(redis_server.url) as ground:
        play(ground, limits, ops)


#: What SQL can tell exactly of long windows are publish calls; of short ones it need not.
KNOWN_TO_SQL = LIMITS.filter(
    lambda limit: (
        limit.unit is not Unit.CONTAINERS
        and (limit.per <= timedelta(minutes=1) or not limit.counts(Call.STATUS))
    )
)
FORGET: Op = ("forget", 0, "1", Call.STATUS, 0.0)
FORGETFUL_OPS = st.lists(st.one_of(STEPS, STEPS, st.just(FORGET)), min_size=20, max_size=60)


@dataclass
class ForgetfulPlay(Play):
    """Redis loses its memory now and then; requests leave soon after their admission."""

    flush: Callable[[], None] = lambda: None

    @override
    def step(self, op: Op) -> None:
        if op[0] == "forget":
            self.flush()
        else:
            super().step(op)

    @override
    def _move(self, seconds: float) -> None:
        for sender in self.senders:
            left = sender.admitted_at + ADMITTED_FOR - self.ground.clock.now()
            if sender.reservation and left < timedelta(seconds=seconds):
                self._arrive(sender)
        super()._move(seconds)

    @override
    def _arrive(self, sender: Sender) -> None:
        if not sender.arrived and sender.call is Call.PUBLISH:
            account, now = sender.scope.account or "", self.ground.clock.now()
            self.ground.store.sent.append((CONNECTION, account, now))
        super()._arrive(sender)


@settings(max_examples=30, deadline=None)
@given(limits=st.lists(KNOWN_TO_SQL, min_size=1, max_size=3).map(tuple), ops=FORGETFUL_OPS)
def test_the_redis_limiter_never_overshoots_though_its_memory_is_lost(
    redis_server: RedisServer, limits: tuple[Limit, ...], ops: list[Op]
) -> None:
    redis_server.flush()
    with redis_field(redis_server.url) as ground:
        senders = [Sender(ground.limiter(*limits), SCOPE) for _ in range(3)]
        game = ForgetfulPlay(ground, Model(limits), senders, flush=redis_server.flush)
        for op in ops:
            game.step(op)


@dataclass
class AlignedServer(Model):
    """A provider whose fixed minute begins at `offset` past the minute, and says so."""

    offset: int = 0

    @override
    def arrive(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        assert self._used(arrival.at) <= self.limits[0].requests

    def headers(self, now: datetime) -> dict[str, int]:
        limit = self.limits[0].requests
        reset = (self._turn(now) + 1) * 60 + self.offset
        return {
            "x_ratelimit_limit": limit,
            "x_ratelimit_remaining": limit - self._used(now),
            "x_ratelimit_reset": reset,
        }

    def _used(self, now: datetime) -> int:
        return sum(self._turn(each.at) == self._turn(now) for each in self.arrivals)

    def _turn(self, now: datetime) -> int:
        return int((now.timestamp() - self.offset) // 60)


@settings(max_examples=300, deadline=None)
@given(ops=OPS, offset=st.integers(0, 59), requests=st.integers(1, 5), declared=st.booleans())
def test_a_servers_aligned_window_is_never_overshot(
    ops: list[Op], offset: int, requests: int, *, declared: bool
) -> None:
    limit = Limit(requests=requests, per=timedelta(minutes=1))
    with memory_field() as ground:
        server = AlignedServer((limit,), offset=offset)
        known = (limit,) if declared else (replace(limit, requests=2 * requests),)
        limiters = [ground.limiter(*known) for _ in range(3)]
        limiters[0].learn(SCOPE, Call.STATUS, ground.told(server.headers(NOON)))
        game = Play(ground, server, [Sender(each, SCOPE) for each in limiters], server.headers)
        for op in ops:
            game.step(op)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), limits=st.lists(LIMITS, max_size=3).map(tuple), count=st.integers(1, 30))
def test_the_twins_answer_alike(
    redis_server: RedisServer, data: st.DataObject, limits: tuple[Limit, ...], count: int
) -> None:
    redis_server.flush()
    share = data.draw(st.sampled_from([0.2, 0.5, 0.9]))
    with memory_field() as memory, redis_field(redis_server.url) as redis:
        memory.share = redis.share = share
        twins = [(ground, ground.limiter(*limits)) for ground in (memory, redis)]
        for _ in range(count):
            op = data.draw(TWIN_OPS)
            ours, theirs = (same_step(ground, limiter, op) for ground, limiter in twins)
            assert ours == theirs


TWIN_OPS = st.tuples(
    st.sampled_from(
        [
            *("admit", "admit", "answer", "told", "told", "refused", "refused"),
            *("called", "rejected", "rejected", "release", "block", "move", "move"),
        ]
    ),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(CALLS),
    st.sampled_from([0.0, 0.5, 1.0, 9.0, 10.0, 30.0, 60.0, 3_600.0, 86_400.0]),
    st.integers(0, 6),
    st.integers(1, 70),
)


def same_step(
    ground: Field, limiter: LearningLimiter, op: tuple[str, str, Call, float, int, int]
) -> object:
    name, account, call, seconds, remaining, reset = op
    scope, now = Scope(CONNECTION, account), ground.clock.now()
    if name == "move":
        ground.move(seconds)
    elif name == "block":
        limiter.block(scope, now + timedelta(seconds=reset), "why", now)
    elif name == "release":
        limiter.release(ground.admit(limiter, scope, call).reservation or "none 0")
    elif name in {"called", "rejected"}:
        ground.admit(limiter, scope, call)
        limiter.learn(scope, call, reply_of(ground, name, remaining, reset))
    elif name == "admit":
        cost, containers = 1 + remaining % 2, 1 + reset % 4
        admission = ground.admit(limiter, scope, call, cost=cost, containers=containers)
        return admission.granted, admission.until, ground.clock.now()
    else:
        limiter.learn(scope, call, reply_of(ground, name, remaining, reset))
    rooms = limiter.headroom([Scope(CONNECTION), scope], call, ground.clock.now())
    return [(room.free, room.until) for room in rooms], used(limiter, ground)


def reply_of(ground: Field, name: str, remaining: int, reset: int) -> Reply:
    if name == "told":
        return ground.windowed(5, remaining, ground.clock.now() + timedelta(seconds=reset))
    return ground.reply(429 if name in {"refused", "rejected"} else 200)


def used(limiter: LearningLimiter, ground: Field) -> object:
    rows = limiter.windows(ground.clock.now())
    return {
        (
            *(row.connection, row.account, row.unit, row.per, row.window),
            *(row.limit, row.used, row.resets_at, row.source),
        )
        for row in rows
        if row.used or row.blocked_until
    }
