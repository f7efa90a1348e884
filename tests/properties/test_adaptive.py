"""A server that refuses without a word: what it bears is found, kept to, and tried again."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.limit import Call
from shared.limits.limiter import LONGEST_BACKOFF, LearningLimiter
from tests.support.limiters import NOON, SCOPE, Field, memory_field, redis_field
from tests.support.redis import RedisServer

WINDOW = timedelta(seconds=10)
MINUTES = 3


@dataclass
class Silent:
    """Takes so many requests in its window, refuses the others, and never says why."""

    most: int
    per: timedelta
    taken: list[datetime] = field(default_factory=list)
    refused: int = 0

    def status(self, now: datetime) -> int:
        if sum(at > now - self.per for at in self.taken) >= self.most:
            self.refused += 1
            return 429
        self.taken.append(now)
        return 200


@dataclass
class Backlog:
    """Processes that always have one more to send; each request takes a while."""

    ground: Field
    server: Silent
    chance: random.Random

    def work(self, senders: int) -> None:
        limiters = [self.ground.limiter() for _ in range(senders)]
        while self.ground.clock.now() < NOON + timedelta(minutes=MINUTES):
            admitted = [each for each in limiters if self._is_admitted(each)]
            for limiter in admitted:
                self.ground.move(self.chance.uniform(0.01, 0.3))
                self._answer(limiter)
            if not admitted:
                self.ground.move(self.chance.uniform(0.1, 0.5))

    def _is_admitted(self, limiter: LearningLimiter) -> bool:
        granted = self.ground.admit(limiter).granted
        for row in limiter.windows(self.ground.clock.now()) if granted else ():
            assert row.limit is None or row.used <= row.limit
        return granted

    def _answer(self, limiter: LearningLimiter) -> None:
        status = self.server.status(self.ground.clock.now())
        limiter.learn(SCOPE, Call.STATUS, self.ground.reply(status))


def send_a_backlog(ground: Field, server: Silent, senders: int, seed: int) -> None:
    Backlog(ground, server, random.Random(seed)).work(senders)

    end = NOON + timedelta(minutes=MINUTES)
    late = [at for at in server.taken if at > end - timedelta(minutes=2)]
    assert late, "it goes on, whatever was refused"
    gaps = [after - before for before, after in zip(server.taken, server.taken[1:], strict=False)]
    assert max(gaps) <= server.per + LONGEST_BACKOFF + WINDOW
    assert server.refused <= len(server.taken) + 6 * senders * MINUTES


SERVERS = st.builds(
    Silent,
    most=st.integers(1, 30),
    per=st.sampled_from([timedelta(seconds=1), timedelta(seconds=10), timedelta(seconds=60)]),
)


@settings(max_examples=25, deadline=None)
@given(server=SERVERS, senders=st.integers(1, 4), seed=st.integers(0, 999))
def test_a_silent_server_is_found_out_in_memory(server: Silent, senders: int, seed: int) -> None:
    server = Silent(server.most, server.per)
    with memory_field() as ground:
        send_a_backlog(ground, server, senders, seed)


@settings(max_examples=2, deadline=None)
@given(server=SERVERS, senders=st.integers(1, 4), seed=st.integers(0, 999))
def test_a_silent_server_is_found_out_in_redis(
    redis_server: RedisServer, server: Silent, senders: int, seed: int
) -> None:
    redis_server.flush()
    server = Silent(server.most, server.per)
    with redis_field(redis_server.url) as ground:
        send_a_backlog(ground, server, senders, seed)
