"""Redis' memory is lost: nothing is sent until the windows stand again as SQL remembers them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from shared.domain.limit import ADMITTED_FOR, Call, LearntWindow, Limit, Reach, Scope, Unit, Window
from shared.embedded import EmbeddedRedis
from shared.errors import LimiterUnavailable
from shared.limits.books import LONGEST_CALL
from shared.limits.rebuilding import LEASE, LEASE_NAME
from shared.limits.scripts import ROOT
from tests.support.limiters import CONNECTION, MINUTE, NOON, SCOPE, SECOND, Field, redis_field

HOUR = timedelta(hours=1)
PUBLISHES = frozenset({Call.PUBLISH})
SHORT = Limit(requests=60, per=MINUTE)


@pytest.fixture
def raw(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@contextmanager
def a_server_of_our_own() -> Iterator[EmbeddedRedis]:
    with tempfile.TemporaryDirectory() as home, EmbeddedRedis(Path(home)) as server:
        yield server


def publish(ground: Field, account: str = "17") -> None:
    ground.store.sent.append((CONNECTION, account, ground.clock.now()))


def forget(ground: Field, raw: Redis) -> None:
    """Let Redis lose its memory, and what was admitted before leave."""
    raw.flushdb()
    ground.limiter().epoch()
    ground.clock.move(ADMITTED_FOR)


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


def test_a_long_window_of_publish_calls_comes_back_exactly(redis_ground: Field, raw: Redis) -> None:
    daily = Limit(
        requests=5,
        per=24 * HOUR,
        window=Window.ROLLING,
        reach=Reach.ACCOUNT,
        calls=PUBLISHES,
    )
    limiter = redis_ground.limiter(daily)
    for _ in range(3):
        assert redis_ground.admit(limiter, call=Call.PUBLISH).granted
        publish(redis_ground)
        publish(redis_ground, account="another")
        redis_ground.clock.move(HOUR)
    raw.flushdb()

    rooms = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())
    assert rooms[0].free == 2
    redis_ground.clock.move(22 * HOUR + LONGEST_CALL)
    rooms = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())
    assert rooms[0].free == 4


def test_a_long_window_of_containers_comes_back_from_the_posts_that_made_them(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(
        Limit(
            requests=40,
            unit=Unit.CONTAINERS,
            per=24 * HOUR,
            window=Window.ROLLING,
            reach=Reach.ACCOUNT,
        )
    )
    redis_ground.store.containers = 6
    for _ in range(3):
        assert redis_ground.admit(limiter, call=Call.PUBLISH, containers=6).granted
        publish(redis_ground)
        publish(redis_ground, account="another")
    forget(redis_ground, raw)

    assert limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0].free == 40 - 18


def test_a_long_window_comes_back_with_all_that_its_learnt_limit_admits(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(Limit(requests=5, per=24 * HOUR, window=Window.ROLLING))
    told = redis_ground.windowed(20, 19, NOON + HOUR)
    redis_ground.call(limiter, told, call=Call.PUBLISH)
    for _ in range(12):
        publish(redis_ground)
    forget(redis_ground, raw)

    room = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0]

    assert room.free == 20 - 12 - 2


def test_a_long_window_comes_back_when_all_that_was_admitted_before_has_left(
    redis_ground: Field, raw: Redis
) -> None:
    daily = Limit(requests=5, per=24 * HOUR, window=Window.ROLLING, calls=PUBLISHES)
    redis_ground.admit(redis_ground.limiter(daily), call=Call.PUBLISH)
    raw.flushdb()
    other = redis_ground.limiter()

    assert other.headroom([SCOPE], Call.PUBLISH, NOON)[0].until == NOON + ADMITTED_FOR
    publish(redis_ground)

    redis_ground.clock.move(ADMITTED_FOR)
    assert other.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0].free == 4


def test_a_call_that_began_before_a_long_window_and_ended_in_it_counts(
    redis_ground: Field, raw: Redis
) -> None:
    daily = Limit(requests=5, per=24 * HOUR, window=Window.ROLLING, calls=PUBLISHES)
    limiter = redis_ground.limiter(daily)
    redis_ground.store.took = 10 * SECOND
    publish(redis_ground)
    redis_ground.clock.move(24 * HOUR + SECOND)
    redis_ground.admit(limiter, call=Call.PUBLISH)
    forget(redis_ground, raw)

    room = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0]

    assert room.free == 4


def test_a_request_under_way_while_the_memory_was_lost_counts_from_its_answer(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(Limit(requests=2, per=10 * SECOND))
    redis_ground.admit(limiter)
    raw.flushdb()
    other = redis_ground.limiter()
    opens = redis_ground.admit(other).until
    assert opens is not None
    redis_ground.clock.move(opens - NOON - SECOND)

    limiter.learn(SCOPE, Call.STATUS, redis_ground.reply())
    redis_ground.move(2)

    assert other.headroom([SCOPE], Call.STATUS, redis_ground.clock.now())[0].free == 1


@pytest.mark.parametrize("answered_first", [True, False])
def test_a_call_under_way_while_the_memory_was_lost_counts_once_in_a_long_window(
    redis_ground: Field, raw: Redis, *, answered_first: bool
) -> None:
    daily = Limit(requests=5, per=24 * HOUR, window=Window.ROLLING, calls=PUBLISHES)
    limiter = redis_ground.limiter(daily)
    redis_ground.admit(limiter, call=Call.PUBLISH)
    publish(redis_ground)
    raw.flushdb()
    limiter.epoch()
    redis_ground.move(5)
    if not answered_first:
        redis_ground.limiter().headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())

    limiter.learn(SCOPE, Call.PUBLISH, redis_ground.reply())

    room = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0]
    assert room.free == 4


def test_a_long_window_starts_from_its_snapshot_the_sends_since_and_headroom(
    redis_ground: Field, raw: Redis
) -> None:
    limiter = redis_ground.limiter(Limit(requests=100, per=HOUR, window=Window.SLIDING))
    for _ in range(10):
        redis_ground.call(limiter)
    publish(redis_ground)
    limiter.snapshot(redis_ground.clock.now())
    redis_ground.move(3)
    publish(redis_ground)
    publish(redis_ground)
    forget(redis_ground, raw)

    room = limiter.headroom([SCOPE], Call.STATUS, redis_ground.clock.now())[0]

    assert room.free == 100 - 10 - 2 - 10


def test_a_lease_is_renewed_with_a_snapshot(redis_ground: Field) -> None:
    limiter = redis_ground.limiter(Limit(requests=100, per=HOUR, window=Window.SLIDING))
    redis_ground.call(limiter)
    redis_ground.move(25)
    redis_ground.call(limiter)

    (row,) = windows_in_sql(redis_ground)
    assert (row.used, row.saved_at) == (1, NOON + 25 * SECOND)


def test_a_calendar_day_comes_back_without_yesterday(redis_ground: Field, raw: Redis) -> None:
    day = Limit(requests=10, per=24 * HOUR, window=Window.DAY, calls=PUBLISHES)
    limiter = redis_ground.limiter(day)
    publish(redis_ground)
    redis_ground.clock.move(13 * HOUR)
    publish(redis_ground)
    redis_ground.admit(limiter, call=Call.PUBLISH)
    forget(redis_ground, raw)

    room = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0]

    assert room.free == 9


def test_a_calendar_day_of_twenty_five_hours_comes_back_whole(
    redis_ground: Field, raw: Redis
) -> None:
    redis_ground.clock.move(datetime(2026, 10, 24, 22, 10, tzinfo=UTC) - NOON)
    day = Limit(
        requests=10, per=24 * HOUR, window=Window.DAY, zone="Europe/Berlin", calls=PUBLISHES
    )
    limiter = redis_ground.limiter(day)
    publish(redis_ground)
    redis_ground.clock.move(timedelta(hours=24, minutes=30))
    redis_ground.admit(limiter, call=Call.PUBLISH)
    forget(redis_ground, raw)

    room = limiter.headroom([SCOPE], Call.PUBLISH, redis_ground.clock.now())[0]

    assert room.free == 9


def test_a_look_ahead_past_midnight_does_not_forget_the_day_that_is_ending(
    redis_ground: Field, raw: Redis
) -> None:
    day = Limit(requests=3, per=24 * HOUR, window=Window.DAY, calls=PUBLISHES)
    limiter = redis_ground.limiter(day)
    for _ in range(3):
        publish(redis_ground)
    redis_ground.clock.move(12 * HOUR - 10 * SECOND)
    redis_ground.admit(limiter, call=Call.PUBLISH)
    raw.flushdb()
    limiter.epoch()
    redis_ground.move(9)

    now = redis_ground.clock.now()
    limiter.headroom([SCOPE], Call.PUBLISH, now, within=2 * SECOND)

    assert limiter.headroom([SCOPE], Call.PUBLISH, now)[0].free == 0


def test_a_window_is_filled_once_however_many_processes_ask(
    redis_ground: Field, raw: Redis
) -> None:
    redis_ground.call(redis_ground.limiter(Limit(requests=100, per=HOUR)))
    publish(redis_ground)
    forget(redis_ground, raw)

    rooms = [
        redis_ground.limiter().headroom([SCOPE], Call.STATUS, redis_ground.clock.now())[0].free
        for _ in range(3)
    ]
    assert rooms == [89, 89, 89]


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
