"""Looks at real hosts on loopback: once a URL, politely, and never longer than allowed."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.preflight.looking import TRIES_OF_A_HOST, Look, MediaLooks, Target
from shared.preflight.remembered import FILE_NAME, Remembered
from shared.wire.clients import Clients
from shared.wire.ranges import Ranges
from shared.wire.watchdog import Watchdog
from tests.support import media_bytes
from tests.support.file_host import host_file, serves
from tests.support.scripted import Reply, Scripted

CLOCK = SystemClock()
LONG = timedelta(seconds=30)


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


def looks(ranges: Ranges, home: Path, reuse: timedelta = timedelta(0)) -> MediaLooks:
    remembered = Remembered(home, reuse=reuse, now=CLOCK.now())
    return MediaLooks(ranges, remembered, CLOCK)


def look(ranges: Ranges, home: Path, url: str) -> Look:
    target = Target(url, allow_private=True)
    return looks(ranges, home).at([target, target], LONG)[target]


def test_one_request_tells_an_image(host: Scripted, ranges: Ranges, tmp_path: Path) -> None:
    url = host_file(host, "/a.png", media_bytes.png(1080, 1350) + b"." * 200_000, "image/png")
    facts = look(ranges, tmp_path, url).facts
    assert facts is not None
    assert (facts.format, facts.width, facts.height) == ("png", 1080, 1350)
    assert (facts.size_bytes, facts.content_type) == (200_033, "image/png")
    assert host.calls == ["GET /a.png"]


def test_a_film_whose_index_is_at_its_end_takes_one_request_more(
    host: Scripted, ranges: Ranges, tmp_path: Path
) -> None:
    film = media_bytes.mp4(42, mdat_bytes=300_000)
    url = host_file(host, "/a.mp4", film, "video/mp4")
    facts = look(ranges, tmp_path, url).facts
    assert facts is not None
    assert (facts.duration, facts.width) == (timedelta(seconds=42), 1080)
    at = film.index(b"moov") - 4
    assert [each.headers["range"] for each in host.requests] == [
        "bytes=0-65535",
        f"bytes={at}-{at + 256 * 1024 - 1}",
    ]


def test_a_host_without_ranges_tells_what_its_first_bytes_tell(
    host: Scripted, ranges: Ranges, tmp_path: Path
) -> None:
    film = media_bytes.mp4(42, mdat_bytes=300_000)
    host.on("GET", "/a.mp4", serves(film, "video/mp4", ranges=False))
    facts = look(ranges, tmp_path, f"{host.url}/a.mp4").facts
    assert facts is not None
    assert (facts.format, facts.duration, facts.size_bytes) == ("mp4", None, len(film))


@pytest.mark.parametrize(("status", "again"), [(404, False), (410, False), (500, True)])
def test_a_refusal_is_final_and_trouble_may_pass(
    host: Scripted, ranges: Ranges, tmp_path: Path, status: int, again: bool
) -> None:
    host.on("GET", "/a.png", Reply(status=status))
    found = look(ranges, tmp_path, f"{host.url}/a.png")
    assert (found.facts, found.again) == (None, again)
    assert str(status) in found.problem


def test_a_host_that_is_away_is_not_asked_for_every_file(ranges: Ranges, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    targets = [Target(f"http://127.0.0.1:{port}/{n}.jpg", allow_private=True) for n in range(40)]
    found = looks(ranges, tmp_path).at(targets, LONG)
    assert all(each.again and not each.facts for each in found.values())
    skipped = [each for each in found.values() if "was not looked at" in each.problem]
    assert len(skipped) >= 40 - TRIES_OF_A_HOST - 4


def test_what_there_is_no_time_for_says_so(host: Scripted, ranges: Ranges, tmp_path: Path) -> None:
    target = Target(host_file(host, "/a.png", media_bytes.png()), allow_private=True)
    found = looks(ranges, tmp_path).at([target], timedelta(0))[target]
    assert (found.facts, found.again) == (None, True)


def test_an_earlier_look_is_trusted_only_where_that_is_asked_for(
    host: Scripted, ranges: Ranges, tmp_path: Path
) -> None:
    url = host_file(host, "/a.mp4", media_bytes.mp4(5), "video/mp4") + "?signature=secret"
    host.on("GET", "/a.mp4", serves(media_bytes.mp4(5), "video/mp4"))
    target = Target(url, allow_private=True)
    first = looks(ranges, tmp_path).at([target], LONG)
    again = looks(ranges, tmp_path, timedelta(hours=1)).at([target], LONG)
    assert first == again
    assert len(host.requests) == 1
    looks(ranges, tmp_path).at([target], LONG)
    assert len(host.requests) == 2
    assert "secret" not in (tmp_path / FILE_NAME).read_text()


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"%s": {"at": "x", "facts": {"b": 2}}}'])
def test_a_broken_memory_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    remembered = Remembered(tmp_path, reuse=LONG, now=CLOCK.now())
    assert remembered.facts("https://cdn.example.com/a.jpg") is None
    remembered.save()
    json.loads((tmp_path / FILE_NAME).read_text())


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    Remembered(tmp_path / "gone", reuse=LONG, now=CLOCK.now()).save()
