"""Every problem of a post is found at once."""

from dataclasses import replace

from shared.domain.account import Account
from shared.domain.capabilities import Capabilities, LostAnswer, Shape, Source
from shared.domain.post import Kind, Media, Post
from shared.domain.preflight import Problem, check
from tests.support.jobs import POST

CAPABILITIES = Capabilities(
    shapes={
        ("instagram", Kind.CAROUSEL): Shape(
            media_min=2,
            media_max=3,
            formats=frozenset({"jpg", "webp"}),
            caption_max=10,
            options=frozenset({"cover_index"}),
        ),
        ("instagram", Kind.TEXT): Shape(
            media_min=0, media_max=0, caption_required=True, title_required=True, title_max=5
        ),
        ("tiktok", Kind.VIDEO): Shape(options=frozenset({"post_mode"}), inbox=True),
    },
    sources=frozenset({Source.URL}),
    lost_answer=LostAnswer.HOLD,
    cancel=False,
    history=False,
)


def fields(problems: list[Problem]) -> list[str]:
    return [problem.field for problem in problems]


def carousel(*media: Media) -> Post:
    return replace(POST, kind=Kind.CAROUSEL, media=media, caption="short")


def url(name: str) -> Media:
    return Media(url=f"https://cdn.example.com/{name}")


def test_a_good_post_has_no_problems() -> None:
    assert check(carousel(url("1.jpg"), url("2.webp?sig=.png")), CAPABILITIES, None) == []


def test_all_problems_come_at_once() -> None:
    post = replace(
        carousel(url("1.png"), Media(path="/a.jpg"), url("3.mp4"), url("4.jpg")),
        caption="far too long a caption",
        title="no titles here",
        alt_texts=("x",),
        options={"cover_index": 4, "privacy": "SELF_ONLY"},
    )
    account = Account(
        account_id="a1", platform="tiktok", username="x", can_post=False, reason="expired"
    )
    assert sorted(fields(check(post, CAPABILITIES, account))) == [
        "account",
        "alt_texts",
        "caption",
        "media",
        "media",
        "media[0]",
        "media[1]",
        "media[2]",
        "options.cover_index",
        "options.privacy",
        "platform",
        "title",
    ]


def test_an_unknown_platform_or_kind_names_what_is_offered() -> None:
    (problem,) = check(replace(POST, platform="myspace"), CAPABILITIES, None)
    assert "instagram, tiktok" in problem.message
    (problem,) = check(replace(POST, kind=Kind.STORY), CAPABILITIES, None)
    assert "carousel, text" in problem.message


def test_required_texts_are_required() -> None:
    post = replace(POST, kind=Kind.TEXT, caption=" ", media=())
    assert fields(check(post, CAPABILITIES, None)) == ["caption", "title"]


def test_an_inbox_only_account_takes_only_inbox_posts() -> None:
    account = Account(account_id="a1", platform="tiktok", username="x", inbox_only=True)
    post = replace(POST, platform="tiktok", kind=Kind.VIDEO, media=(url("1.mp4"),), caption="")
    assert fields(check(post, CAPABILITIES, account)) == ["account"]
    assert check(replace(post, options={"post_mode": "inbox"}), CAPABILITIES, account) == []


def test_the_account_s_own_caption_limit_counts() -> None:
    account = Account(account_id="a1", platform="instagram", username="x", caption_max=3)
    problems = check(carousel(url("1.jpg"), url("2.jpg")), CAPABILITIES, account)
    assert fields(problems) == ["caption"]
