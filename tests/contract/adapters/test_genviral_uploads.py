"""Genviral's uploads: files put to presigned addresses, once each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.domain.outcome import Accepted, Failed
from shared.domain.post import Media
from shared.provider import Order
from tests.contract.adapters.genviral_answers import (
    BASE,
    GENVIRAL,
    POSTS,
    SLIDES,
    created,
    failure,
    post,
    success,
    ticket,
)
from tests.support.scripted import DROPPED, Reply, Scripted
from tests.support.wires import Wires

FILES = f"{BASE}/files"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(GENVIRAL, server.url + BASE) as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> tuple[Media, ...]:
    for name in ("a.jpg", "b.heic"):
        (tmp_path / name).write_bytes(name.encode())
    return tuple(Media(path=str(tmp_path / name)) for name in ("a.jpg", "b.heic"))


def test_files_are_put_and_their_addresses_sent_in_order(
    server: Scripted, wires: Wires, files: tuple[Media, ...]
) -> None:
    server.on("POST", FILES, ticket(server, 1), ticket(server, 2))
    server.on("PUT", "/storage/1", Reply())
    server.on("PUT", "/storage/2", Reply())
    server.on("POST", POSTS, created())
    media = (files[0], Media(url=SLIDES[0]), files[1])

    assert isinstance(
        GENVIRAL.publish(Order(job_id=1, post=post(media=media)), wires.open()), Accepted
    )

    assert [request.json for request in server.asked("POST", FILES)] == [
        {"contentType": "image/jpeg", "filename": "a.jpg", "size": 5},
        {"contentType": "image/heic", "filename": "b.heic", "size": 6},
    ]
    [put] = server.asked("PUT", "/storage/2")
    assert (put.body, put.headers["content-type"]) == (b"b.heic", "image/heic")
    assert "authorization" not in put.headers
    assert server.requests[-1].json["media"]["urls"] == [
        "https://cdn.example.com/up/1.jpg",
        SLIDES[0],
        "https://cdn.example.com/up/2.jpg",
    ]


def test_what_was_uploaded_before_a_failure_is_used_again(
    server: Scripted, wires: Wires, files: tuple[Media, ...]
) -> None:
    server.on("POST", FILES, ticket(server, 1), ticket(server, 2))
    server.on("PUT", "/storage/1", Reply())
    server.on("PUT", "/storage/2", Reply(status=503), Reply())
    server.on("POST", POSTS, created())
    first, of = wires.open(), post(media=files)

    failed = GENVIRAL.publish(Order(job_id=1, post=of), first)

    assert isinstance(failed, Failed)
    assert failed.again
    second = wires.open(prepared=first.prepared)
    assert isinstance(GENVIRAL.publish(Order(job_id=1, post=of), second), Accepted)
    assert len(server.asked("PUT", "/storage/1")) == 1
    assert server.requests[-1].json["media"]["urls"][0] == "https://cdn.example.com/up/1.jpg"


@pytest.mark.parametrize(
    ("reply", "again"),
    [
        (failure(402, "subscription_required"), False),
        (failure(500), True),
        (success({"uploadUrl": "https://storage.example.com"}, 201), True),
        (Reply(status=201, body=b"<html>"), True),
        (DROPPED, True),
    ],
)
def test_a_refused_upload_surely_published_nothing(
    reply: Reply, again: bool, server: Scripted, wires: Wires, files: tuple[Media, ...]
) -> None:
    server.on("POST", FILES, reply)

    outcome = GENVIRAL.publish(Order(job_id=1, post=post(media=files)), wires.open())

    assert isinstance(outcome, Failed)
    assert outcome.again is again
    assert wires.gate.memos == []
