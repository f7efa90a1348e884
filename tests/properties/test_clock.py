"""Following the database's clock, however long its answers take, never leads away from it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SystemClock

NOON = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DELAYS = st.timedeltas(timedelta(), timedelta(seconds=10))
QUESTIONS = st.lists(st.tuples(DELAYS, DELAYS), min_size=1, max_size=20)
AHEAD = st.timedeltas(timedelta(days=-1), timedelta(days=1))


class Machine:
    """This machine's clock and a database's, which is `ahead` and tells whole milliseconds."""

    def __init__(self, ahead: timedelta) -> None:
        self.now = NOON
        self.ahead = ahead
        self.clock = SystemClock(lambda: self.now)

    def follow(self, there: timedelta, back: timedelta) -> timedelta:
        def ask() -> datetime:
            self.now += there
            told = self.now + self.ahead
            told -= timedelta(microseconds=told.microsecond % 1_000)
            self.now += back
            return told

        self.clock.follow(ask)
        return abs(self.clock.now() - self.now - self.ahead)


@given(AHEAD, QUESTIONS)
def test_no_answer_moves_a_clock_further_away(
    ahead: timedelta, questions: list[tuple[timedelta, timedelta]]
) -> None:
    machine = Machine(ahead)

    errors = [abs(ahead), *(machine.follow(*question) for question in questions)]

    assert errors == sorted(errors, reverse=True)
    assert errors[-1] <= min(there + back for there, back in questions) + MILLISECOND


@given(QUESTIONS)
def test_clocks_that_agree_are_left_alone(questions: list[tuple[timedelta, timedelta]]) -> None:
    machine = Machine(timedelta())

    assert not any(machine.follow(*question) for question in questions)


@given(AHEAD, AHEAD, DELAYS)
def test_a_step_of_either_clock_is_followed(
    before: timedelta, after: timedelta, delay: timedelta
) -> None:
    machine = Machine(before)
    machine.follow(timedelta(), timedelta())

    machine.ahead = after

    assert machine.follow(delay, timedelta()) <= delay + MILLISECOND
