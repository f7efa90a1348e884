"""Big bodies both ways: files from the media host, chunked uploads, forms read in pieces."""

import hashlib
import io
from collections.abc import Iterator

import httpx
import pytest

from shared.sandbox.exchange import Request
from shared.sandbox.multipart import read_parts
from shared.sandbox.server import Sandbox

SIGNATURES = {
    "jpg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF",
    "mp4": b"\x00\x00\x00",
}


@pytest.mark.parametrize("extension", SIGNATURES)
def test_the_media_host_serves_a_real_file_by_extension(sandbox: Sandbox, extension: str) -> None:
    first, again, other = (
        httpx.get(sandbox.media_url(f"{name}.{extension}")) for name in ("a", "a", "b")
    )

    assert first.content.startswith(SIGNATURES[extension])
    assert first.content == again.content != other.content


@pytest.mark.parametrize("extension", ["jpg", "mp4"])
def test_a_file_has_the_size_that_is_asked_for(sandbox: Sandbox, extension: str) -> None:
    answer = httpx.get(sandbox.media_url(f"big.{extension}?bytes=5000000"))

    assert len(answer.content) == 5_000_000


@pytest.mark.parametrize("name", ["missing.jpg", "gone.mp4", "a.exe", "a"])
def test_what_the_media_host_does_not_have_is_404(sandbox: Sandbox, name: str) -> None:
    assert httpx.get(sandbox.media_url(name)).status_code == 404
    assert not sandbox.world.media.reachable(sandbox.media_url(name))


def form(content: bytes, boundary: str = "b0undary") -> bytes:
    head = 'Content-Disposition: form-data; name="file"; filename="clip.mp4"\r\n'
    kind = "Content-Type: video/mp4\r\n\r\n"
    return f"--{boundary}\r\n{head}{kind}".encode() + content + f"\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"plain",
        b"ends with a line\r\n",
        b"--b0undary in a line\n--b0undary\nnot at its start",
        bytes(300_000),
        b"\r\n" * 70_000,
    ],
    ids=["empty", "newline", "plain", "line", "boundary", "zeros", "newlines"],
)
def test_a_form_is_read_to_the_byte(content: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b0undary"}
    request = Request("POST", "/", {}, headers, io.BytesIO(form(content)))

    (part,) = read_parts(request)

    assert (part.name, part.filename, part.content_type) == ("file", "clip.mp4", "video/mp4")
    assert part.size == len(content)
    assert part.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("body", [b"", b"not a form", form(b"cut")[:-20]])
def test_a_broken_form_is_refused(wonda: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b0undary"}

    answer = wonda.post("/api/v1/media/upload", content=body, headers=headers)

    assert answer.status_code == 400


def test_a_chunked_upload_arrives_whole(sandbox: Sandbox, wonda: httpx.Client) -> None:
    content = bytes(range(256)) * 20_000
    whole = form(content)

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(whole), 100_000):
            yield whole[start : start + 100_000]

    headers = {"Content-Type": "multipart/form-data; boundary=b0undary"}
    uploaded = wonda.post("/api/v1/media/upload", content=chunks(), headers=headers).json()
    body = {
        "mediaId": uploaded["mediaId"],
        "tiktokAccountId": next(iter(wonda.get("/api/v1/tiktok/accounts").json()["accounts"]))[
            "tiktokAccountId"
        ],
    }
    wonda.post("/api/v1/publish/tiktok", json=body)

    (post,) = sandbox.stored()
    assert post["options"]["sha256"] == [hashlib.sha256(content).hexdigest()]
