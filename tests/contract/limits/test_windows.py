"""What every limiter holds to: the shapes of windows, their scopes, reservations, headroom."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.limit import Call, Headroom, Limit, Reach, Scope, Window
from shared.limits.books import LONGEST_CALL
from tests.support.limiters import CONNECTION, MINUTE, NOON, SCOPE, SECOND, Field

ALL_SHAPES = pytest.mark.parametrize("shape", list(Window))


def per_minute(requests: int, **more: object) -> Limit:
    return Limit(requests=requests, per=MINUTE, **more)  # type: ignore[arg-type]


@ALL_SHAPES
def test_no_more_than_the_limit_is_admitted_in_one_window(ground: Field, shape: Window) -> None:
    limiter = ground.limiter(per_minute(5, window=shape))

    assert ground.calls(limiter) == 5
    assert ground.calls(ground.limiter()) == 0


def test_a_sliding_slot_frees_one_window_after_its_answer(ground: Field) -> None:
    limiter = ground.limiter(per_minute(1, window=Window.SLIDING))
    assert ground.admit(limiter).granted
    ground.move(10)
    limiter.learn(SCOPE, Call.STATUS, ground.reply())

    denied = ground.admit(limiter)
    assert denied.until == NOON + timedelta(seconds=70)

    ground.move(59.999)
    assert not ground.admit(limiter).granted
    ground.move(0.001)
    assert ground.admit(limiter).granted


def test_a_denial_names_the_limit_and_a_moment_at_which_it_is_worth_asking(
    ground: Field,
) -> None:
    limiter = ground.limiter(per_minute(2, window=Window.SLIDING))
    ground.call(limiter)
    ground.move(5)
    ground.call(limiter)

    denied = ground.admit(limiter)

    assert denied.until == NOON + MINUTE
    assert denied.limit == "2 requests per 1m of posteverywhere"


def test_a_fixed_window_of_unknown_alignment_is_as_strict_as_a_sliding_one(ground: Field) -> None:
    limiter = ground.limiter(per_minute(2))
    ground.call(limiter)
    ground.move(59)
    ground.call(limiter)
    ground.move(1)

    assert ground.calls(limiter) == 1


def test_a_fixed_window_empties_at_once_at_the_servers_reset(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5))
    ground.call(limiter, ground.windowed(5, 4, NOON + 20 * SECOND))
    assert ground.calls(limiter) == 4
    assert ground.admit(limiter).until == NOON + 20 * SECOND

    ground.move(20)

    assert ground.calls(limiter) == 5


def test_a_request_under_way_at_the_reset_counts_in_the_next_window(ground: Field) -> None:
    limiter = ground.limiter(per_minute(3))
    ground.call(limiter, ground.windowed(3, 2, NOON + 20 * SECOND))
    ground.move(19.9)
    assert ground.admit(limiter).granted

    ground.move(0.2)

    assert ground.limiter().headroom([SCOPE], Call.STATUS, ground.clock.now())[0].free == 2


def test_a_rolling_day_looks_back_twenty_four_hours(ground: Field) -> None:
    limiter = ground.limiter(
        Limit(requests=2, per=timedelta(hours=24), window=Window.ROLLING, reach=Reach.ACCOUNT)
    )
    ground.call(limiter)
    ground.move(3_600)
    ground.call(limiter)
    assert ground.admit(limiter).until == NOON + timedelta(hours=24)

    ground.move(23 * 3_600)

    assert ground.calls(limiter) == 1


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("UTC", datetime(2026, 11, 23, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
    ],
)
def test_a_calendar_day_begins_at_midnight_of_its_zone(
    ground: Field, zone: str, midnight: datetime
) -> None:
    limiter = ground.limiter(Limit(requests=2, per=timedelta(days=1), window=Window.DAY, zone=zone))
    assert ground.calls(limiter) == 2
    assert ground.admit(limiter).until == midnight

    ground.clock.move(midnight - ground.clock.now() - timedelta(milliseconds=1))
    assert ground.calls(limiter) == 0
    ground.move(0.001)
    assert ground.calls(limiter) == 2


def test_a_day_of_twenty_five_hours_is_one_day(ground: Field) -> None:
    ground.clock.move(datetime(2026, 10, 24, 22, 30, tzinfo=UTC) - NOON)
    limiter = ground.limiter(
        Limit(requests=1, per=timedelta(days=1), window=Window.DAY, zone="Europe/Berlin")
    )
    assert ground.calls(limiter) == 1

    ground.clock.move(timedelta(hours=24, minutes=20))

    assert ground.admit(limiter).until == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


def test_several_windows_are_taken_all_or_none(ground: Field) -> None:
    account = per_minute(2, reach=Reach.ACCOUNT)
    limiter = ground.limiter(per_minute(3), account)
    other = Scope(CONNECTION, "18")

    assert ground.calls(limiter) == 2
    assert ground.calls(limiter, scope=other) == 1

    rooms = limiter.headroom([other, Scope(CONNECTION, "19")], Call.STATUS, ground.clock.now())
    assert [room.free for room in rooms] == [0, 0]


def test_connections_and_accounts_do_not_touch_each_other(ground: Field) -> None:
    limiter = ground.limiter(per_minute(1, reach=Reach.ACCOUNT))

    assert ground.calls(limiter, scope=Scope("a", "1")) == 1
    assert ground.calls(limiter, scope=Scope("a", "2")) == 1
    assert ground.calls(limiter, scope=Scope("b", "1")) == 1
    assert ground.calls(limiter, scope=Scope("a|1", "")) == 1
    assert ground.calls(limiter, scope=Scope("a", "1")) == 0


def test_a_limit_counts_only_the_calls_it_names(ground: Field) -> None:
    limiter = ground.limiter(per_minute(1, calls=frozenset({Call.PUBLISH})))

    assert ground.calls(limiter, most=5) == 5
    assert ground.admit(limiter, call=Call.PUBLISH).granted
    denied = ground.admit(limiter, call=Call.PUBLISH)
    assert denied.limit == "1 publish requests per 1m of posteverywhere"


def test_a_cost_takes_so_many_slots_or_none(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5))

    assert ground.admit(limiter, cost=3).granted
    assert not ground.admit(limiter, cost=3).granted
    assert ground.admit(limiter, cost=2).granted
    assert not ground.admit(limiter, cost=1).granted


def test_a_reservation_given_back_is_free_again_at_once(ground: Field) -> None:
    limiter = ground.limiter(per_minute(4), per_minute(2, calls=frozenset({Call.STATUS})))
    first = ground.admit(limiter, cost=2)
    assert not ground.admit(limiter).granted

    limiter.release(first.reservation)
    limiter.release(first.reservation)

    assert ground.calls(limiter) == 2


def test_without_any_limit_everything_is_admitted_and_headroom_is_unknown(ground: Field) -> None:
    limiter = ground.limiter()

    assert ground.calls(limiter, most=20) == 20
    assert limiter.headroom([SCOPE], Call.PUBLISH, NOON) == [Headroom(free=None)]
    assert limiter.headroom([], Call.PUBLISH, NOON) == []


def test_headroom_says_what_admit_would_and_takes_nothing(ground: Field) -> None:
    limiter = ground.limiter(per_minute(3), per_minute(2, reach=Reach.ACCOUNT))
    scopes = [Scope(CONNECTION), SCOPE]

    for _ in range(2):
        rooms = limiter.headroom(scopes, Call.STATUS, NOON)
        assert [(room.free, room.until) for room in rooms] == [(3, None), (2, None)]
    assert ground.calls(limiter) == 2
    connection, account = limiter.headroom(scopes, Call.STATUS, NOON)
    assert connection.free == 1
    assert account == Headroom(
        free=0, until=NOON + MINUTE, limit="2 requests per 1m of posteverywhere/17"
    )


def test_an_unanswered_request_keeps_its_slot_until_its_thread_goes_on(ground: Field) -> None:
    limiter = ground.limiter(per_minute(1, window=Window.SLIDING))
    assert ground.admit(limiter).granted
    ground.move(90)
    assert limiter.headroom([SCOPE], Call.STATUS, ground.clock.now())[0].free == 0

    assert ground.admit(limiter).until == NOON + timedelta(seconds=150)
    ground.move(60)

    assert ground.admit(limiter).granted


def test_a_request_of_a_dead_process_holds_its_slot_for_the_longest_call(ground: Field) -> None:
    limiter = ground.limiter(per_minute(1, window=Window.SLIDING))
    dead = threading.Thread(target=ground.admit, args=(limiter,))
    dead.start()
    dead.join()

    ground.clock.move(LONGEST_CALL + MINUTE - SECOND)
    assert not ground.admit(limiter).granted
    ground.move(1)
    assert ground.admit(limiter).granted


def test_an_answer_after_the_longest_call_takes_a_slot_all_the_same(ground: Field) -> None:
    limiter = ground.limiter(per_minute(2, window=Window.SLIDING))
    ground.admit(limiter)
    ground.clock.move(LONGEST_CALL + 5 * MINUTE)
    other = threading.Thread(target=ground.call, args=(ground.limiter(),))
    other.start()
    other.join()

    limiter.learn(SCOPE, Call.STATUS, ground.reply())

    assert limiter.headroom([SCOPE], Call.STATUS, ground.clock.now())[0].free == 0


def test_windows_are_listed_with_use_and_reset(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5, window=Window.SLIDING, source="configured"))
    ground.call(limiter)
    ground.move(5)
    ground.call(limiter)
    limiter.block(Scope(CONNECTION, "17"), NOON + MINUTE, "asked to", ground.clock.now())

    window, block = limiter.windows(ground.clock.now())

    assert (window.connection, window.limit, window.used) == (CONNECTION, 5, 2)
    assert (window.per, window.window, window.source) == (MINUTE, "sliding", "configured")
    assert window.resets_at == NOON + MINUTE
    assert (block.account, block.blocked_until, block.source) == ("17", NOON + MINUTE, "asked to")
    assert (window.words, block.words) == ("5 requests per 1m of posteverywhere", "asked to")
    assert (window.is_block, block.is_block) == (False, True)


def test_a_declared_window_is_listed_before_anything_is_counted_in_it(ground: Field) -> None:
    limiter = ground.limiter(per_minute(5), per_minute(2, reach=Reach.ACCOUNT))
    scopes = [Scope(CONNECTION), Scope(CONNECTION, "17"), Scope(CONNECTION, "18")]
    ground.call(limiter)

    rows = limiter.windows(ground.clock.now(), scopes)

    assert [(row.account, row.limit, row.used) for row in rows] == [
        *((None, 5, 1), ("17", 2, 1), ("18", 2, 0)),
    ]
    assert rows[-1].resets_at is None
    assert len(limiter.windows(ground.clock.now())) == 2


def test_a_calendar_day_without_use_is_listed_with_its_end(ground: Field) -> None:
    day = Limit(requests=3, per=timedelta(days=1), window=Window.DAY, zone="Europe/Paris")
    limiter = ground.limiter(day)

    (row,) = limiter.windows(ground.clock.now(), [SCOPE])

    assert row.resets_at == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert row.zone == "Europe/Paris"
