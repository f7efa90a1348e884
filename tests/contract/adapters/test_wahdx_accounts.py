"""WAHDX's accounts, what its adapter says of a post before it is queued, and what it lacks."""

from collections.abc import Iterator

import pytest

from shared.domain.account import Account
from shared.domain.post import Kind, Media, Post
from shared.errors import ProviderMisuse
from shared.wire.answer import CallFailed
from tests.contract.adapters.wahdx_samples import ACCOUNT, WAHDX, post
from tests.support.scripted import Reply, Scripted, answered
from tests.support.wires import Wires


@pytest.fixture
def wires(server: Scripted) -> Iterator[Wires]:
    with Wires(WAHDX, server.url) as opened:
        yield opened


def test_accounts_have_one_verdict_each(server: Scripted, wires: Wires) -> None:
    listed = [
        {"accountId": "a", "platform": "tiktok", "username": "shop", "status": "active"},
        {
            "accountId": "b",
            "platform": "FACEBOOK",
            "username": 104455667788990,
            "status": "expired",
        },
        {"accountId": 3, "platform": "threads", "username": None, "status": None},
        {"accountId": None, "platform": "threads"},
        None,
    ]
    server.on(
        "GET",
        "/api/content/accounts",
        answered({"success": True, "subscription": "maximum", "data": listed}),
    )

    first, second, third = WAHDX.accounts(wires.open())

    assert first == Account(account_id="a", platform="tiktok", username="shop")
    assert (second.platform, second.username) == ("facebook", "104455667788990")
    assert not second.can_post
    assert "expired" in second.reason
    assert (third.account_id, third.can_post) == ("3", False)


@pytest.mark.parametrize(
    ("reply", "error_class", "again"),
    [
        (answered({"error": "Bad key"}, 401), "auth", False),
        (answered({"success": False, "error": "Plan"}), "validation", False),
        (answered({"error": "later"}, 503), "transient", True),
        (answered({"success": True}), "transient", True),
        (answered(b"<html>"), "transient", True),
    ],
)
def test_a_failed_account_list_says_why(
    reply: Reply, error_class: str, again: bool, server: Scripted, wires: Wires
) -> None:
    server.on("GET", "/api/content/accounts", reply)

    with pytest.raises(CallFailed) as failed:
        WAHDX.accounts(wires.open())

    assert (failed.value.fault.error_class, failed.value.again) == (error_class, again)


def problems(of: Post) -> list[tuple[str, bool]]:
    return [(problem.field, problem.warning) for problem in WAHDX.check(of, None)]


def test_surprises_of_tiktok_are_warned_of() -> None:
    draft = {"post_mode": "inbox", "privacy": "SELF_ONLY"}

    assert problems(post()) == [("options.privacy", True)]
    assert problems(post(options={"privacy": "SELF_ONLY"})) == []
    assert problems(post(options=draft)) == []
    assert problems(post(kind=Kind.VIDEO, options=draft)) == [
        ("caption", True),
        ("options.privacy", True),
    ]
    assert problems(post("instagram")) == []


def test_limits_of_the_sheet_are_checked() -> None:
    private = {"privacy": "SELF_ONLY"}
    slide = Media(url="https://cdn.example.com/1.jpg")

    def photos(platform: str, count: int) -> list[tuple[str, bool]]:
        options = private if platform == "tiktok" else {}
        return problems(post(platform, media=(slide,) * count, options=options))

    for platform, most in {"tiktok": 35, "instagram": 10, "threads": 20, "facebook": 10}.items():
        assert photos(platform, most) == []
        assert photos(platform, most + 1) == [("media", False)]
    assert problems(post(caption="x" * 4001, options=private)) == [("caption", False)]
    assert problems(post(title="x" * 91, options=private)) == [("title", False)]
    assert problems(post("threads", caption="x" * 501)) == [("caption", False)]
    assert problems(post("instagram", title="no")) == [("title", False)]
    assert problems(post("threads", Kind.TEXT, media=())) == [("kind", False)]
    assert problems(post("instagram", alt_texts=("no",))) == [("alt_texts", False)]


@pytest.mark.parametrize(
    "media",
    [
        Media(url="https://cdn.example.com/signed?file=a.jpg"),
        Media(url="https://cdn.example.com/a.heic"),
        Media(url="https://cdn.example.com/a.mp4"),
        Media(path="/srv/a.jpg"),
        Media(id="m1"),
    ],
)
def test_media_are_urls_with_a_known_extension(media: Media) -> None:
    found = problems(post("instagram", Kind.IMAGE, media=(media,)))

    assert found == [("media[0]", False)]


def test_what_wahdx_lacks_is_misuse(wires: Wires) -> None:
    assert not WAHDX.capabilities.history
    assert not WAHDX.capabilities.cancel

    with pytest.raises(ProviderMisuse):
        list(WAHDX.history(ACCOUNT, wires.clock.now(), wires.open()))
