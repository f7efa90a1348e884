"""Media by URL: what an address may be, how far redirects are followed, how much is fetched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.post import Media
from shared.providers.wonda import Wonda
from shared.wire.media import REDIRECTS_MAX, LocalFile, MediaFailed, local_file, problem_with_url
from tests.support.scripted import Reply, Scripted
from tests.support.wires import Wires


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as started:
        yield started


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(Wonda(), server.url) as opened:
        yield opened


def fetched(wires: Wires, media: Media) -> tuple[LocalFile, bytes]:
    deadline = wires.clock.monotonic() + 30
    with local_file(media, wires.road, allow_private=True, deadline=deadline) as found:
        return found, found.file.read()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://cdn.example.com/1.jpg", None),
        ("http://8.8.8.8/1.jpg", None),
        ("ftp://cdn.example.com/1.jpg", "http or https, not ftp"),
        ("file:///etc/passwd", "http or https, not file"),
        ("//cdn.example.com/1.jpg", "http or https, not nothing"),
        ("https:///1.jpg", "has no host"),
        ("https://[::1/1.jpg", "is not a URL"),
        ("http://localhost/1.jpg", "private"),
        ("http://169.254.169.254/latest", "private"),
        ("http://127.1/1.jpg", "private"),
        ("http://user:password@10.0.0.1/1.jpg", "private"),
    ],
)
def test_an_address_is_judged_as_it_is_written(url: str, problem: str | None) -> None:
    said = problem_with_url(url, allow_private=False)
    assert said == problem if problem is None else problem in str(said)


def test_what_is_private_passes_where_that_is_allowed() -> None:
    assert problem_with_url("http://127.0.0.1/1.jpg", allow_private=True) is None
    assert problem_with_url("ftp://127.0.0.1/1.jpg", allow_private=True) is not None


def test_a_redirect_leads_to_the_file(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/a", Reply(status=302, headers={"Location": "/real%20name.png?sig=1"}))
    server.on("GET", "/real%20name.png", Reply(body=b"pixels"))
    found, content = fetched(wires, Media(url=f"{server.url}/a"))
    assert content == b"pixels"
    assert (found.name, found.content_type, found.size_bytes) == ("real name.png", "image/png", 6)


def test_redirects_are_followed_only_so_far(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/a", Reply(status=302, headers={"Location": "/a"}))
    with pytest.raises(MediaFailed, match="redirects too often"):
        fetched(wires, Media(url=f"{server.url}/a"))
    assert len(server.calls) == REDIRECTS_MAX


def test_more_than_the_cap_is_not_fetched(
    server: Scripted, wires: Wires, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.wire.media.SIZE_MAX_BYTES", 1_000)
    server.on("GET", "/small.mp4", Reply(body=b"x" * 1_000))
    server.on("GET", "/large.mp4", Reply(body=b"x" * 1_001))
    assert fetched(wires, Media(url=f"{server.url}/small.mp4"))[0].size_bytes == 1_000
    with pytest.raises(MediaFailed, match="too large") as refused:
        fetched(wires, Media(url=f"{server.url}/large.mp4"))
    assert (refused.value.again, refused.value.fault.code) == (False, "media_too_large")


def test_a_local_file_is_opened_at_its_start(wires: Wires, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"moving pictures")
    found, content = fetched(wires, Media(path=str(path)))
    assert content == b"moving pictures"
    assert (found.name, found.content_type, found.size_bytes) == ("clip.mp4", "video/mp4", 15)


@pytest.mark.parametrize("missing", ["gone.jpg", "."])
def test_a_path_that_is_no_file_is_refused_by_name(
    wires: Wires, tmp_path: Path, missing: str
) -> None:
    with pytest.raises(MediaFailed) as refused:
        fetched(wires, Media(path=str(tmp_path / missing)))
    assert (refused.value.again, refused.value.fault.code) == (False, "media_missing")


def test_a_file_known_by_the_provider_s_id_has_no_bytes_here(wires: Wires) -> None:
    with pytest.raises(MediaFailed, match="id"):
        fetched(wires, Media(id="m1"))
