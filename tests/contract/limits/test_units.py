"""What a window counts: requests, posts, or the containers that posts make."""

from datetime import timedelta

from shared.domain.limit import Call, Limit, Reach, Unit, Window
from tests.support.limiters import MINUTE, NOON, SCOPE, Field

DAY = timedelta(hours=24)


def containers(figure: int) -> Limit:
    return Limit(
        requests=figure,
        unit=Unit.CONTAINERS,
        per=DAY,
        window=Window.ROLLING,
        reach=Reach.ACCOUNT,
    )


def posts(figure: int) -> Limit:
    return Limit(requests=figure, unit=Unit.POSTS, per=MINUTE)


def test_posts_are_publish_calls_and_nothing_else(ground: Field) -> None:
    limiter = ground.limiter(posts(2))

    for call in (Call.UPLOAD, Call.STATUS, Call.HISTORY, Call.ACCOUNTS, Call.CANCEL):
        assert all(ground.admit(limiter, call=call).granted for _ in range(3))
    assert [ground.admit(limiter, call=Call.PUBLISH).granted for _ in range(3)] == [
        True,
        True,
        False,
    ]
    assert ground.admit(limiter, call=Call.PUBLISH).limit == "2 posts per 1m of posteverywhere"


def test_a_post_is_one_however_many_containers_it_makes(ground: Field) -> None:
    limiter = ground.limiter(posts(2), Limit(requests=2, per=MINUTE))

    assert ground.admit(limiter, call=Call.PUBLISH, containers=11).granted
    assert ground.admit(limiter, call=Call.PUBLISH, containers=11).granted
    assert not ground.admit(limiter, call=Call.PUBLISH).granted


def test_a_publish_call_takes_the_containers_of_its_post(ground: Field) -> None:
    limiter = ground.limiter(containers(10))

    assert ground.admit(limiter, call=Call.PUBLISH, containers=6).granted
    denied = ground.admit(limiter, call=Call.PUBLISH, containers=5)
    assert denied.limit == "10 containers per 1d of posteverywhere/17"
    assert denied.until == NOON + DAY
    assert ground.admit(limiter, call=Call.PUBLISH, containers=4).granted
    assert ground.admit(limiter, call=Call.STATUS).granted


def test_one_admission_takes_of_each_window_in_its_own_unit_or_of_none(ground: Field) -> None:
    limits = (containers(10), posts(3), Limit(requests=5, per=MINUTE))
    limiter = ground.limiter(*limits)
    assert ground.admit(limiter, call=Call.PUBLISH, containers=6).granted
    assert not ground.admit(limiter, call=Call.PUBLISH, containers=6).granted

    used = {window.unit: window.used for window in limiter.windows(NOON)}

    assert used == {"requests": 1, "posts": 1, "containers": 6}


def test_containers_given_back_are_free_again(ground: Field) -> None:
    limiter = ground.limiter(containers(10))
    held = ground.admit(limiter, call=Call.PUBLISH, containers=8)

    limiter.release(held.reservation)
    limiter.release(held.reservation)

    assert limiter.headroom([SCOPE], Call.PUBLISH, NOON)[0].free == 10


def test_all_containers_of_a_post_free_one_window_after_its_answer(ground: Field) -> None:
    limiter = ground.limiter(containers(10))
    ground.admit(limiter, call=Call.PUBLISH, containers=8)
    ground.move(30)
    limiter.learn(SCOPE, Call.PUBLISH, ground.reply())

    ground.clock.move(DAY - timedelta(milliseconds=1))
    assert limiter.headroom([SCOPE], Call.PUBLISH, ground.clock.now())[0].free == 2
    ground.move(0.001)
    assert limiter.headroom([SCOPE], Call.PUBLISH, ground.clock.now())[0].free == 10


def test_a_post_that_no_window_can_hold_is_denied_for_good(ground: Field) -> None:
    limiter = ground.limiter(containers(10))

    denied = ground.admit(limiter, call=Call.PUBLISH, containers=11)

    assert (denied.granted, denied.until) == (False, None)
    assert denied.limit == "10 containers per 1d of posteverywhere/17"
    assert ground.admit(limiter, call=Call.PUBLISH, containers=10).granted


def test_limits_of_one_length_and_several_units_are_several_windows(ground: Field) -> None:
    limits = [Limit(requests=7, unit=unit, per=MINUTE) for unit in Unit]
    limiter = ground.limiter(*limits)
    ground.admit(limiter, call=Call.PUBLISH, containers=5)

    listed = [(window.unit, window.limit, window.used) for window in limiter.windows(NOON)]

    assert sorted(listed) == [("containers", 7, 5), ("posts", 7, 1), ("requests", 7, 1)]


def test_headers_say_nothing_of_containers(ground: Field) -> None:
    limiter = ground.limiter(Limit(requests=60, unit=Unit.CONTAINERS, per=MINUTE), posts(20))
    ground.admit(limiter, call=Call.PUBLISH)
    limiter.learn(SCOPE, Call.PUBLISH, ground.windowed(60, 5, NOON + MINUTE / 2))
    ground.admit(limiter, call=Call.PUBLISH)
    limiter.learn(SCOPE, Call.PUBLISH, ground.windowed(20, 3, NOON + MINUTE / 2))

    left = {window.unit: window.used for window in limiter.windows(NOON)}

    assert left == {"containers": 2, "posts": 17, "requests": 56}
