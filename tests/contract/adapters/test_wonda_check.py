"""What Wonda's adapter says of a post before it is queued."""

from shared.domain.account import Account
from shared.domain.post import Kind, Media, Post
from tests.contract.adapters.wonda_samples import (
    TIKTOK,
    WONDA,
    post,
)


def problems(of: Post, account: Account | None = None) -> list[tuple[str, bool]]:
    return [(problem.field, problem.warning) for problem in WONDA.check(of, account)]


def test_surprising_defaults_are_warned_of() -> None:
    assert problems(post("tiktok")) == [("options.privacy", True)]
    assert problems(post("tiktok", options={"privacy": "SELF_ONLY"})) == []
    assert problems(post("tiktok", options={"post_mode": "inbox", "privacy": "SELF_ONLY"})) == [
        ("options.privacy", True)
    ]
    assert problems(post("tiktok", Kind.VIDEO)) == [
        ("options.privacy", True),
        ("options.ai_generated", True),
    ]
    assert problems(post()) == []


def test_limits_of_the_sheet_are_checked() -> None:
    slides = tuple(Media(url=f"https://cdn.example.com/{n}.png") for n in range(36))
    private = {"privacy": "SELF_ONLY"}

    assert ("media", False) in problems(post("tiktok", media=("m",) * 36, options=private))
    assert ("media", False) in problems(post(media=("m",) * 11))
    assert ("media[0]", False) in problems(
        Post(platform="tiktok", account_id=TIKTOK, kind=Kind.CAROUSEL, media=slides[:2])
    )
    assert problems(post("tiktok", caption="x" * 91, options=private)) == [("caption", False)]
    assert problems(post(caption="x" * 2201)) == [("caption", False)]
    assert problems(post(alt_texts=("no",))) == [("alt_texts", False)]
    assert problems(post(kind=Kind.IMAGE, alt_texts=("x" * 1001,))) == [("alt_texts[0]", False)]
    assert problems(post(kind=Kind.TEXT)) == [("kind", False)]
    assert problems(post(options={"privacy": "SELF_ONLY"})) == [("options.privacy", False)]
    assert problems(post("tiktok", options={**private, "cover_index": 3})) == [
        ("options.cover_index", False)
    ]
