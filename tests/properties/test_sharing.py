"""However reading and publishing interleave: each gets its part, and who is alone gets all."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.limit import Call, Limit, Window
from shared.limits.limiter import LearningLimiter
from tests.properties.test_limiter import OPS, RUNS, Model, Op, Play, Sender
from tests.support.limiters import NOON, SCOPE, Field, memory_field, redis_field
from tests.support.redis import RedisServer

PER = timedelta(seconds=10)
WARMING, WATCHED = 2, 6
SHAPES = st.sampled_from([Window.FIXED, Window.SLIDING, Window.ROLLING])
SHARES = st.sampled_from([0.05, 0.2, 0.5, 0.8, 0.95])


@dataclass
class Crowd:
    """Callers who always want more; whoever is asked first, and however long until the next."""

    ground: Field
    limiter: LearningLimiter
    chance: random.Random
    granted: list[tuple[datetime, Call]] = field(default_factory=list)

    def press(self, calls: Sequence[Call]) -> None:
        end = NOON + (WARMING + WATCHED) * PER
        while self.ground.clock.now() < end:
            for call in self.chance.sample(calls, len(calls)):
                while self.ground.call(self.limiter, call=call) is not None:
                    self.granted.append((self.ground.clock.now(), call))
            self.ground.move(self.chance.uniform(0.05, 1.0))

    def count(self, call: Call) -> int:
        since = NOON + WARMING * PER
        return sum(at >= since for at, asked in self.granted if asked is call)

    def most_at_once(self) -> int:
        moments = [at for at, _ in self.granted]
        return max(sum(last - PER < at <= last for at in moments) for last in moments)


def press_from_both_sides(ground: Field, limit: Limit, seed: int) -> None:
    crowd = Crowd(ground, ground.limiter(limit), random.Random(seed))
    crowd.press([Call.PUBLISH, Call.STATUS])

    reads = min(max(1, math.ceil(ground.share * limit.requests - 1e-9)), limit.requests - 1)
    assert crowd.most_at_once() <= limit.requests
    assert crowd.count(Call.STATUS) >= reads * (WATCHED - 1)
    assert crowd.count(Call.PUBLISH) >= (limit.requests - reads) * (WATCHED - 1)


@settings(max_examples=60, deadline=None)
@given(requests=st.integers(2, 12), shape=SHAPES, share=SHARES, seed=st.integers(0, 999))
def test_while_both_want_more_each_has_its_part_in_memory(
    requests: int, shape: Window, share: float, seed: int
) -> None:
    with memory_field() as ground:
        ground.share = share
        press_from_both_sides(ground, Limit(requests=requests, per=PER, window=shape), seed)


@settings(max_examples=8, deadline=None)
@given(requests=st.integers(2, 6), shape=SHAPES, share=SHARES, seed=st.integers(0, 999))
def test_while_both_want_more_each_has_its_part_in_redis(
    redis_server: RedisServer, requests: int, shape: Window, share: float, seed: int
) -> None:
    redis_server.flush()
    with redis_field(redis_server.url) as ground:
        ground.share = share
        press_from_both_sides(ground, Limit(requests=requests, per=PER, window=shape), seed)


@settings(max_examples=40, deadline=None)
@given(
    requests=st.integers(1, 12),
    call=st.sampled_from([Call.PUBLISH, Call.STATUS]),
    seed=st.integers(0, 999),
)
def test_who_is_alone_has_all_of_it(requests: int, call: Call, seed: int) -> None:
    with memory_field() as ground:
        limiter = ground.limiter(Limit(requests=requests, per=PER))
        crowd = Crowd(ground, limiter, random.Random(seed))
        crowd.press([call])

        assert crowd.most_at_once() == requests
        assert crowd.count(call) >= requests * (WATCHED - 1)


@settings(max_examples=150, deadline=None)
@given(limits=RUNS, ops=OPS, call=st.sampled_from([Call.PUBLISH, Call.STATUS]))
def test_headroom_is_what_admit_then_grants(
    limits: tuple[Limit, ...], ops: list[Op], call: Call
) -> None:
    with memory_field() as ground:
        senders = [Sender(ground.limiter(*limits), SCOPE) for _ in range(3)]
        game = Play(ground, Model(limits), senders)
        for op in ops:
            game.step(op)
        limiter = ground.limiter()

        free = limiter.headroom([SCOPE], call, ground.clock.now())[0].free

        granted = 0
        while granted < 10 and ground.admit(limiter, call=call).granted:
            granted += 1
        assert granted == (10 if free is None else free)
