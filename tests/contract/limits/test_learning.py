"""What every limiter takes from answers: windows, resets, 429s; and what it saves of them."""

from datetime import timedelta
from threading import Thread

import pytest

from shared.domain.limit import Call, Limit, Reading, Reply, Scope, Window
from shared.errors import PartUnreachable
from tests.support.limiters import CONNECTION, MINUTE, NOON, SCOPE, SECOND, Field


def per_minute(requests: int, source: str = "assumed", **more: object) -> Limit:
    return Limit(requests=requests, per=MINUTE, source=source, **more)  # type: ignore[arg-type]


def free(ground: Field, scope: Scope = SCOPE, call: Call = Call.STATUS) -> int | None:
    return ground.limiter().headroom([scope], call, ground.clock.now())[0].free


def answer_to_another_process(ground: Field, reply: Reply) -> None:
    """Learn on a thread of its own, so that the requests of this one stay under way."""
    learning = Thread(target=ground.limiter().learn, args=(SCOPE, Call.STATUS, reply))
    learning.start()
    learning.join()


def test_a_learnt_limit_replaces_an_assumed_one_of_the_whole_connection(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60), per_minute(20, calls=frozenset({Call.PUBLISH})))

    ground.call(limiter, ground.windowed(100, 99, NOON + 30 * SECOND))

    assert free(ground) == 99
    assert free(ground, Scope(CONNECTION, "another")) == 99
    assert free(ground, call=Call.PUBLISH) == 20
    assert free(ground, Scope("wonda")) == 60


def test_a_learnt_limit_never_raises_a_configured_one(ground: Field) -> None:
    limiter = ground.limiter(per_minute(10, source="configured"))

    ground.call(limiter, ground.windowed(100, 99, NOON + 30 * SECOND))
    assert free(ground) == 9
    ground.call(limiter, ground.windowed(5, 3, NOON + 30 * SECOND))
    assert free(ground) == 3


def test_what_others_used_is_learnt_from_remaining(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60))

    ground.call(limiter, ground.windowed(60, 5, NOON + 30 * SECOND))

    assert ground.calls(limiter) == 5
    assert ground.admit(limiter).until == NOON + 30 * SECOND


def test_within_one_window_the_lowest_remaining_counts_whatever_order_answers_come_in(
    ground: Field,
) -> None:
    limiter = ground.limiter(per_minute(60))
    for remaining in (10, 12, 11):
        limiter.learn(SCOPE, Call.STATUS, ground.windowed(60, remaining, NOON + 30 * SECOND))

    assert free(ground) == 10


def test_only_a_later_reset_raises_what_remains(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60))
    limiter.learn(SCOPE, Call.STATUS, ground.windowed(60, 0, NOON + 30 * SECOND))
    assert free(ground) == 0
    ground.move(30)
    limiter.learn(SCOPE, Call.STATUS, ground.windowed(60, 40, NOON + 90 * SECOND))
    assert free(ground) == 40

    limiter.learn(SCOPE, Call.STATUS, ground.windowed(60, 0, NOON + 30 * SECOND))

    assert free(ground) == 40


def test_requests_under_way_are_taken_off_what_remains_when_others_spend_too(
    ground: Field,
) -> None:
    limiter = ground.limiter(per_minute(60))
    ground.admit(limiter, cost=3)

    answer_to_another_process(ground, ground.windowed(60, 10, NOON + 30 * SECOND))

    assert free(ground) == 7


def test_our_own_requests_under_way_are_not_taken_off_twice(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60))
    ground.admit(limiter, cost=3)

    answer_to_another_process(ground, ground.windowed(60, 57, NOON + 30 * SECOND))

    assert free(ground) == 57


def test_a_released_reservation_counts_as_remaining_again(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60))
    limiter.learn(SCOPE, Call.STATUS, ground.windowed(60, 1, NOON + 30 * SECOND))
    held = ground.admit(limiter)
    assert not ground.admit(limiter).granted

    limiter.release(held.reservation)

    assert ground.admit(limiter).granted


def test_a_window_is_learnt_where_none_is_assumed(ground: Field) -> None:
    limiter = ground.limiter()
    ground.call(limiter, ground.windowed(5, 4, NOON + 30 * SECOND))

    assert ground.calls(limiter) == 4
    ground.move(30)
    assert ground.calls(limiter) == 5
    ground.move(59)
    assert ground.calls(limiter) == 0

    (window,) = limiter.windows(ground.clock.now())
    assert (window.limit, window.per, window.source) == (5, MINUTE, "learnt")


def test_several_windows_of_one_answer_are_all_kept(ground: Field) -> None:
    limiter = ground.limiter()
    reply = ground.reply(
        x_ratelimit_limit_minute=10,
        x_ratelimit_remaining_minute=9,
        x_ratelimit_limit_hour=100,
        x_ratelimit_remaining_hour=3,
        x_ratelimit_reset_hour=1800,
    )
    ground.call(limiter, reply)

    assert ground.calls(limiter) == 3
    assert [window.per for window in limiter.windows(NOON)] == [MINUTE, timedelta(hours=1)]


def test_remaining_without_a_limit_still_counts(ground: Field) -> None:
    limiter = ground.limiter()
    ground.call(limiter, ground.reply(ratelimit_remaining=0, ratelimit_reset=20))

    assert ground.admit(limiter).until == NOON + 20 * SECOND
    assert limiter.windows(NOON)[0].limit is None


def test_a_window_whose_reset_moves_on_is_not_believed_to_empty_at_once(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5))
    for _ in range(5):
        now = ground.clock.now()
        ground.call(limiter, ground.windowed(5, 4, now + 10 * SECOND))
        ground.move(5)
    ground.move(10)

    assert free(ground) == 0


def test_a_reset_that_is_always_now_empties_nothing(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5))
    for _ in range(5):
        ground.call(limiter, ground.windowed(5, 5, ground.clock.now()))
        ground.move(1)

    assert free(ground) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"retry_after": "7"},
        {"x_ratelimit_reset": "7"},
        {"x_ratelimit_reset": "2026-11-22T12:00:07Z"},
    ],
)
def test_a_429_blocks_the_connection_for_all_until_the_moment_it_names(
    ground: Field, headers: dict[str, str]
) -> None:
    ground.call(ground.limiter(), ground.reply(429, **headers))
    other = ground.limiter()

    denied = ground.admit(other, Scope(CONNECTION, "another"))
    assert (denied.granted, denied.until) == (False, NOON + 7 * SECOND)
    assert denied.limit == "the provider answered 429"
    assert ground.admit(other, Scope("wonda")).granted
    assert other.headroom([SCOPE], Call.STATUS, NOON)[0].until == NOON + 7 * SECOND

    ground.move(6.999)
    assert not ground.admit(other).granted
    ground.move(0.001)
    assert ground.admit(other).granted


def test_a_block_ends_no_earlier_than_named_to_the_microsecond(ground: Field) -> None:
    ground.clock.move(timedelta(microseconds=400))
    limiter = ground.limiter()
    ground.call(limiter, ground.reply(429, retry_after=1))

    ground.clock.move(timedelta(microseconds=999_900))
    assert not ground.admit(limiter).granted


def test_whoever_met_a_429_knows_at_once_without_asking_anybody(ground: Field) -> None:
    limiter = ground.limiter()
    assert limiter.stopped(CONNECTION, ground.clock.now()) is None

    ground.call(limiter, ground.reply(429, **{"Retry-After": "7"}))

    assert limiter.stopped(CONNECTION, ground.clock.now()) == NOON + 7 * SECOND
    assert limiter.stopped("wonda", ground.clock.now()) is None
    ground.move(7)
    assert limiter.stopped(CONNECTION, ground.clock.now()) is None


def test_a_429_without_figures_backs_off_and_doubles_up_to_a_minute(ground: Field) -> None:
    limiter = ground.limiter()
    waits = []
    for _ in range(7):
        reading = ground.call(limiter, ground.reply(429))
        assert reading is not None
        assert reading.wait is not None
        waits.append(reading.wait.total_seconds())
        assert ground.admit(limiter).until == ground.clock.now() + reading.wait
        ground.clock.move(reading.wait)

    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_a_success_begins_the_backoff_anew(ground: Field) -> None:
    limiter = ground.limiter()
    for _ in range(3):
        ground.call(limiter, ground.reply(429))
        ground.move(60)
    ground.call(limiter)
    reading = ground.call(ground.limiter(), ground.reply(429))

    assert reading == Reading(wait=2 * SECOND)


def test_429s_of_one_wave_double_nothing(ground: Field) -> None:
    limiter = ground.limiter()
    ground.call(limiter, ground.reply(429))
    for _ in range(5):
        limiter.learn(SCOPE, Call.STATUS, ground.reply(429))

    assert ground.admit(limiter).until == NOON + 2 * SECOND


def test_a_present_moment_is_no_figure(ground: Field) -> None:
    limiter = ground.limiter()
    reading = ground.call(limiter, ground.reply(429, retry_after=0))

    assert reading == Reading(wait=2 * SECOND)


def test_a_shorter_block_does_not_end_a_longer_one(ground: Field) -> None:
    limiter = ground.limiter()
    limiter.block(Scope(CONNECTION), NOON + MINUTE, "first", NOON)
    limiter.block(Scope(CONNECTION), NOON + SECOND, "second", NOON)

    assert ground.admit(limiter).until == NOON + MINUTE


def test_an_accounts_block_leaves_the_others_alone(ground: Field) -> None:
    limiter = ground.limiter()
    limiter.block(SCOPE, NOON + MINUTE, "the account rests", NOON)

    assert ground.admit(limiter).limit == "the account rests"
    assert ground.admit(limiter, Scope(CONNECTION, "another")).granted
    assert ground.admit(limiter, Scope(CONNECTION)).granted


def test_a_block_is_saved(ground: Field) -> None:
    limiter = ground.limiter()
    ground.call(limiter, ground.reply(429, retry_after=30))

    (block,) = ground.store.blocks(NOON)
    assert (block.connection, block.account, block.until) == (CONNECTION, None, NOON + 30 * SECOND)


def test_a_block_holds_although_sql_is_away(ground: Field) -> None:
    limiter = ground.limiter()
    ground.admit(limiter)
    ground.store.away = True
    with pytest.raises(PartUnreachable):
        ground.store.blocks(NOON)

    reading = limiter.learn(SCOPE, Call.STATUS, ground.reply(429, retry_after=30))

    assert reading.wait == 30 * SECOND
    assert not ground.admit(limiter).granted


def test_a_snapshot_saves_long_windows_and_learnt_ones_when_they_changed(ground: Field) -> None:
    hour = timedelta(hours=1)
    limiter = ground.limiter(
        per_minute(60, window=Window.SLIDING), Limit(requests=500, per=hour, window=Window.ROLLING)
    )
    ground.call(limiter)
    ground.call(limiter)

    limiter.snapshot(NOON)
    saved = [row for row in ground.store.learnt(NOON) if row.connection == CONNECTION]
    assert [(row.limit.per, row.used, row.resets_at) for row in saved] == [(hour, 2, NOON + hour)]

    before = len(ground.store.journal)
    limiter.snapshot(NOON)
    assert len(ground.store.journal) == before


def test_a_limit_that_is_news_is_saved_at_once(ground: Field) -> None:
    limiter = ground.limiter(per_minute(60))
    ground.call(limiter, ground.windowed(100, 40, NOON + 30 * SECOND))

    (row,) = [row for row in ground.store.learnt(NOON) if row.connection == CONNECTION]
    assert (row.limit.requests, row.limit.source, row.used) == (100, "learnt", 60)
    assert row.resets_at == NOON + 30 * SECOND


def test_an_answer_that_says_nothing_reads_as_nothing(ground: Field) -> None:
    assert ground.call(ground.limiter()) == Reading()
