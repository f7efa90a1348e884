"""The busiest stretch, against counting by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.busiest import busiest

START = datetime(2030, 1, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 9)), max_size=40), st.integers(1, 60))
def test_it_is_what_counting_from_each_moment_finds(
    taken: list[tuple[int, int]], stretch: int
) -> None:
    moments = [(START + timedelta(seconds=at), cost) for at, cost in sorted(taken)]
    by_hand = [sum(cost for at, cost in taken if 0 <= at - each < stretch) for each, _ in taken]

    assert busiest(moments, timedelta(seconds=stretch)) == max(by_hand, default=0)
