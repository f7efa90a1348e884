"""The times of a drop: spaced, in waves, and the same for the same seed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.rhythm import Rhythm

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)

durations = st.integers(0, 600_000).map(lambda each: timedelta(milliseconds=each))
counts = st.integers(1, 60)
seeds = st.text(max_size=8)


@given(spacing=durations, jitter=durations, count=counts, seed=seeds)
def test_the_spacing_is_kept_and_the_jitter_bounded(
    spacing: timedelta, jitter: timedelta, count: int, seed: str
) -> None:
    times = list(Rhythm(spacing=spacing, jitter=jitter, seed=seed).times(START, count))

    assert (times[0], len(times)) == (START, count)
    assert all(spacing <= later - earlier <= spacing + jitter for earlier, later in pairwise(times))
    assert all(each.microsecond % 1000 == 0 for each in times), "as the ledger shows them"


@given(spacing=durations, jitter=durations, count=counts, size=st.integers(1, 20), every=durations)
def test_a_wave_begins_at_its_time_or_when_the_one_before_is_over(
    spacing: timedelta, jitter: timedelta, count: int, size: int, every: timedelta
) -> None:
    rhythm = Rhythm(spacing=spacing, jitter=jitter, wave_size=size, wave_every=every, seed="a")
    times = list(rhythm.times(START, count))

    for number, (earlier, later) in enumerate(pairwise(times), 1):
        assert later - earlier >= spacing
        begins = number % size == 0
        assert rhythm.wave_of(number) == number // size
        if begins:
            opens = START + number // size * every
            assert opens <= later <= max(opens, earlier + spacing + jitter)
        else:
            assert later - earlier <= spacing + jitter


@given(count=counts, seed=seeds, other=seeds)
def test_the_same_seed_gives_the_same_times(count: int, seed: str, other: str) -> None:
    def times(of: str) -> list[datetime]:
        return list(Rhythm(spacing=SECOND, jitter=600 * SECOND, seed=of).times(START, count))

    assert times(seed) == times(seed)
    if count > 3 and seed != other:
        assert times(seed) != times(other)
