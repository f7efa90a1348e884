"""Looking at PostEverywhere after a lost answer: none, one, several, late, claimed, unfiltered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.limit import Call
from shared.domain.lost import Absent, Ambiguous, Found, Sighting, Unanswered
from shared.domain.status import Verdict
from shared.provider import Lost
from tests.contract.adapters.posteverywhere_answers import (
    BASE,
    IMAGE_ID,
    LINKEDIN,
    POST_ID,
    POSTEVERYWHERE,
    SENT_AT,
    failed,
    failure,
    listed,
    post,
    row,
    seconds,
    success,
)
from tests.support.scripted import DROPPED, Received, Reply, Scripted, answered
from tests.support.wires import Wires

POSTS = f"{BASE}/posts"
RESULTS = f"{POSTS}/{POST_ID}/results"


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(POSTEVERYWHERE, server.url + BASE) as opened:
        yield opened


def lost(*claimed: str, **changes: Any) -> Lost:
    memo = {"content": "Rye week", "account_id": "4101", "media_ids": [IMAGE_ID]}
    return Lost(post=post(), memo={**memo, **changes}, sent_at=SENT_AT, claimed=frozenset(claimed))


def look(wires: Wires, of: Lost) -> Sighting:
    return POSTEVERYWHERE.find(of, wires.open())


LATE = SENT_AT + seconds(40)

#: The list that a look gets, without any that the provider's filters should have left out.
LOOKS: dict[str, tuple[list[Any], Lost, Any]] = {
    "nothing": ([], lost(), Absent()),
    "ours": ([row()], lost(), POST_ID),
    "ours, late": ([row(at=LATE)], lost(), POST_ID),
    "ours, made a little earlier by its clock": ([row(at=SENT_AT - seconds(50))], lost(), POST_ID),
    "made too early": ([row(at=SENT_AT - seconds(70))], lost(), Absent()),
    "another's": ([row()], lost(POST_ID), Absent()),
    "another's and ours": ([row("p1"), row(POST_ID)], lost("p1"), POST_ID),
    "two": ([row("p1"), row("p2")], lost(), Ambiguous(("p1", "p2"))),
    "other words": ([row(content="Rye weak")], lost(), Absent()),
    "words trimmed": ([row(content="Rye week")], lost(content="Rye week\n"), POST_ID),
    "other media": ([row(media_ids=["other"])], lost(), Absent()),
    "media as objects": (
        [row(media_ids=None, media=[{"media_id": IMAGE_ID}])],
        lost(),
        POST_ID,
    ),
    "media not told": ([row(media_ids=None)], lost(), POST_ID),
    "another account": ([row(account_ids=[LINKEDIN])], lost(), Absent()),
    "more accounts": ([row(account_ids=[4101, LINKEDIN])], lost(), Absent()),
    "accounts as texts": ([row(account_ids=["4101"])], lost(), POST_ID),
    "accounts not told": ([row(account_ids=None)], lost(), POST_ID),
    "for later": ([row(scheduled_for="2026-07-01T09:30:00.000Z")], lost(), Absent()),
    "for now": ([row(scheduled_for="2026-06-20T10:00:01.000Z")], lost(), POST_ID),
    "a draft": ([row(status="draft")], lost(), Absent()),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_lost_call_is_found_or_not(name: str, server: Scripted, wires: Wires) -> None:
    rows, of, expected = LOOKS[name]
    server.on("GET", POSTS, lambda _: listed(*rows))

    sighting = look(wires, of)

    if isinstance(expected, str):
        assert isinstance(sighting, Found)
        assert sighting.status.publish_id == expected
    else:
        assert sighting == expected
    assert server.requests[0].query["account_id"] == "4101"
    assert wires.limiter.calls == [Call.HISTORY]


def test_a_clock_that_is_behind_hides_nothing(server: Scripted, wires: Wires) -> None:
    now = wires.clock.now()
    behind = timedelta(minutes=10)
    made = row(at=now - behind)
    stamped = {"timestamp": (now - behind).isoformat()}
    server.on("GET", POSTS, answered({"data": {"posts": [made]}, "error": None, "meta": stamped}))
    of = Lost(post=post(), memo=lost().memo, sent_at=now)

    assert isinstance(look(wires, of), Found)


def test_a_stamp_beyond_belief_does_not_widen_the_look(server: Scripted, wires: Wires) -> None:
    made = row(at=SENT_AT - timedelta(minutes=20))
    stamped = {"timestamp": "2020-01-01T00:00:00.000Z"}
    server.on("GET", POSTS, answered({"data": {"posts": [made]}, "error": None, "meta": stamped}))

    assert look(wires, lost()) == Absent()


def test_a_look_goes_on_until_it_reaches_the_call(server: Scripted, wires: Wires) -> None:
    newer = [row(f"n{number}", at=LATE, account_ids=[LINKEDIN]) for number in range(100)]
    older = [row(f"o{number}", at=SENT_AT - seconds(3600)) for number in range(99)]
    server.on("GET", POSTS, listed(*newer), listed(row(), *older))

    assert isinstance(look(wires, lost()), Found)
    assert len(server.requests) == 2


def test_a_look_that_does_not_reach_the_call_proves_nothing(server: Scripted, wires: Wires) -> None:
    def newer(request: Received) -> Reply:
        start = int(request.query["offset"])
        return listed(*(row(f"n{start + n}", at=LATE, content="Spelt") for n in range(100)))

    server.on("GET", POSTS, newer)

    assert isinstance(look(wires, lost()), Unanswered)


@pytest.mark.parametrize("reply", [failure(500), DROPPED, answered(None, 429), Reply(body=b"<")])
def test_a_look_that_fails_proves_nothing(reply: Reply, server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, reply)

    assert isinstance(look(wires, lost()), Unanswered)


def test_a_found_failure_is_confirmed(server: Scripted, wires: Wires) -> None:
    server.on("GET", POSTS, listed(row(destinations=[failed()])))
    server.on("GET", RESULTS, success({"results": [failed(next_retry_at="2026-07-01T00:00:00Z")]}))

    sighting = look(wires, lost())

    assert isinstance(sighting, Found)
    assert sighting.status.verdict is Verdict.PENDING
