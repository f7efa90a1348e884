"""PostEverywhere's media: imported by address, uploaded from a path, awaited, remembered."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.outcome import Accepted, Deferred, ErrorClass, Failed, Outcome
from shared.domain.post import Kind, Media, Post
from shared.provider import Order
from shared.wire.wire import Wire
from tests.contract.adapters.posteverywhere_answers import (
    BASE,
    POSTEVERYWHERE,
    created,
    failure,
    post,
    success,
)
from tests.support.scripted import DROPPED, Reply, Scripted, answered
from tests.support.wires import Wires

IMPORT = f"{BASE}/media/upload-from-url"
UPLOAD = f"{BASE}/media/upload"
BREAD = "https://cdn.example.com/bread.jpg"
FILM = "https://cdn.example.com/film.mp4"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    server.on("POST", f"{BASE}/posts", created())
    with Wires(POSTEVERYWHERE, server.url + BASE) as opened:
        yield opened


def publish(wire: Wire, of: Post) -> Outcome:
    return POSTEVERYWHERE.publish(Order(job_id=1, post=of), wire)


def imported(media_id: str, status: str = "ready", /, **more: Any) -> Reply:
    stored = {
        "media_id": media_id,
        "media_ids": [media_id],
        "media_status": status,
        "type": "image",
        "source_url": BREAD,
    }
    return success({**stored, **more}, 201)


def film() -> Post:
    return post(Kind.VIDEO, media=(Media(url=FILM),))


def ticket(server: Scripted, method: str | None = "PUT") -> Reply:
    return success(
        {
            "media_id": "up1",
            "media_ids": ["up1"],
            "upload_url": f"{server.url}/storage/up1",
            "upload_method": method,
            "provider": "r2",
            "expires_in": 600,
        },
        201,
    )


def completed(**more: Any) -> Reply:
    return success({"media_id": "up1", "media_ids": ["up1"], "status": "ready", **more})


def test_images_are_imported_in_order_and_attached(server: Scripted, wires: Wires) -> None:
    urls = [f"https://cdn.example.com/{name}.jpg" for name in ("a", "b", "c")]
    server.on("POST", IMPORT, imported("m-a"), imported("m-b"), imported("m-c"))

    outcome = publish(
        wires.open(), post(Kind.CAROUSEL, media=tuple(Media(url=url) for url in urls))
    )

    assert isinstance(outcome, Accepted)
    assert [request.json for request in server.asked("POST", IMPORT)] == [
        {"url": url} for url in urls
    ]
    assert server.requests[-1].json["media_ids"] == ["m-a", "m-b", "m-c"]
    assert wires.limiter.calls == [Call.UPLOAD] * 3 + [Call.PUBLISH]


ODD_IMPORTS: dict[str, dict[str, Any]] = {
    "older status name": {"media_status": None, "upload_status": "ready"},
    "oldest status name": {"media_status": None, "status": "ready"},
    "no status": {"media_status": None},
    "only the list of ids": {"media_id": None},
    "only an id": {"media_id": None, "media_ids": None, "id": "m-a"},
}


@pytest.mark.parametrize("name", ODD_IMPORTS)
def test_an_import_in_an_odd_shape_is_read(name: str, server: Scripted, wires: Wires) -> None:
    server.on("POST", IMPORT, imported("m-a", **ODD_IMPORTS[name]))

    assert isinstance(publish(wires.open(), post(media=(Media(url=BREAD),))), Accepted)
    assert server.requests[-1].json["media_ids"] == ["m-a"]


def test_a_video_that_is_not_ready_defers_and_is_not_imported_again(
    server: Scripted, wires: Wires
) -> None:
    uploading, ready = imported("v1", "uploading"), imported("v1", "ready")
    server.on("POST", IMPORT, uploading)
    server.on("GET", f"{BASE}/media/v1", uploading, uploading, ready)
    first = wires.open()

    outcome = publish(first, film())

    assert isinstance(outcome, Deferred)
    assert outcome.wait == timedelta(seconds=5)
    assert outcome.fault.code == "media_not_ready"
    second = wires.open(prepared=first.prepared)
    assert isinstance(publish(second, film()), Deferred)
    assert isinstance(publish(wires.open(prepared=second.prepared), film()), Accepted)
    assert len(server.asked("POST", IMPORT)) == 1
    assert server.requests[-1].json["media_ids"] == ["v1"]


def test_a_video_that_becomes_ready_at_once_is_published_at_once(
    server: Scripted, wires: Wires
) -> None:
    server.on("POST", IMPORT, imported("v1", "uploading"))
    server.on("GET", f"{BASE}/media/v1", success({"media_id": "v1", "upload_status": "ready"}))

    assert isinstance(publish(wires.open(), film()), Accepted)


def test_an_import_that_failed_says_why_and_is_forgotten(server: Scripted, wires: Wires) -> None:
    server.on("POST", IMPORT, imported("v1", "uploading"))
    gone_wrong = success({"media_id": "v1", "media_status": "failed", "error_message": "No MP4"})
    server.on("GET", f"{BASE}/media/v1", gone_wrong)
    wire = wires.open()

    outcome = publish(wire, film())

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.code, outcome.fault.message) == (
        False,
        "media_failed",
        "No MP4",
    )
    assert wire.prepared == {"media_ids": {}, "media_importing": {}}


@pytest.mark.parametrize(
    ("reply", "since"),
    [
        (imported("v1", "uploading"), "2020-01-01T00:00:00+00:00"),
        (failure(404, "not_found"), "2999-01-01T00:00:00+00:00"),
    ],
)
def test_an_import_that_never_ends_or_is_forgotten_is_begun_anew(
    reply: Reply, since: str, server: Scripted, wires: Wires
) -> None:
    server.on("GET", f"{BASE}/media/v1", reply)
    wire = wires.open(prepared={"media_ids": {"0": "v1"}, "media_importing": {"0": since}})

    outcome = publish(wire, film())

    assert isinstance(outcome, Failed)
    assert outcome.again
    server.on("POST", IMPORT, imported("v2"))
    assert isinstance(publish(wires.open(prepared=wire.prepared), film()), Accepted)
    assert server.requests[-1].json["media_ids"] == ["v2"]


def test_what_was_imported_before_a_failure_is_used_again(server: Scripted, wires: Wires) -> None:
    two = post(Kind.CAROUSEL, media=(Media(url=BREAD), Media(url=f"{BREAD}?2")))
    server.on("POST", IMPORT, imported("m-a"), DROPPED)
    first = wires.open()

    lost = publish(first, two)

    assert isinstance(lost, Failed)
    assert lost.again
    server.on("POST", IMPORT, imported("m-b"))
    assert isinstance(publish(wires.open(prepared=first.prepared), two), Accepted)
    assert [each.json["url"] for each in server.asked("POST", IMPORT)] == [
        BREAD,
        f"{BREAD}?2",
        f"{BREAD}?2",
    ]
    assert server.requests[-1].json["media_ids"] == ["m-a", "m-b"]


@pytest.mark.parametrize(
    ("reply", "error_class", "again"),
    [
        (failure(400, "validation_error"), ErrorClass.VALIDATION, False),
        (failure(415), ErrorClass.VALIDATION, False),
        (failure(401, "authentication_failed"), ErrorClass.AUTH, False),
        (failure(400, "validation_error", retryable=True), ErrorClass.VALIDATION, True),
        (failure(500, "internal_error"), ErrorClass.TRANSIENT, True),
        (success({"media_status": "ready"}), ErrorClass.TRANSIENT, True),
        (Reply(status=200, body=b"<html>"), ErrorClass.TRANSIENT, True),
    ],
)
def test_a_refused_import_surely_published_nothing(
    reply: Reply, error_class: ErrorClass, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("POST", IMPORT, reply)

    outcome = publish(wires.open(), post(media=(Media(url=BREAD),)))

    assert isinstance(outcome, Failed)
    assert (outcome.fault.error_class, outcome.again) == (error_class, again)
    assert wires.gate.memos == []


def test_a_429_to_an_import_defers(server: Scripted, wires: Wires) -> None:
    server.on("POST", IMPORT, answered(None, 429, **{"Retry-After": "3"}))

    assert isinstance(publish(wires.open(), post(media=(Media(url=BREAD),))), Deferred)


def test_private_addresses_are_refused_before_anybody_is_asked(
    server: Scripted, wires: Wires
) -> None:
    private = post(media=(Media(url="http://169.254.169.254/secret.jpg?token=x"),))

    outcome = publish(wires.open(private_media=False), private)

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.error_class) == (False, ErrorClass.VALIDATION)
    assert outcome.fault.code == "media_refused"
    assert "token" not in outcome.fault.message
    assert server.requests == []


def test_an_older_service_gets_the_bytes_of_a_video(server: Scripted, wires: Wires) -> None:
    content = b"film" * 1000
    server.on("GET", "/film.mp4", Reply(body=content, headers={"Content-Type": "video/mp4"}))
    server.on("POST", IMPORT, failure(415))
    server.on("POST", UPLOAD, ticket(server))
    server.on("PUT", "/storage/up1", Reply())
    server.on("POST", f"{BASE}/media/up1/complete", completed())

    outcome = publish(wires.open(), post(Kind.VIDEO, media=(Media(url=f"{server.url}/film.mp4"),)))

    assert isinstance(outcome, Accepted)
    [asked] = server.asked("POST", UPLOAD)
    assert asked.json == {
        "filename": "film.mp4",
        "content_type": "video/mp4",
        "file_size": len(content),
    }
    [stored] = server.asked("PUT", "/storage/up1")
    assert (stored.body, stored.headers["content-type"]) == (content, "video/mp4")
    assert "authorization" not in stored.headers
    assert server.requests[-1].json["media_ids"] == ["up1"]


@pytest.fixture
def loaf(tmp_path: Path) -> Media:
    path = tmp_path / "loaf.webp"
    path.write_bytes(b"webp bytes")
    return Media(path=str(path))


def test_a_file_is_posted_in_parts_where_the_ticket_says_so(
    server: Scripted, wires: Wires, loaf: Media
) -> None:
    server.on("POST", UPLOAD, ticket(server, "POST"))
    server.on("POST", "/storage/up1", Reply(status=204))
    server.on("POST", f"{BASE}/media/up1/complete", completed())

    assert isinstance(publish(wires.open(), post(media=(loaf,))), Accepted)

    [asked] = server.asked("POST", UPLOAD)
    assert asked.json == {"filename": "loaf.webp", "content_type": "image/webp", "file_size": 10}
    [stored] = server.asked("POST", "/storage/up1")
    assert b'name="file"; filename="loaf.webp"' in stored.body
    assert b"Content-Type: image/webp\r\n\r\nwebp bytes\r\n" in stored.body
    assert "authorization" not in stored.headers


def test_a_file_the_service_does_not_see_yet_is_put_once_more(
    server: Scripted, wires: Wires, loaf: Media
) -> None:
    server.on("POST", UPLOAD, ticket(server, None))
    server.on("PUT", "/storage/up1", Reply())
    server.on("POST", f"{BASE}/media/up1/complete", failure(404, "not_found"), completed())

    assert isinstance(publish(wires.open(), post(media=(loaf,))), Accepted)

    assert [each.body for each in server.asked("PUT", "/storage/up1")] == [b"webp bytes"] * 2


@pytest.mark.parametrize(("status", "again"), [(403, True), (500, True), (413, False)])
def test_a_refusing_storage_surely_published_nothing(
    status: int, again: bool, server: Scripted, wires: Wires, loaf: Media
) -> None:
    server.on("POST", UPLOAD, ticket(server))
    server.on("PUT", "/storage/up1", Reply(status=status))

    outcome = publish(wires.open(), post(media=(loaf,)))

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.code) == (again, "upload_refused")
    assert len(server.asked("PUT", "/storage/up1")) == 1


def test_a_ticket_without_an_address_is_tried_again(
    server: Scripted, wires: Wires, loaf: Media
) -> None:
    server.on("POST", UPLOAD, success({"media_id": "up1"}))

    outcome = publish(wires.open(), post(media=(loaf,)))

    assert isinstance(outcome, Failed)
    assert outcome.again


def test_a_missing_file_is_named(server: Scripted, wires: Wires) -> None:
    outcome = publish(wires.open(), post(media=(Media(path="/nowhere/loaf.jpg"),)))

    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.fault.code) == (False, "media_missing")
    assert "/nowhere/loaf.jpg" in outcome.fault.message
