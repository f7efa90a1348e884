"""The scripted far end of every adapter test."""

from collections.abc import Iterator

import pytest

from tests.support.scripted import Scripted


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted
