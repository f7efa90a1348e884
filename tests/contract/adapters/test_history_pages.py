"""Histories longer than a page, at the three providers that have one, against the sandbox."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import pytest

from shared.clock import SystemClock
from shared.provider import Listed
from shared.providers import provider_named
from shared.sandbox.clock import ManualClock
from shared.sandbox.server import Sandbox
from tests.support.remote_posts import Poster
from tests.support.wires import Wires

NAMES = ("genviral", "posteverywhere", "wonda")
PAGE = 100
TICK = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


class Far:
    """One provider's sandbox, somebody who posts there, and our adapter before it."""

    def __init__(self, name: str, sandbox: Sandbox, clock: ManualClock, wires: Wires) -> None:
        self.provider = provider_named(name)
        self.sandbox, self.clock, self.wires = sandbox, clock, wires
        self.poster = Poster(sandbox, name)
        self.began = clock.now()

    def posts(self, prefix: str, count: int, *, apart: timedelta = TICK) -> list[str]:
        """Let somebody post, and return the captions, newest first."""
        captions = []
        for number in range(count):
            self.clock.advance(apart)
            captions.append(f"{prefix} {number}")
            self.poster.post(captions[-1])
        return captions[::-1]

    def history(self, account: str | None, since: datetime | None = None) -> Iterator[Listed]:
        start = since or self.began - HOUR
        return self.provider.history(account, start, self.wires.open())

    @property
    def pages(self) -> int:
        return sum(each["call"] == "history" for each in self.sandbox.requests())


@pytest.fixture
def far(name: str) -> Iterator[Far]:
    clock = ManualClock(SystemClock().now())
    with (
        Sandbox(clock=clock, limits=[], media_delay=timedelta(0)) as sandbox,
        Wires(provider_named(name), sandbox.base_urls[name], sandbox.api_keys[name]) as wires,
    ):
        made = Far(name, sandbox, clock, wires)
        yield made
        made.poster.close()


def captions(rows: Iterator[Listed]) -> list[str]:
    return [row.caption for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_a_long_history_is_read_once_and_whole(name: str, far: Far) -> None:
    posted = far.posts("Rye", 2 * PAGE + 5)

    assert captions(far.history(far.poster.accounts[0])) == posted
    assert far.pages >= 3


@pytest.mark.parametrize("name", NAMES)
def test_no_more_pages_are_asked_for_than_are_wanted(name: str, far: Far) -> None:
    posted = far.posts("Rye", PAGE + 5)

    assert captions(islice(far.history(far.poster.accounts[0]), 3)) == posted[:3]
    assert far.pages == (2 if name == "wonda" else 1)  # Wonda has a list for each platform


@pytest.mark.parametrize("name", NAMES)
def test_posts_of_one_instant_across_a_page_s_edge_come_once_each(name: str, far: Far) -> None:
    old = far.posts("Old", 5)
    far.clock.advance(TICK)
    tied = far.posts("Tied", 60, apart=timedelta(0))
    new = far.posts("New", PAGE - 30)

    found = captions(far.history(far.poster.accounts[0]))

    assert found[: len(new)] == new
    assert sorted(found) == sorted([*new, *tied, *old])
    assert found[-len(old) :] == old


@pytest.mark.parametrize(
    ("name", "arriving"),
    [*((name, 7) for name in NAMES), ("posteverywhere", PAGE), ("posteverywhere", 2 * PAGE + 7)],
)
def test_posts_that_arrive_while_paging_hide_none_and_double_none(
    name: str, arriving: int, far: Far
) -> None:
    posted = far.posts("Rye", 2 * PAGE + 5)
    rows = far.history(far.poster.accounts[0])
    found = captions(islice(rows, PAGE))

    far.posts("Meanwhile", arriving)
    found += captions(rows)

    assert len(found) == len(set(found))
    assert [caption for caption in found if caption.startswith("Rye")] == posted


@pytest.mark.parametrize("name", ["genviral"])
def test_more_posts_of_one_instant_than_a_page_holds_hide_no_older_ones(
    name: str, far: Far
) -> None:
    """A list without cursor and offset cannot show them all; what is behind them it can."""
    old = far.posts("Old", 5)
    far.clock.advance(TICK)
    far.posts("Tied", PAGE + 5, apart=timedelta(0))

    found = captions(far.history(far.poster.accounts[0]))

    assert (len(found), found[-len(old) :]) == (PAGE + len(old), old)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_older_is_left_out(name: str, far: Far) -> None:
    far.posts("Old", 3)
    far.clock.advance(HOUR)
    since = far.clock.now()
    new = far.posts("New", 3)

    assert captions(far.history(far.poster.accounts[0], since)) == new


@pytest.mark.parametrize("name", NAMES)
def test_without_an_account_the_posts_of_all_come_newest_first(name: str, far: Far) -> None:
    accounts = far.sandbox.providers[name].accounts.values()
    tiktok = next(each.id for each in accounts if each.platform == "tiktok")
    other = tiktok if name == "wonda" else far.poster.accounts[-1]
    far.poster.post("first")
    far.clock.advance(timedelta(seconds=1))
    far.poster.post("second", other)
    far.clock.advance(timedelta(seconds=1))
    far.poster.post("third")

    rows = list(far.history(None))

    assert [row.caption for row in rows] == ["third", "second", "first"]
    assert [row.account_id for row in rows] == [
        far.poster.accounts[0],
        other,
        far.poster.accounts[0],
    ]
