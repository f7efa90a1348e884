"""PostEverywhere's accounts with one verdict each, and what is wrong with a post for them."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain.account import Account
from shared.domain.limit import Call
from shared.domain.outcome import ErrorClass
from shared.domain.post import Kind, Media, Post
from shared.wire.answer import CallFailed
from tests.contract.adapters.posteverywhere_answers import (
    BASE,
    POSTEVERYWHERE,
    failure,
    post,
    success,
)
from tests.support.scripted import Reply, Scripted
from tests.support.wires import Wires

THREE = (Media(id="m1"), Media(id="m2"), Media(id="m3"))


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(POSTEVERYWHERE, server.url + BASE) as opened:
        yield opened


def accounts(*found: Any) -> Reply:
    return success({"accounts": list(found), "account_ids": []})


HEALTHY = {
    "account_id": 4101,
    "platform": "instagram",
    "account_name": "@harbor.bakery",
    "is_active": True,
    "health": {"status": "healthy", "can_post": True},
}


def test_accounts_have_one_verdict(server: Scripted, wires: Wires) -> None:
    expired = {
        **HEALTHY,
        "account_id": 4105,
        "platform": "linkedin",
        "account_name": "Harbor Bakery Ltd",
        "health": {"status": "expired", "can_post": False},
    }
    server.on("GET", f"{BASE}/accounts", accounts(HEALTHY, expired))

    assert POSTEVERYWHERE.accounts(wires.open()) == [
        Account(
            account_id="4101",
            platform="instagram",
            username="harbor.bakery",
            display_name="@harbor.bakery",
        ),
        Account(
            account_id="4105",
            platform="linkedin",
            username="Harbor Bakery Ltd",
            display_name="Harbor Bakery Ltd",
            can_post=False,
            reason="expired: reconnect it at PostEverywhere",
        ),
    ]
    assert wires.limiter.calls == [Call.ACCOUNTS]


ODD_ACCOUNTS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "the old name and a text": ({"account_id": None, "id": "2280"}, "2280", True),
    "a word of another page": ({"health": {"status": "warning", "can_post": True}}, "4101", True),
    "no verdict, a bad word": ({"health": {"status": "expired"}}, "4101", False),
    "no health, inactive": ({"health": None, "is_active": False}, "4101", False),
    "no health, active": ({"health": None}, "4101", True),
}


@pytest.mark.parametrize("name", ODD_ACCOUNTS)
def test_odd_accounts_are_read_too(name: str, server: Scripted, wires: Wires) -> None:
    changes, account_id, can_post = ODD_ACCOUNTS[name]
    server.on("GET", f"{BASE}/accounts", accounts({**HEALTHY, **changes}))

    [account] = POSTEVERYWHERE.accounts(wires.open())

    assert (account.account_id, account.can_post) == (account_id, can_post)


@pytest.mark.parametrize(
    ("reply", "error_class", "again"),
    [
        (failure(401, "authentication_failed"), ErrorClass.AUTH, False),
        (failure(500, "internal_error"), ErrorClass.TRANSIENT, True),
        (failure(500, "internal_error", retryable=False), ErrorClass.TRANSIENT, False),
        (Reply(status=200, body=b"<html>"), ErrorClass.TRANSIENT, True),
    ],
)
def test_a_failed_look_at_the_accounts_says_why(
    reply: Reply, error_class: ErrorClass, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", f"{BASE}/accounts", reply)

    with pytest.raises(CallFailed) as caught:
        POSTEVERYWHERE.accounts(wires.open())

    assert (caught.value.fault.error_class, caught.value.again) == (error_class, again)


WRONG = {
    "a PDF": (post(media=(Media(url="https://a.example/a.pdf"),)), "media[0]"),
    "a MOV": (post(Kind.VIDEO, media=(Media(url="https://a.example/a.mov"),)), "media[0]"),
    "five images on x": (post(Kind.CAROUSEL, "x", media=THREE + THREE[:2]), "media"),
    "a long text on x": (post(Kind.TEXT, "x", caption="語" * 141), "caption"),
    "31 hashtags": (post(caption="#rye " * 31), "caption"),
    "youtube without a title": (post(Kind.VIDEO, "youtube"), "title"),
    "pinterest without a board": (post(platform="pinterest"), "options.board_id"),
    "the inbox": (post(platform="tiktok", options={"post_mode": "inbox"}), "options.post_mode"),
    "a long alt text": (post(alt_texts=("a" * 101,)), "alt_texts[0]"),
    "text on instagram": (post(Kind.TEXT), "kind"),
    "an account that is no number": (post(account_id="harbor"), "account"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_post_is_known_before_the_queue(name: str) -> None:
    of, field = WRONG[name]

    problems = POSTEVERYWHERE.check(of, None)

    assert field in {problem.field for problem in problems if not problem.warning}


@pytest.mark.parametrize(
    ("of", "field"),
    [
        (post(platform="tiktok"), "options.privacy"),
        (post(Kind.VIDEO, "youtube", title="Rye"), "options.visibility"),
    ],
)
def test_an_unknown_default_is_warned_of(of: Post, field: str) -> None:
    [problem] = POSTEVERYWHERE.check(of, None)

    assert (problem.field, problem.warning) == (field, True)
