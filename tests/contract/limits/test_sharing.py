"""Reading and publishing spend from the same windows, and neither starves the other."""

import pytest

from shared.domain.limit import Call, Limit, Scope, Window
from tests.support.limiters import CONNECTION, MINUTE, NOON, SCOPE, SECOND, Field

TEN = Limit(requests=10, per=MINUTE, window=Window.SLIDING)
OTHER = Scope(CONNECTION, "18")


def test_who_is_alone_takes_the_whole_window(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    assert ground.calls(limiter, call=Call.PUBLISH) == 10
    ground.move(62)
    assert ground.calls(limiter, call=Call.STATUS) == 10


def test_reading_keeps_to_its_share_while_publishing_wants_more(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    assert ground.calls(limiter, call=Call.PUBLISH) == 10
    ground.move(60)

    assert ground.calls(limiter, call=Call.STATUS) == 2
    assert ground.calls(limiter, call=Call.PUBLISH) == 8


def test_publishing_leaves_the_readers_their_share_while_they_want_more(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    assert ground.calls(limiter, call=Call.HISTORY) == 10
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 8
    assert ground.calls(limiter, call=Call.STATUS) == 2


def test_readers_are_served_though_publishing_took_everything_and_goes_on(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    assert ground.calls(limiter, call=Call.PUBLISH) == 10
    assert ground.calls(limiter) == 0
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 8
    assert ground.calls(limiter) == 2


def test_for_a_list_of_accounts_one_request_is_kept_not_the_share(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    assert ground.calls(limiter, call=Call.PUBLISH) == 10
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 0
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 0
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 9
    assert ground.call(limiter, call=Call.ACCOUNTS) is not None
    assert ground.calls(limiter, call=Call.PUBLISH) == 0


def test_who_asks_for_accounts_takes_nothing_from_other_readers(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH)
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 0
    assert ground.calls(limiter, call=Call.STATUS) == 0
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 0
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 8


def test_a_second_list_of_accounts_has_its_request_kept_too(ground: Field) -> None:
    ground.share = 0.5
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH, most=9)
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 1
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 8
    assert ground.calls(limiter, call=Call.ACCOUNTS) == 2


def test_what_nobody_asks_for_any_more_is_given_up_after_one_window(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH)
    ground.move(59)
    assert not ground.admit(limiter, call=Call.PUBLISH).granted
    ground.move(61.999)
    assert ground.calls(limiter) == 2
    ground.move(0.001)

    assert ground.calls(limiter) == 8


@pytest.mark.parametrize("call", [Call.PUBLISH, Call.UPLOAD, Call.CANCEL])
def test_uploads_and_cancels_are_publishing(ground: Field, call: Call) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.STATUS)
    ground.move(60)

    assert ground.calls(limiter, call=call) == 8


def test_what_a_post_reads_on_its_way_out_gives_way_to_nothing(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH)
    ground.move(60)
    assert ground.calls(limiter) == 2

    history = [ground.admit(limiter, call=Call.HISTORY, containers=1).granted for _ in range(6)]

    assert all(history)


def test_a_denial_says_when_this_side_has_a_slot_again(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH, most=5)
    ground.move(10)
    ground.calls(limiter, call=Call.STATUS)
    ground.move(10)
    denied = ground.admit(limiter, call=Call.PUBLISH)
    assert denied.until == NOON + MINUTE
    denied = ground.admit(limiter, call=Call.STATUS)

    assert denied.until == NOON + 70 * SECOND


def test_no_room_for_publishing_is_demand_before_any_job_is_handed_out(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.STATUS, most=10)
    assert limiter.headroom([SCOPE, OTHER], Call.PUBLISH, NOON)[1].free == 0
    ground.move(60)

    assert ground.calls(limiter, call=Call.STATUS) == 2


def test_headroom_never_promises_what_is_left_to_readers(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.STATUS)
    ground.move(60)

    room = limiter.headroom([SCOPE], Call.PUBLISH, ground.clock.now())[0]

    assert room.free == 8
    assert ground.calls(limiter, call=Call.PUBLISH) == 8


@pytest.mark.parametrize(("share", "reads"), [(0.01, 1), (0.2, 2), (0.25, 3), (0.99, 9)])
def test_the_share_is_rounded_up_and_leaves_each_side_one_slot(
    ground: Field, share: float, reads: int
) -> None:
    ground.share = share
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH)
    ground.calls(limiter)
    ground.move(60)

    assert ground.calls(limiter) == reads
    assert ground.calls(limiter, call=Call.PUBLISH) == 10 - reads


def test_a_single_slot_goes_to_who_asks_first(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=1, per=MINUTE))
    ground.calls(limiter, call=Call.PUBLISH)
    assert ground.calls(limiter) == 0
    ground.move(60)

    assert ground.calls(limiter) == 1
    ground.move(60)
    assert ground.calls(limiter, call=Call.PUBLISH) == 1


def test_a_window_that_counts_one_kind_of_call_is_not_shared(ground: Field) -> None:
    sends = Limit(requests=5, per=MINUTE, calls=frozenset({Call.PUBLISH, Call.UPLOAD}))
    limiter = ground.limiter(sends)
    ground.calls(limiter, call=Call.UPLOAD)
    ground.calls(limiter, most=20)
    ground.move(60)

    assert ground.calls(limiter, call=Call.PUBLISH) == 5


def test_of_what_strangers_leave_us_the_readers_have_their_share(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=100, per=MINUTE))
    limiter.learn(SCOPE, Call.STATUS, ground.windowed(100, 0, NOON + 20 * SECOND))
    ground.calls(limiter)
    ground.calls(limiter, call=Call.PUBLISH)
    ground.move(20)
    limiter.learn(SCOPE, Call.STATUS, ground.windowed(100, 10, NOON + 80 * SECOND))

    assert ground.calls(limiter) == 2
    assert ground.calls(limiter, call=Call.PUBLISH) == 8


def test_a_slot_given_back_is_free_to_the_side_that_gave_it(ground: Field) -> None:
    limiter = ground.limiter(TEN)
    ground.calls(limiter, call=Call.PUBLISH)
    ground.calls(limiter)
    ground.move(60)
    held = [ground.admit(limiter) for _ in range(2)]
    assert not ground.admit(limiter).granted

    limiter.release(held[1].reservation)

    assert ground.admit(limiter).granted
