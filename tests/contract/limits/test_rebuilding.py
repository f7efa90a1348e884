"""Redis' memory is lost: nothing is sent until the windows stand again as SQL remembers them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from shared.domain.limit import ADMITTED_FOR, Call, LearntWindow, Limit, Reach, Scope, Window
from shared.embedded import EmbeddedRedis
from shared.errors import LimiterUnavailable
from shared.limits.rebuilding import LEASE, LEASE_NAME
from shared.limits.scripts import ROOT
from tests.support.limiters import MINUTE, NOON, SCOPE, SECOND, Field, redis_field

HOUR = timedelta(hours=1)
SHORT = Limit(requests=60, per=MINUTE)


@contextmanager
def a_server_of_our_own() -> Iterator[EmbeddedRedis]:
    with tempfile.TemporaryDirectory() as home, EmbeddedRedis(Path(home)) as server:
        yield server


def windows_in_sql(ground: Field) -> list[LearntWindow]:
    rows = ground.store.learnt(ground.clock.now())
    return [row for row in rows if row.connection != LEASE_NAME]


def test_a_first_start_is_not_held_up(redis_ground: Field) -> None:
    assert redis_ground.call(redis_ground.limiter(SHORT)) is not None


def test_after_a_flush_a_short_window_is_full_for_one_window(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(SHORT)
    redis_ground.call(limiter)
    redis_ground.move(5)
    raw.flushdb()

    denied = redis_ground.admit(limiter)
    opens = NOON + 5 * SECOND + ADMITTED_FOR + MINUTE
    assert (denied.granted, denied.until) == (False, opens)
    room = redis_ground.limiter().headroom([SCOPE], Call.STATUS, redis_ground.clock.now())
    assert room[0].free == 0

    redis_ground.clock.move(opens - redis_ground.clock.now())
    assert redis_ground.calls(limiter) == 60


def test_a_short_window_is_full_to_the_microsecond(redis_ground: Field, raw: Redis) -> None:
    limiter = redis_ground.limiter(SHORT)
    redis_ground.call(limiter)
    redis_ground.move(5.0006)
    raw.flushdb()

    opens = redis_ground.admit(limiter).until

    assert opens is not None
    assert opens >= redis_ground.clock.now() + ADMITTED_FOR + MINUTE


def test_who_stood_still_before_it_rebuilds_takes_the_time_anew(
    redis_ground: Field, raw: Redis
) -> None:
    asked_at = redis_ground.clock.now()
    redis_ground.move(10)
    redis_ground.call(redis_ground.limiter(SHORT))
    raw.flushdb()
    late = redis_ground.limiter()

    denied = late.admit(SCOPE, Call.STATUS, 1, asked_at)

    assert denied.until == redis_ground.clock.now() + ADMITTED_FOR + MINUTE


def test_after_a_rest_a_short_window_is_open_at_once(redis_ground: Field, raw: Redis) -> None:
    redis_ground.call(redis_ground.limiter(SHORT))
    redis_ground.clock.move(LEASE + MINUTE)
    raw.flushdb()

    assert redis_ground.call(redis_ground.limiter()) is not None


def test_the_end_of_the_lease_bounds_how_long_a_short_window_is_full(
    redis_ground: Field, raw: Redis
) -> None:
    redis_ground.call(redis_ground.limiter(SHORT))
    redis_ground.clock.move(LEASE + 10 * SECOND)
    raw.flushdb()

    assert redis_ground.admit(redis_ground.limiter()).until == NOON + LEASE + MINUTE


def test_blocks_come_back_from_sql(redis_ground: Field, raw: Redis) -> None:
    redis_ground.call(redis_ground.limiter(), redis_ground.reply(429, retry_after=600))
    raw.flushdb()

    denied = redis_ground.admit(redis_ground.limiter())

    assert denied.until == NOON + 600 * SECOND
    assert denied.limit == "the provider answered 429"


def test_learnt_limits_come_back_from_sql(redis_ground: Field, raw: Redis) -> None:
    limiter = redis_ground.limiter()
    redis_ground.call(limiter, redis_ground.windowed(5, 4, NOON + 30 * SECOND))
    raw.flushdb()

    assert redis_ground.admit(limiter).until == NOON + ADMITTED_FOR + MINUTE
    redis_ground.clock.move(ADMITTED_FOR + MINUTE)
    assert redis_ground.calls(limiter) == 5


def test_a_lease_is_renewed_with_a_snapshot(redis_ground: Field) -> None:
    limiter = redis_ground.limiter(Limit(requests=100, per=HOUR, window=Window.SLIDING))
    redis_ground.call(limiter)
    redis_ground.move(25)
    redis_ground.call(limiter)

    (row,) = windows_in_sql(redis_ground)
    assert (row.used, row.saved_at) == (1, NOON + 25 * SECOND)


def test_nothing_is_admitted_while_another_process_rebuilds(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(SHORT)
    redis_ground.call(limiter)
    raw.flushdb()
    raw.set(f"{ROOT}rebuild", "another process", px=30_000)

    with pytest.raises(LimiterUnavailable, match="another process is rebuilding"):
        redis_ground.admit(limiter)
    with pytest.raises(LimiterUnavailable):
        limiter.headroom([SCOPE], Call.STATUS, NOON)
    with pytest.raises(LimiterUnavailable):
        limiter.windows(NOON)

    raw.delete(f"{ROOT}rebuild")
    assert not redis_ground.admit(limiter).granted


def test_nothing_is_admitted_when_sql_cannot_tell_what_was_lost(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(SHORT)
    redis_ground.call(limiter)
    raw.flushdb()
    redis_ground.store.away = True

    with pytest.raises(LimiterUnavailable, match="cannot be rebuilt"):
        redis_ground.admit(limiter)


def test_nothing_is_admitted_without_a_lease_in_sql(redis_ground: Field) -> None:
    limiter = redis_ground.limiter(SHORT)
    limiter.epoch()
    redis_ground.store.away = True

    with pytest.raises(LimiterUnavailable, match="has no lease"):
        redis_ground.admit(limiter)


def test_the_epoch_is_one_for_all_and_changes_with_the_memory(
    redis_ground: Field, raw: Redis
) -> None:
    first, second = redis_ground.limiter(), redis_ground.limiter()
    epoch = first.epoch()
    assert second.epoch() == epoch == first.epoch()

    raw.flushdb()

    assert second.epoch() != epoch
    assert first.epoch() == second.epoch()


def test_a_server_that_restarts_with_its_old_file_is_noticed() -> None:
    with a_server_of_our_own() as server, redis_field(server.url) as ground:
        limiter = ground.limiter(SHORT)
        ground.call(limiter)
        epoch = limiter.epoch()
        server.stop()
        with pytest.raises(LimiterUnavailable):
            ground.admit(limiter)
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.get(f"{ROOT}epoch") == epoch.encode()

        denied = ground.admit(limiter)

        assert (denied.granted, denied.until) == (False, NOON + ADMITTED_FOR + MINUTE)
        assert limiter.epoch() != epoch


def test_a_block_that_redis_missed_is_told_before_anything_is_admitted() -> None:
    with a_server_of_our_own() as server, redis_field(server.url) as ground:
        limiter = ground.limiter()
        ground.admit(limiter)
        server.stop()
        with pytest.raises(LimiterUnavailable):
            limiter.learn(SCOPE, Call.STATUS, ground.reply(429, retry_after=30))
        assert ground.store.blocks(NOON)
        server.start()

        assert ground.admit(limiter).until == NOON + 30 * SECOND


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    with redis_field("redis://:secret@127.0.0.1:1/0") as ground:
        limiter = ground.limiter(SHORT)
        for ask in (
            lambda: ground.admit(limiter),
            lambda: limiter.release("nonce 0 id=1"),
            lambda: limiter.learn(SCOPE, Call.STATUS, ground.reply(429)),
            lambda: limiter.block(SCOPE, NOON, "why", NOON),
            lambda: limiter.headroom([SCOPE], Call.STATUS, NOON),
            lambda: limiter.windows(NOON),
            lambda: limiter.snapshot(NOON),
            limiter.epoch,
        ):
            with pytest.raises(LimiterUnavailable, match=r"127\.0\.0\.1") as raised:
                ask()
            assert "secret" not in str(raised.value)


def test_every_key_is_under_our_prefix_and_passes_away(redis_ground: Field, raw: Redis) -> None:
    limiter = redis_ground.limiter(SHORT, Limit(requests=100, per=HOUR, reach=Reach.ACCOUNT))
    redis_ground.call(limiter, redis_ground.windowed(60, 50, NOON + 30 * SECOND))
    redis_ground.call(limiter, redis_ground.reply(429))
    limiter.block(Scope("wonda", "5"), NOON + MINUTE, "why", NOON)

    keys = list(raw.scan_iter())

    assert len(keys) > 8
    assert all(key.startswith("dropline:limit:") for key in keys)
    assert [key for key in keys if raw.ttl(key) < 0] == []
