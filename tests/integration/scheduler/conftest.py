"""A scene per test, with all four providers behind it."""

from collections.abc import Iterator

import pytest

from tests.support.scene import Scene, scene


@pytest.fixture
def stage(redis_url: str) -> Iterator[Scene]:
    with scene(redis_url) as made:
        yield made
