"""Wonda's uploads: media by URL, path or id; order, reuse, partial answers, memory, safety."""

import hashlib
import socket
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass, Failed, Outcome, Succeeded
from shared.domain.post import Kind, Media, Post
from shared.provider import Order
from shared.providers.wonda import Wonda
from shared.wire.wire import Wire
from tests.contract.adapters.wonda_samples import (
    IG_CAROUSEL,
    IG_CAROUSEL_ANSWER,
    IG_SINGLE,
    INSTAGRAM,
    JOB_ANSWER,
    NO_ROWS,
    WONDA,
)
from tests.support.scripted import DROPPED, Received, Reply, Scripted, answered
from tests.support.wires import Wires

UPLOAD = "/api/v1/media/upload"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    server.on("GET", "/api/v1/instagram/publishes", answered(NO_ROWS))
    server.on("POST", IG_CAROUSEL, answered(IG_CAROUSEL_ANSWER))
    server.on("POST", IG_SINGLE, answered(JOB_ANSWER))
    with Wires(Wonda(), server.url) as opened:
        yield opened


def stored(*names: str) -> Reply:
    uploads = {name: {"mediaId": f"id-of-{name}", "mimeType": "image/jpeg"} for name in names}
    return answered({"uploads": uploads})


def publish(wire: Wire, *media: Media, kind: Kind = Kind.CAROUSEL) -> Outcome:
    of = Post(platform="instagram", account_id=INSTAGRAM, kind=kind, media=media)
    return WONDA.publish(Order(job_id=1, post=of), wire)


def file(folder: Path, name: str, content: bytes = b"bytes") -> Media:
    path = folder / name
    path.write_bytes(content)
    return Media(path=str(path))


def test_urls_paths_and_ids_keep_their_order(
    server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    server.on("GET", "/slide.jpg", Reply(body=b"from afar", headers={"Content-Type": "image/jpeg"}))
    server.on("POST", UPLOAD, stored("slide1", "slide2"))
    remote = Media(url=f"{server.url}/slide.jpg?signature=x")

    publish(wires.open(), file(tmp_path, "a.png", b"from here"), Media(id="known"), remote)

    (upload,) = server.asked("POST", UPLOAD)
    assert upload.body.index(b"from here") < upload.body.index(b"from afar")
    assert b'name="slide1"; filename="a.png"\r\nContent-Type: image/png' in upload.body
    assert b'name="slide2"; filename="slide.jpg"\r\nContent-Type: image/jpeg' in upload.body
    (sent,) = server.asked("POST", IG_CAROUSEL)
    assert sent.json["mediaIds"] == ["id-of-slide1", "known", "id-of-slide2"]
    assert wires.limiter.calls == [Call.UPLOAD, Call.HISTORY, Call.PUBLISH]


@pytest.mark.parametrize(
    "body",
    [
        {"mediaId": "one", "url": None, "uploads": None},
        {"uploads": {"file": {"mediaId": "one"}}},
        {"mediaId": "one", "uploads": {"file": {"mediaId": "one"}}, "errors": {}},
    ],
)
def test_a_single_file_is_the_part_named_file(
    body: object, server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    server.on("POST", UPLOAD, answered(body))

    publish(wires.open(), file(tmp_path, "clip.mov"), kind=Kind.VIDEO)

    (upload,) = server.asked("POST", UPLOAD)
    assert b'name="file"; filename="clip.mov"\r\nContent-Type: video/quicktime' in upload.body
    assert server.asked("POST", IG_SINGLE)[0].json["mediaId"] == "one"


def test_a_webp_is_named_rightly_wherever_the_type_is_unknown(
    server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    server.on("POST", UPLOAD, stored("file"))

    publish(wires.open(), file(tmp_path, "a.webp"), kind=Kind.IMAGE)

    assert b"Content-Type: image/webp" in server.asked("POST", UPLOAD)[0].body


def test_a_partial_upload_fails_and_the_retry_uploads_only_the_rest(
    server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    one, two = file(tmp_path, "1.jpg", b"first"), file(tmp_path, "2.jpg", b"second")
    partial = {"uploads": {"slide1": {"mediaId": "id-1"}}, "errors": {"slide2": "disk full"}}
    server.on("POST", UPLOAD, answered(partial), answered({"mediaId": "id-2"}))
    wire = wires.open()

    outcome = publish(wire, one, two)
    later = publish(wires.open(prepared=wire.prepared), one, two)

    assert isinstance(outcome, Failed)
    assert outcome.again
    assert outcome.fault.code == "upload_incomplete"
    assert "2.jpg" in outcome.fault.message
    assert "disk full" in outcome.fault.message
    assert isinstance(later, Succeeded)
    assert b"first" not in server.asked("POST", UPLOAD)[1].body
    assert server.asked("POST", IG_CAROUSEL)[0].json["mediaIds"] == ["id-1", "id-2"]


def test_a_file_used_twice_is_uploaded_once(server: Scripted, wires: Wires, tmp_path: Path) -> None:
    server.on("POST", UPLOAD, stored("file"))
    one = file(tmp_path, "1.jpg")

    publish(wires.open(), one, one)

    assert server.asked("POST", IG_CAROUSEL)[0].json["mediaIds"] == ["id-of-file"] * 2


def test_many_files_go_in_batches_of_ten(server: Scripted, wires: Wires, tmp_path: Path) -> None:
    def store(request: Received) -> Reply:
        names = [f"slide{n}" for n in range(1, 11) if f'name="slide{n}"'.encode() in request.body]
        start = len(server.asked("POST", UPLOAD))
        return answered({"uploads": {name: {"mediaId": f"{start}-{name}"} for name in names}})

    server.on("POST", UPLOAD, store)

    publish(wires.open(), *(file(tmp_path, f"{n}.jpg", b"%d" % n) for n in range(12)))

    sent = server.asked("POST", IG_CAROUSEL)[0].json["mediaIds"]
    assert sent == [*(f"1-slide{n}" for n in range(1, 11)), "2-slide1", "2-slide2"]


@pytest.mark.parametrize(
    ("reply", "again", "error_class"),
    [
        (
            answered({"error": {"message": "No", "code": "validation_error"}}, 400),
            False,
            "validation",
        ),
        (answered({"error": {"message": "Pay", "code": "forbidden"}}, 403), False, "forbidden"),
        (answered(b"oops", 500), True, "transient"),
        (answered({"uploads": None, "errors": None}), True, "transient"),
        (DROPPED, True, "transient"),
    ],
)
def test_a_failed_upload_publishes_nothing(
    reply: Reply, again: bool, error_class: str, server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    server.on("POST", UPLOAD, reply)

    outcome = publish(wires.open(), file(tmp_path, "a.jpg"), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.error_class) == (again, ErrorClass(error_class))
    assert not server.asked("POST", IG_SINGLE)
    assert not wires.gate.memos


def test_a_large_file_does_not_sit_in_memory(
    server: Scripted, wires: Wires, tmp_path: Path
) -> None:
    chunk, chunks = b"\x5a" * 1024 * 1024, 50
    path = tmp_path / "clip.mp4"
    with path.open("wb") as clip:
        for _ in range(chunks):
            clip.write(chunk)
    server.on("POST", UPLOAD, stored("file"))

    tracemalloc.start()
    try:
        publish(wires.open(), Media(path=str(path)), kind=Kind.VIDEO)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert server.asked("POST", UPLOAD)[0].size_bytes > chunks * len(chunk)
    assert peak < 10 * len(chunk)


def test_a_downloaded_file_arrives_unchanged(server: Scripted, wires: Wires) -> None:
    content = bytes(range(256)) * 1000
    server.on("GET", "/clip.mp4", Reply(body=content))
    server.on("POST", UPLOAD, stored("file"))

    publish(wires.open(), Media(url=f"{server.url}/clip.mp4"), kind=Kind.VIDEO)

    (upload,) = server.asked("POST", UPLOAD)
    head, _, rest = upload.body.partition(b"\r\n\r\n")
    received = rest[: len(content)]
    assert b"clip.mp4" in head
    assert hashlib.sha256(received).digest() == hashlib.sha256(content).digest()


def test_a_private_address_is_refused_before_anything_is_fetched(
    server: Scripted, wires: Wires
) -> None:
    wire = wires.open(private_media=False)

    outcome = publish(wire, Media(url=f"{server.url}/a.jpg"), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert not outcome.again
    assert outcome.fault.code == "media_refused"
    assert server.calls == []


def test_a_public_name_that_leads_to_a_private_address_is_refused(
    server: Scripted, wires: Wires, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rpartition(":")[2])
    loopback = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [loopback])
    url = f"http://cdn.example.com:{port}/a.jpg"

    outcome = publish(wires.open(private_media=False), Media(url=url), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert outcome.fault.code == "media_refused"
    assert server.calls == []


@pytest.mark.parametrize("url", ["ftp://cdn.example.com/a.jpg", "file:///etc/passwd"])
def test_only_http_is_fetched(url: str, server: Scripted, wires: Wires) -> None:
    outcome = publish(wires.open(), Media(url=url), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert outcome.fault.code == "media_refused"


def test_a_redirect_is_checked_like_the_address_itself(server: Scripted, wires: Wires) -> None:
    server.on("GET", "/a.jpg", Reply(status=302, headers={"Location": "file:///etc/passwd"}))

    outcome = publish(wires.open(), Media(url=f"{server.url}/a.jpg"), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert outcome.fault.code == "media_refused"
    assert not server.asked("POST", UPLOAD)


def test_a_missing_path_is_refused_by_name(wires: Wires, tmp_path: Path) -> None:
    outcome = publish(wires.open(), Media(path=str(tmp_path / "gone.jpg")), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.code) == (False, "media_missing")
    assert "gone.jpg" in outcome.fault.message


@pytest.mark.parametrize(("status", "again"), [(404, False), (503, True)])
def test_a_media_host_that_says_no_names_the_file_without_its_signature(
    status: int, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", "/a.jpg", Reply(status=status))

    outcome = publish(wires.open(), Media(url=f"{server.url}/a.jpg?sig=secret"), kind=Kind.IMAGE)

    assert isinstance(outcome, Failed)
    assert outcome.again is again
    assert "/a.jpg" in outcome.fault.message
    assert "secret" not in outcome.fault.message
