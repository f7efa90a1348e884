"""Genviral's accounts, and what is wrong with a post for them."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain.account import Account
from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass
from shared.domain.post import Kind, Media, Post
from shared.wire.answer import CallFailed
from tests.contract.adapters.genviral_answers import (
    BASE,
    GENVIRAL,
    INSTAGRAM,
    TIKTOK,
    failure,
    post,
    success,
)
from tests.support.scripted import Reply, Scripted
from tests.support.wires import Wires

HARBOR = {
    "id": INSTAGRAM,
    "platform": "instagram",
    "type": "byo",
    "username": "harbor.bakery",
    "display_name": "Harbor Bakery",
    "status": "active",
    "workspace_id": None,
}
HOSTED = {**HARBOR, "id": TIKTOK, "platform": "tiktok", "type": "hosted"}


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(GENVIRAL, server.url + BASE) as opened:
        yield opened


def accounts(*found: Any) -> Reply:
    return success({"scope": "workspace", "workspace_id": None, "accounts": list(found)})


def test_listed_and_active_is_healthy(server: Scripted, wires: Wires) -> None:
    server.on("GET", f"{BASE}/accounts", accounts(HARBOR, {**HOSTED, "status": "paused"}))

    byo, hosted = GENVIRAL.accounts(wires.open())

    assert byo == Account(
        account_id=INSTAGRAM,
        platform="instagram",
        username="harbor.bakery",
        display_name="Harbor Bakery",
        account_type="byo",
    )
    assert (hosted.can_post, hosted.reason) == (False, "paused")
    assert wires.limiter.calls == [Call.ACCOUNTS]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": "hosted"}, 500),
        ({"type": "hosted", "capabilities": {"caption_limit": 700}}, 700),
        ({"type": "hosted", "capabilities": {"caption_limit": "many"}}, 500),
        ({"capabilities": {"caption_limit": 100}}, None),
        ({"platform": "bluesky", "capabilities": {"caption_limit": 300}}, 300),
        ({"platform": "bluesky"}, None),
    ],
)
def test_an_account_may_have_a_limit_of_its_own(
    changes: dict[str, Any], expected: int | None, server: Scripted, wires: Wires
) -> None:
    server.on("GET", f"{BASE}/accounts", accounts({**HARBOR, **changes}))

    [account] = GENVIRAL.accounts(wires.open())

    assert account.caption_max == expected


ALL = frozenset({Kind.IMAGE, Kind.CAROUSEL, Kind.VIDEO, Kind.TEXT})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["text_only", "video", "slideshow"], ALL),
        (["video"], {Kind.VIDEO}),
        (["photo_slideshow", "Single_Image"], {Kind.IMAGE, Kind.CAROUSEL}),
        # Not said, or not to be understood: nothing is refused because of it.
        (["video", "hologram"], None),
        ([], None),
        ("video", None),
        ([None, 7], None),
        (None, None),
    ],
)
def test_an_account_may_say_which_kinds_it_takes(
    words: object, expected: set[Kind] | None, server: Scripted, wires: Wires
) -> None:
    said = {**HARBOR, "capabilities": {"supported_content_kinds": words}}
    server.on("GET", f"{BASE}/accounts", accounts(said, HARBOR))

    [account, silent] = GENVIRAL.accounts(wires.open())

    assert (account.kinds, silent.kinds) == (expected, None)


def test_no_accounts_are_no_error(server: Scripted, wires: Wires) -> None:
    server.on("GET", f"{BASE}/accounts", accounts())

    assert GENVIRAL.accounts(wires.open()) == []


@pytest.mark.parametrize(
    ("reply", "error_class", "again"),
    [
        (failure(401, "invalid_token"), ErrorClass.AUTH, False),
        (failure(402, "subscription_required"), ErrorClass.BILLING, False),
        (failure(403, "tier_not_allowed"), ErrorClass.FORBIDDEN, False),
        (failure(500, "accounts_failed"), ErrorClass.TRANSIENT, True),
        (failure(200), ErrorClass.TRANSIENT, True),
        (Reply(body=b"<html>"), ErrorClass.TRANSIENT, True),
    ],
)
def test_a_failed_look_at_the_accounts_says_why(
    reply: Reply, error_class: ErrorClass, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", f"{BASE}/accounts", reply)

    with pytest.raises(CallFailed) as caught:
        GENVIRAL.accounts(wires.open())

    assert (caught.value.fault.error_class, caught.value.again) == (error_class, again)


def tiktok(kind: Kind = Kind.CAROUSEL, **more: Any) -> Post:
    return post(kind, "tiktok", **more)


ELEVEN = tuple(Media(url=f"https://a.example/{number}.jpg") for number in range(11))
WRONG = {
    "eleven on instagram": (post(media=ELEVEN), "media"),
    "36 on tiktok": (tiktok(media=ELEVEN * 4), "media"),
    "a WebM": (post(Kind.VIDEO, media=(Media(url="https://a.example/a.webm"),)), "media[0]"),
    "media by id": (post(Kind.IMAGE, media=(Media(id="m1"),)), "media[0]"),
    "a video in the inbox": (
        tiktok(Kind.VIDEO, options={"post_mode": "inbox"}),
        "options.post_mode",
    ),
    "bytes on youtube": (post(Kind.VIDEO, "youtube", caption="é" * 2501), "caption"),
    "a long photo caption": (tiktok(caption="🥖" * 2001), "caption"),
    "a long description": (
        tiktok(Kind.VIDEO, options={"description": "a" * 2201}),
        "options.description",
    ),
    "a long pin with its tags": (
        post(platform="pinterest", caption="a" * 796, options={"tags": ["rye"]}),
        "caption",
    ),
    "31 tags": (
        post(platform="pinterest", options={"tags": ["a"] * 31}),
        "options.tags",
    ),
    "a long board id": (
        post(platform="pinterest", options={"board_id": "b" * 129}),
        "options.board_id",
    ),
    "text on instagram": (post(Kind.TEXT), "kind"),
    "music on instagram": (post(options={"music_url": "https://a.example"}), "options.music_url"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_post_is_known_before_the_queue(name: str) -> None:
    of, field = WRONG[name]

    problems = GENVIRAL.check(of, None)

    assert field in {problem.field for problem in problems if not problem.warning}


def test_hosted_tiktok_accounts_take_no_tiktok_options() -> None:
    hosted = Account(
        account_id=TIKTOK,
        platform="tiktok",
        username="clips",
        account_type="hosted",
        caption_max=500,
    )
    of = tiktok(title="Rye", caption="a" * 501, options={"privacy": "SELF_ONLY"})

    fields = {problem.field for problem in GENVIRAL.check(of, hosted)}

    assert fields == {"options.privacy", "title", "caption"}
    assert GENVIRAL.check(tiktok(), hosted) == []


@pytest.mark.parametrize(
    ("of", "field"),
    [
        (tiktok(), "options.privacy"),
        (post(platform="pinterest"), "options.board_id"),
        (post(Kind.VIDEO, "youtube"), "title"),
    ],
)
def test_a_default_that_surprises_is_warned_of(of: Post, field: str) -> None:
    [problem] = GENVIRAL.check(of, None)

    assert (problem.field, problem.warning) == (field, True)
