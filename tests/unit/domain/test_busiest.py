"""The busiest stretch, against counting by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.busiest import busiest

START = datetime(2030, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 200), max_size=40), st.integers(1, 60))
def test_it_is_what_counting_from_each_moment_finds(seconds: list[int], stretch: int) -> None:
    moments = [START + timedelta(seconds=each) for each in sorted(seconds)]
    by_hand = [sum(0 <= other - each < stretch for other in seconds) for each in seconds]

    assert busiest(moments, timedelta(seconds=stretch)) == max(by_hand, default=0)
