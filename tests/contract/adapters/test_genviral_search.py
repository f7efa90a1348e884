"""Looking at Genviral after a lost answer: none, one, several, late, claimed, a clock behind."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.lost import Absent, Ambiguous, Found, Sighting, Unanswered
from shared.provider import Lost
from tests.contract.adapters.genviral_answers import (
    BASE,
    GENVIRAL,
    INSTAGRAM,
    POST_ID,
    POSTS,
    SENT_AT,
    SLIDES,
    TIKTOK,
    delivery,
    failure,
    listed,
    post,
    row,
    seconds,
    states,
)
from tests.support.scripted import DROPPED, Received, Reply, Scripted, answered
from tests.support.wires import Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(GENVIRAL, server.url + BASE) as opened:
        yield opened


def lost(*claimed: str, caption: str = "Rye week") -> Lost:
    body = {
        "caption": caption,
        "accounts": [{"id": INSTAGRAM}],
        "media": {"type": "slideshow", "urls": SLIDES},
        "external_id": "dropline-1",
    }
    memo = {"external_id": "dropline-1", "body": json.dumps(body)}
    return Lost(post=post(), memo=memo, sent_at=SENT_AT, claimed=frozenset(claimed))


def look(wires: Wires, of: Lost) -> Sighting:
    return GENVIRAL.find(of, wires.open())


LOOKS: dict[str, tuple[list[Any], Lost, Any]] = {
    "nothing": ([], lost(), Absent()),
    "ours": ([row()], lost(), POST_ID),
    "ours, late": ([row(at=SENT_AT + seconds(240))], lost(), POST_ID),
    "ours, made a little earlier by its clock": ([row(at=SENT_AT - seconds(50))], lost(), POST_ID),
    "made too early": ([row(at=SENT_AT - seconds(70))], lost(), Absent()),
    "another's": ([row()], lost(POST_ID), Absent()),
    "another's and ours": ([row("p1"), row(POST_ID)], lost("p1"), POST_ID),
    "two": ([row("p1"), row("p2")], lost(), Ambiguous(("p1", "p2"))),
    "other words": ([row(caption="Rye weak")], lost(), Absent()),
    "words trimmed": ([row()], lost(caption="Rye week\n"), POST_ID),
    "media in another order": (
        [row(media={"type": "slideshow", "urls": SLIDES[::-1]})],
        lost(),
        Absent(),
    ),
    "no media": ([row(media=None)], lost(), Absent()),
    "another account": ([row(accounts=states(delivery(TIKTOK)))], lost(), Absent()),
    "more accounts": ([row(accounts=states(delivery(), delivery(TIKTOK)))], lost(), Absent()),
    "accounts not told": ([row(accounts=None)], lost(), POST_ID),
    "for later": ([row(scheduled_at="2026-07-01T09:30:00Z")], lost(), Absent()),
    "a draft": ([row(status="draft")], lost(), Absent()),
    "our key": ([row(external_id="dropline-1", caption="Edited")], lost(), POST_ID),
    "another key": ([row(external_id="dropline-2")], lost(), Absent()),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_lost_call_is_found_or_not(name: str, server: Scripted, wires: Wires) -> None:
    rows, of, expected = LOOKS[name]
    server.on("GET", POSTS, listed(*rows))

    sighting = look(wires, of)

    if isinstance(expected, str):
        assert isinstance(sighting, Found)
        assert sighting.status.publish_id == expected
    else:
        assert sighting == expected
    assert wires.limiter.calls == [Call.HISTORY]


def test_a_clock_that_is_behind_hides_nothing(server: Scripted, wires: Wires) -> None:
    behind = timedelta(minutes=10)
    wires.clock.follow(lambda: wires.clock.now() + behind)
    now = wires.clock.now()
    server.on("GET", POSTS, listed(row(at=now - behind)))

    sighting = look(wires, Lost(post=post(), memo=lost().memo, sent_at=now))

    assert isinstance(sighting, Found)


def test_a_look_that_does_not_reach_the_call_proves_nothing(server: Scripted, wires: Wires) -> None:
    def newer(request: Received) -> Reply:
        start = len(server.requests) * 100
        return listed(
            *(
                row(f"n{start + n}", at=SENT_AT + seconds(9000 - start - n), caption="Spelt")
                for n in range(100)
            )
        )

    server.on("GET", POSTS, newer)

    assert isinstance(look(wires, lost()), Unanswered)


@pytest.mark.parametrize("reply", [failure(500), DROPPED, answered(None, 429), Reply(body=b"<")])
def test_a_look_that_fails_proves_nothing(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, reply)

    assert isinstance(look(wires, lost()), Unanswered)
