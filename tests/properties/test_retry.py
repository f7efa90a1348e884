"""Backoff never shrinks, never passes its cap, and chance only adds."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.retry import RetryPolicy

durations = st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=2))
policies = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 100),
    first=durations,
    cap=durations,
    jitter=st.floats(0, 1),
)


@given(policies, st.integers(1, 10_000))
def test_backoff_never_shrinks_and_never_passes_its_cap(policy: RetryPolicy, attempts: int) -> None:
    assert policy.pause(attempts) <= policy.pause(attempts + 1) <= policy.cap


@given(policies, st.integers(1, 60), st.integers())
def test_jitter_only_adds_and_stays_under_the_cap(
    policy: RetryPolicy, attempts: int, seed: int
) -> None:
    jittered = policy.jittered(attempts, random.Random(seed))
    assert policy.pause(attempts) <= jittered <= policy.cap


@given(policies, st.integers(0, 200))
def test_attempts_are_exhausted_exactly_at_the_maximum(policy: RetryPolicy, attempts: int) -> None:
    assert policy.exhausted(attempts) == (attempts >= policy.max_attempts)
