"""Windows longer than a minute come back from SQL: the calls there, the last snapshot, headroom."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from shared.domain.limit import ADMITTED_FOR, Call, Limit, Reach, Unit, Window
from shared.limits.books import LONGEST_CALL
from tests.support.limiters import CONNECTION, NOON, SCOPE, SECOND, Field

HOUR = timedelta(hours=1)
PUBLISHES = frozenset({Call.PUBLISH})


def publish(ground: Field, account: str = "17") -> None:
    ground.store.sent.append((CONNECTION, account, ground.clock.now()))


def forget(ground: Field, raw: Redis) -> None:
    """Let Redis lose its memory, and what was admitted before leave."""
    raw.flushdb()
    ground.limiter().epoch()
    ground.clock.move(ADMITTED_FOR)


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
