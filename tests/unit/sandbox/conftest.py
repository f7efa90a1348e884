"""A sandbox on a clock that tests move, and a client that speaks to it."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Build it once: a new one for each client costs more than the test."""
    return ssl.create_default_context()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 6, 20, 10, 0, tzinfo=UTC))


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def wahdx(sandbox: Sandbox, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=sandbox.base_urls["wahdx"], headers=sandbox.key_headers["wahdx"], verify=tls
    ) as client:
        yield client


@pytest.fixture
def wonda(sandbox: Sandbox, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=sandbox.base_urls["wonda"], headers=sandbox.key_headers["wonda"], verify=tls
    ) as client:
        yield client


@pytest.fixture
def control(sandbox: Sandbox, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox.url}/_sandbox", verify=tls) as client:
        yield client
