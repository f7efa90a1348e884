"""Polls come in time, never too soon after each other, and no habit can do harm."""

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.habit import LONGEST, MEMORY, RATIO, SHORTEST, Habit, Tally
from shared.domain.polling import DENSE, TRUST, PollPolicy, aligned
from tests.support.jobs import NOW

POLICY = PollPolicy()
SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)

firsts = st.timedeltas(min_value=timedelta(milliseconds=100), max_value=timedelta(seconds=60))
ages = st.timedeltas(min_value=timedelta(seconds=-60), max_value=timedelta(hours=30))
anything = st.timedeltas(min_value=timedelta(days=-9), max_value=timedelta(days=9))
#: Also such as nothing could have taught: negative, the wrong way round, days long.
habits = st.none() | st.builds(Habit, early=anything, median=anything, late=anything)
spans = st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(hours=1))
durations = st.lists(st.timedeltas(min_value=NOTHING, max_value=timedelta(days=3)), max_size=40)


@given(firsts, ages, habits)
def test_intervals_stay_between_the_providers_first_and_the_cap(
    first: timedelta, age: timedelta, habit: Habit | None
) -> None:
    assert first <= POLICY.interval(first, age, habit) <= POLICY.cap


@given(firsts, ages, ages, habits)
def test_an_older_publish_is_never_asked_about_before_a_younger_one_would_be_at_its_age(
    first: timedelta, one: timedelta, other: timedelta, habit: Habit | None
) -> None:
    younger, older = sorted((max(one, NOTHING), max(other, NOTHING)))
    assert younger + POLICY.interval(first, younger, habit) <= older + POLICY.interval(
        first, older, habit
    )


@given(firsts, ages, ages, habits)
def test_intervals_widen_with_age_beyond_the_habit(
    first: timedelta, one: timedelta, other: timedelta, habit: Habit | None
) -> None:
    younger, older = sorted((one, other))
    if habit is not None:
        assume(younger > max(habit.early, habit.median, habit.late))
    assert POLICY.interval(first, younger, habit) <= POLICY.interval(first, older, habit)


@given(firsts, ages, habits)
def test_a_wrong_habit_makes_a_publish_wait_little_longer_than_none(
    first: timedelta, age: timedelta, habit: Habit | None
) -> None:
    age = max(age, NOTHING)
    bound = max(first, TRUST, max(first, DENSE, age / 8) + age / 2)
    assert POLICY.interval(first, age, habit) <= bound


@given(firsts, ages, habits)
def test_a_poll_comes_later_than_now_and_no_later_than_the_deadline(
    first: timedelta, age: timedelta, habit: Habit | None
) -> None:
    accepted_at = NOW - age
    at = POLICY.next_poll(first, accepted_at, NOW, habit)
    assert NOW < at <= NOW + POLICY.cap
    ends_at = accepted_at + POLICY.deadline
    if ends_at > NOW:
        assert at <= ends_at
        assert at >= min(NOW + first, ends_at)


@given(firsts, habits)
def test_the_first_poll_trusts_no_habit_for_long(first: timedelta, habit: Habit | None) -> None:
    at = POLICY.first_poll(first, NOW, habit)
    assert NOW < at <= NOW + max(first, TRUST)
    if habit is not None and habit.median > first:
        assert at <= NOW + habit.median


@given(firsts, ages, spans, habits)
def test_what_rides_along_was_not_asked_about_just_before(
    first: timedelta, age: timedelta, wait: timedelta, habit: Habit | None
) -> None:
    if POLICY.rides(first, age, wait, habit):
        assert POLICY.interval(first, age, habit) - wait >= first


@given(spans, anything)
def test_a_grid_brings_a_poll_forward_by_less_than_half_of_its_interval(
    interval: timedelta, since: timedelta
) -> None:
    at = NOW + since
    assert NOTHING <= at - aligned(at, interval) <= interval / 2


@given(durations)
def test_a_habit_lies_within_what_was_seen(seen: list[timedelta]) -> None:
    habit = Tally().learn(seen).habit()
    if habit is None:
        assert len(seen) < 8
        return
    shortest, longest = (min(max(each, SHORTEST), LONGEST) for each in (min(seen), max(seen)))
    assert shortest / RATIO <= habit.early <= habit.median <= habit.late <= longest * RATIO


@given(durations, durations)
def test_the_order_of_a_round_teaches_nothing(one: list[timedelta], other: list[timedelta]) -> None:
    assert Tally().learn(one + other) == Tally().learn(other).learn(one)


def test_a_new_habit_takes_the_place_of_an_old_one() -> None:
    tally = Tally()
    for _ in range(50):
        tally = tally.learn([60 * SECOND] * 100)
    for _ in range(50):
        tally = tally.learn([3 * SECOND] * 100)
    habit = tally.habit()
    assert habit is not None
    assert habit.late < 4 * SECOND
    assert sum(tally.weights.values()) <= MEMORY


def test_a_publish_that_settles_as_usual_is_asked_about_few_times_and_seen_soon() -> None:
    first, step = 5 * SECOND, SECOND / 4
    habit = Habit(early=22 * SECOND, median=30 * SECOND, late=38 * SECOND)
    delays, polls = [], 0
    for settles_after in (20 * SECOND + number * step for number in range(80)):
        now = POLICY.first_poll(first, NOW, habit)
        polls += 1
        while now < NOW + settles_after:
            now = POLICY.next_poll(first, NOW, now, habit)
            polls += 1
        delays.append(now - NOW - settles_after)
    assert max(delays) <= 8 * SECOND
    assert polls / len(delays) <= 4
