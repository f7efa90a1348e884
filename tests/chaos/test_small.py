"""The chaos run in the size that CI has time for."""

import pytest

from tests.chaos.plan import SIZES, blows
from tests.chaos.run import run


@pytest.mark.timeout(400)
def test_nothing_is_published_twice_lost_or_wrong() -> None:
    verdict = run(SIZES["small"], seed=1)
    assert verdict.clean, str(verdict)


def test_the_seed_fixes_the_plan() -> None:
    full = SIZES["full"]
    assert blows(full, 1) == blows(full, 1) != blows(full, 2)
