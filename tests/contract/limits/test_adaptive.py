"""A 429 without figures, where we knew of no full window: the limit is found by trial."""

from datetime import timedelta

import pytest
from redis import Redis

from shared.domain.limit import ADMITTED_FOR, Call, Limit, Reply, Scope, Window, WindowUse
from shared.limits.adaptive import FORGOTTEN
from shared.limits.limiter import LearningLimiter
from tests.support.limiters import CONNECTION, MINUTE, NOON, SCOPE, SECOND, Field

WINDOW = timedelta(seconds=10)
PAUSE = timedelta(seconds=2)


def adaptive(ground: Field) -> WindowUse | None:
    rows = ground.limiter().windows(ground.clock.now())
    return next((row for row in rows if row.source == "adaptive"), None)


def found(ground: Field) -> int | None:
    row = adaptive(ground)
    return row.limit if row else None


def refuse(ground: Field, limiter: LearningLimiter, **headers: object) -> None:
    assert ground.call(limiter, ground.reply(429, **headers)) is not None


def after_refusal(ground: Field, sent: int = 12) -> LearningLimiter:
    """Send so many requests at once, and one more that is refused without a word."""
    limiter = ground.limiter()
    assert ground.calls(limiter, most=sent) == sent
    refuse(ground, limiter)
    return limiter


def use_a_window(ground: Field, limiter: LearningLimiter) -> int:
    """Wait for an empty window, use it up and stay until the limit may have risen."""
    ground.clock.move(WINDOW)
    used = ground.calls(limiter, most=1_000)
    ground.clock.move(WINDOW)
    return used


def test_it_begins_at_half_of_what_was_sent_in_the_last_window(ground: Field) -> None:
    after_refusal(ground)

    row = adaptive(ground)

    assert row is not None
    assert (row.connection, row.account, row.unit) == (CONNECTION, None, "requests")
    assert (row.limit, row.used, row.per, row.window) == (6, 12, WINDOW, "sliding")


def test_what_was_sent_before_the_last_window_does_not_count(ground: Field) -> None:
    limiter = ground.limiter()
    ground.calls(limiter, most=12)
    ground.clock.move(WINDOW)
    ground.calls(limiter, most=4)
    refuse(ground, limiter)

    assert found(ground) == 2


def test_it_holds_for_every_process_and_every_account(ground: Field) -> None:
    after_refusal(ground)
    ground.clock.move(WINDOW)

    assert ground.calls(ground.limiter(), scope=Scope(CONNECTION, "another")) == 6
    denied = ground.admit(ground.limiter(), call=Call.PUBLISH)
    assert denied.limit == "6 requests per 10s of posteverywhere"
    assert denied.until == ground.clock.now() + WINDOW
    assert ground.admit(ground.limiter(), Scope("wonda")).granted


def test_a_refusal_when_nothing_was_sent_says_nothing_of_a_rate(ground: Field) -> None:
    refuse(ground, ground.limiter())

    assert found(ground) is None


def test_one_is_the_least(ground: Field) -> None:
    limiter = after_refusal(ground, sent=1)
    assert found(ground) == 1
    ground.clock.move(WINDOW)
    ground.call(limiter)
    ground.clock.move(WINDOW)
    refuse(ground, limiter)

    assert found(ground) == 1


def test_a_full_window_explains_a_refusal(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=6, per=MINUTE))
    ground.calls(limiter, most=5)
    refuse(ground, limiter)

    assert found(ground) is None


def test_an_exhausted_window_of_the_server_explains_a_refusal(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=60, per=MINUTE))
    ground.calls(limiter, most=5)
    ground.admit(limiter)
    other = ground.limiter()
    other.learn(SCOPE, Call.STATUS, ground.windowed(60, 0, NOON + 30 * SECOND))
    limiter.learn(SCOPE, Call.STATUS, ground.reply(429))

    assert found(ground) is None


def test_a_window_with_room_or_of_other_calls_explains_nothing(ground: Field) -> None:
    limiter = ground.limiter(
        Limit(requests=60, per=MINUTE),
        Limit(requests=1, per=MINUTE, calls=frozenset({Call.PUBLISH})),
    )
    ground.call(limiter, call=Call.PUBLISH)
    ground.calls(limiter, most=11)
    refuse(ground, limiter)

    assert found(ground) == 6


def test_a_window_used_well_raises_it_by_a_small_step(ground: Field) -> None:
    limiter = after_refusal(ground)

    used = [use_a_window(ground, limiter) for _ in range(4)]

    assert used == [6, 7, 8, 9]


def test_a_great_limit_rises_by_a_twentieth(ground: Field) -> None:
    limiter = after_refusal(ground, sent=200)
    use_a_window(ground, limiter)
    ground.call(limiter)

    assert found(ground) == 105


def test_a_window_that_was_hardly_used_raises_nothing(ground: Field) -> None:
    limiter = after_refusal(ground)
    for _ in range(5):
        ground.clock.move(WINDOW)
        ground.calls(limiter, most=4)

    assert found(ground) == 6


def test_a_refusal_before_the_window_is_over_cuts_instead_of_raising(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(WINDOW)
    ground.calls(limiter, most=5)
    refuse(ground, limiter)
    ground.clock.move(WINDOW)
    ground.call(limiter)

    assert found(ground) == 3


def test_a_further_refusal_halves_it(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(WINDOW)
    ground.calls(limiter, most=3)
    refuse(ground, limiter)

    assert found(ground) == 3


def test_requests_under_way_together_cut_it_once(ground: Field) -> None:
    ground.calls(ground.limiter(), most=12)
    wave = [ground.limiter() for _ in range(4)]
    for limiter in wave:
        assert ground.admit(limiter).granted
    ground.move(1)
    for limiter in wave:
        limiter.learn(SCOPE, Call.STATUS, ground.reply(429))
        ground.move(0.1)

    assert found(ground) == (12 + 3) // 2


def test_a_refused_request_may_be_repeated_when_its_block_ends(ground: Field) -> None:
    limiter = after_refusal(ground, sent=1)
    ground.clock.move(WINDOW)
    ground.call(limiter)
    ground.clock.move(WINDOW)
    refuse(ground, limiter)

    ground.clock.move(PAUSE)

    assert ground.call(limiter) is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"x_ratelimit_limit": 60, "x_ratelimit_remaining": 50, "x_ratelimit_reset": 30},
        {"x_ratelimit_limit": 60},
        {"ratelimit_remaining": 50, "ratelimit_reset": 30},
    ],
)
def test_figures_of_the_server_take_its_place(ground: Field, headers: dict[str, object]) -> None:
    limiter = after_refusal(ground)
    ground.limiter(Limit(requests=60, per=MINUTE))
    ground.clock.move(WINDOW)
    ground.call(limiter, ground.reply(200, **headers))

    assert found(ground) is None
    assert ground.calls(limiter, most=20) == 20


def test_a_429_that_names_a_moment_ends_it(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(WINDOW)
    refuse(ground, limiter, retry_after=7)

    assert found(ground) is None


def test_a_429_with_a_limit_begins_none(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=60, per=MINUTE))
    ground.calls(limiter, most=12)
    refuse(ground, limiter, x_ratelimit_limit=60)

    assert found(ground) is None


def test_an_answer_of_another_kind_says_nothing(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(WINDOW)
    for status in (200, 404, 500, 503):
        ground.call(limiter, ground.reply(status))

    assert found(ground) == 6


def test_after_a_day_without_a_refusal_it_is_forgotten(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(FORGOTTEN - SECOND)
    assert ground.calls(limiter) == 6
    ground.clock.move(WINDOW)

    assert found(ground) is None
    assert ground.calls(limiter, most=50) == 50


def test_readers_and_publishers_share_it(ground: Field) -> None:
    limiter = after_refusal(ground, sent=20)
    ground.clock.move(WINDOW)
    assert ground.calls(limiter, call=Call.PUBLISH) == 10
    ground.clock.move(WINDOW)

    assert ground.calls(limiter) == 3


def test_headroom_knows_it(ground: Field) -> None:
    limiter = ground.limiter()
    assert limiter.headroom([SCOPE], Call.PUBLISH, NOON)[0].free is None
    after_refusal(ground)
    ground.clock.move(WINDOW)

    assert limiter.headroom([SCOPE], Call.PUBLISH, ground.clock.now())[0].free == 6


def test_a_declared_window_of_the_same_shape_stays_the_stricter(ground: Field) -> None:
    same = Limit(requests=5, per=WINDOW, window=Window.SLIDING, source="configured")
    limiter = ground.limiter(same)
    ground.calls(limiter, most=3)
    refuse(ground, limiter)
    ground.clock.move(WINDOW)

    used = [use_a_window(ground, limiter) for _ in range(6)]

    assert used == [1, 2, 3, 4, 5, 5]


def saved(ground: Field) -> list[int]:
    rows = ground.store.learnt(ground.clock.now())
    return [row.limit.requests for row in rows if row.limit.source == "adaptive" and row.resets_at]


def test_it_is_saved_when_it_is_found_and_until_it_would_be_forgotten(ground: Field) -> None:
    after_refusal(ground)

    assert saved(ground) == [6]
    ground.clock.move(FORGOTTEN)
    assert saved(ground) == []


def test_what_it_rose_to_is_saved_by_a_snapshot(ground: Field) -> None:
    limiter = after_refusal(ground)
    use_a_window(ground, limiter)
    ground.call(limiter)
    limiter.snapshot(ground.clock.now())

    assert saved(ground) == [7]


def test_once_the_server_gave_figures_it_is_saved_no_more(ground: Field) -> None:
    limiter = after_refusal(ground)
    ground.clock.move(WINDOW)
    ground.call(limiter, ground.windowed(60, 50, ground.clock.now() + 30 * SECOND))

    assert saved(ground) == []


def test_it_comes_back_from_sql(redis_ground: Field, redis_url: str) -> None:
    limiter = after_refusal(redis_ground)
    redis_ground.move(5)
    with Redis.from_url(redis_url) as raw:
        raw.flushdb()

    assert redis_ground.admit(limiter).until == NOON + 5 * SECOND + ADMITTED_FOR + WINDOW
    redis_ground.clock.move(ADMITTED_FOR + WINDOW)
    assert found(redis_ground) == 6
    assert redis_ground.calls(limiter) == 6
    redis_ground.clock.move(FORGOTTEN - ADMITTED_FOR - 16 * SECOND)
    assert found(redis_ground) == 6
    redis_ground.move(1)
    assert found(redis_ground) is None


def test_a_connection_without_limits_is_not_held_up_when_redis_forgets(
    redis_ground: Field, redis_url: str
) -> None:
    limiter = redis_ground.limiter()
    redis_ground.calls(limiter, most=5)
    with Redis.from_url(redis_url) as raw:
        raw.flushdb()

    assert redis_ground.calls(limiter, most=5) == 5


def test_a_refusal_without_an_admission_teaches_no_rate(ground: Field) -> None:
    ground.calls(ground.limiter(), most=12)
    ground.limiter().learn(SCOPE, Call.STATUS, Reply(status=429, received_at=NOON))

    assert found(ground) is None
