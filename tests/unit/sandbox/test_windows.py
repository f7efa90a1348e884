"""Limits are counted to the request, blocks are announced, and who comes inside one is noted."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from shared.sandbox.clock import ManualClock
from shared.sandbox.faults import Subject
from shared.sandbox.server import Sandbox
from shared.sandbox.windows import Limit, Windows
from tests.unit.sandbox.publishing import FIRST, SECOND, publish

MINUTE = timedelta(minutes=1)
PUBLISH = Subject("wahdx", "publish", (FIRST,))


def admitted(windows: Windows, subject: Subject = PUBLISH) -> bool:
    return windows.admit(subject).blocked_until is None


@pytest.fixture
def limited(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, limits=[Limit("wahdx", 2, MINUTE)]) as running:
        yield running


def test_a_fixed_window_opens_again_at_the_full_minute(clock: ManualClock) -> None:
    clock.advance(timedelta(seconds=50))
    windows = Windows(clock, [Limit("wahdx", 2, MINUTE)])

    assert [admitted(windows) for _ in range(3)] == [True, True, False]
    clock.advance(timedelta(seconds=10))
    assert admitted(windows)


def test_a_sliding_window_frees_one_place_at_a_time(clock: ManualClock) -> None:
    windows = Windows(clock, [Limit("wahdx", 2, MINUTE, window="sliding")])
    assert admitted(windows)
    clock.advance(timedelta(seconds=30))
    assert [admitted(windows) for _ in range(2)] == [True, False]

    clock.advance(timedelta(seconds=30))

    assert [admitted(windows) for _ in range(2)] == [True, False]


def test_a_limit_of_one_call_leaves_other_calls_alone(clock: ManualClock) -> None:
    windows = Windows(clock, [Limit("wahdx", 1, MINUTE, call="publish")])

    assert [admitted(windows) for _ in range(2)] == [True, False]
    assert admitted(windows, Subject("wahdx", "status"))


def test_a_limit_per_account_counts_each_by_itself(clock: ManualClock) -> None:
    windows = Windows(clock, [Limit("wahdx", 1, MINUTE, scope="account")])

    assert [admitted(windows) for _ in range(2)] == [True, False]
    assert admitted(windows, Subject("wahdx", "publish", (SECOND,)))


def test_a_full_window_answers_429_with_the_time(limited: Sandbox) -> None:
    base_url, key = limited.base_urls["wahdx"], limited.key_headers["wahdx"]

    with httpx.Client(base_url=base_url, headers=key) as client:
        answers = [publish(client) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert len(limited.stored()) == 2


def test_a_request_inside_an_announced_block_is_a_violation(
    sandbox: Sandbox, wahdx: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("rate_limit", retry_after_s=20)
    publish(wahdx)

    clock.advance(timedelta(seconds=19))
    inside = publish(wahdx)
    clock.advance(timedelta(seconds=1))
    after = publish(wahdx)

    assert (inside.status_code, after.status_code) == (429, 200)
    assert [(v["provider"], v["call"]) for v in sandbox.violations()] == [("wahdx", "publish")]


def test_a_request_already_on_its_way_is_no_violation(
    sandbox: Sandbox, wahdx: httpx.Client, clock: ManualClock
) -> None:
    sandbox.add_fault("rate_limit", retry_after_s=20)
    publish(wahdx)

    clock.advance(timedelta(milliseconds=100))

    assert publish(wahdx).status_code == 429
    assert sandbox.violations() == []


@pytest.mark.parametrize(
    ("block", "same_account", "other_account", "other_call"),
    [("call", 429, 429, 200), ("account", 429, 200, 200), ("key", 429, 429, 429)],
)
def test_a_block_covers_what_it_says(
    sandbox: Sandbox,
    wahdx: httpx.Client,
    block: str,
    same_account: int,
    other_account: int,
    other_call: int,
) -> None:
    sandbox.add_fault("rate_limit", retry_after_s=20, block=block)
    publish(wahdx)

    assert publish(wahdx).status_code == same_account
    assert publish(wahdx, account_id=SECOND).status_code == other_account
    assert wahdx.get("/api/content/accounts").status_code == other_call


def test_a_shorter_block_does_not_cut_a_longer_one(clock: ManualClock) -> None:
    windows = Windows(clock, [])
    windows.announce(PUBLISH, "call", clock.now() + timedelta(seconds=60))
    windows.announce(PUBLISH, "call", clock.now() + timedelta(seconds=5))

    clock.advance(timedelta(seconds=10))

    assert not admitted(windows)
