"""Every test of the suite runs on both kinds of limiter."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.support.limiters import Field, memory_field, redis_field


@pytest.fixture(params=["memory", "redis"])
def ground(request: pytest.FixtureRequest) -> Iterator[Field]:
    if request.param == "memory":
        with memory_field() as made:
            yield made
        return
    with redis_field(request.getfixturevalue("redis_url")) as made:
        yield made


@pytest.fixture
def redis_ground(redis_url: str) -> Iterator[Field]:
    with redis_field(redis_url) as made:
        yield made


@pytest.fixture
def raw(redis_url: str) -> Iterator[Redis]:
    """Redis itself, past the limiter."""
    with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client
