"""Stretches of remote files: ranges where the host knows them, the first bytes where not."""

import socket
from collections.abc import Iterator

import pytest

from shared.clock import SystemClock
from shared.wire.clients import Clients
from shared.wire.media import MediaFailed
from shared.wire.ranges import HostAway, Ranges, Stretch
from shared.wire.watchdog import Watchdog
from tests.support.file_host import serves
from tests.support.scripted import DROPPED, Reply, Scripted

CLOCK = SystemClock()


@pytest.fixture
def host() -> Iterator[Scripted]:
    with Scripted() as started:
        yield started


@pytest.fixture
def ranges() -> Iterator[Ranges]:
    clients, watchdog = Clients(), Watchdog(CLOCK)
    yield Ranges(clients, watchdog)
    watchdog.stop()
    clients.close()


def read(
    ranges: Ranges, url: str, start: int = 0, length: int = 10, *, private: bool = True
) -> Stretch:
    deadline = CLOCK.monotonic() + 10
    return ranges.read(url, start, length, allow_private=private, deadline=deadline)


def test_a_stretch_is_asked_for_by_a_range(host: Scripted, ranges: Ranges) -> None:
    host.on("GET", "/a.jpg", serves(b"0123456789abcdef", "image/JPEG; q=1"))
    assert read(ranges, f"{host.url}/a.jpg", 4, 6) == Stretch(
        content=b"456789", start=4, size_bytes=16, content_type="image/jpeg"
    )
    (asked,) = host.requests
    assert asked.headers["range"] == "bytes=4-9"
    assert asked.headers["accept-encoding"] == "identity"


def test_a_host_without_ranges_gives_its_first_bytes(host: Scripted, ranges: Ranges) -> None:
    host.on("GET", "/a.jpg", serves(b"x" * 5_000_000, ranges=False))
    got = read(ranges, f"{host.url}/a.jpg", 4, 6)
    assert (got.content, got.start, got.size_bytes) == (b"xxxxxx", 0, 5_000_000)


def test_an_empty_file_is_told_by_the_range_that_does_not_fit(
    host: Scripted, ranges: Ranges
) -> None:
    host.on("GET", "/a.jpg", serves(b""))
    assert read(ranges, f"{host.url}/a.jpg").size_bytes == 0


def test_redirects_are_followed_and_a_private_end_is_refused(
    host: Scripted, ranges: Ranges
) -> None:
    host.on("GET", "/a", Reply(status=302, headers={"Location": "/b"}))
    host.on("GET", "/b", serves(b"pixels"))
    assert read(ranges, f"{host.url}/a").content == b"pixels"
    with pytest.raises(MediaFailed, match="private address") as refused:
        read(ranges, f"{host.url}/a", private=False)
    assert not refused.value.again


@pytest.mark.parametrize(
    ("status", "again"), [(404, False), (410, False), (403, False), (429, True), (503, True)]
)
def test_a_refusal_is_final_and_trouble_is_not(
    host: Scripted, ranges: Ranges, status: int, again: bool
) -> None:
    host.on("GET", "/a.jpg", Reply(status=status))
    with pytest.raises(MediaFailed, match=str(status)) as failed:
        read(ranges, f"{host.url}/a.jpg?signature=secret")
    assert failed.value.again is again
    assert "secret" not in str(failed.value)


def test_a_dropped_answer_and_a_host_that_is_not_there_may_work_later(
    host: Scripted, ranges: Ranges
) -> None:
    host.on("GET", "/a.jpg", DROPPED)
    with pytest.raises(MediaFailed) as dropped:
        read(ranges, f"{host.url}/a.jpg")
    assert dropped.value.again
    assert not isinstance(dropped.value, HostAway)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(HostAway) as away:
        read(ranges, f"http://127.0.0.1:{port}/a.jpg")
    assert away.value.again


@pytest.mark.parametrize(
    "url", ["http://a b/c.jpg", "http://" + "a" * 300 + ".com/", "http://x:99999/"]
)
def test_an_address_nobody_can_use_is_no_exception_of_another_kind(
    ranges: Ranges, url: str
) -> None:
    with pytest.raises(MediaFailed):
        read(ranges, url)
