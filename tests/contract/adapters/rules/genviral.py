"""Genviral: sections 2 to 4, 7 and 8 of its reference."""

from typing import Any

from shared.domain.account import Account
from shared.domain.post import Kind, Media
from tests.contract.adapters.rules import (
    MB,
    Rule,
    by_bytes,
    captions,
    case,
    counts,
    durations,
    formats,
    lacks_kind,
    option,
    sizes,
)
from tests.contract.adapters.rules.stated import Stated

_PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}
_BOARD = {"board_id": "b1"}
_NEEDS: dict[str, dict[str, Any]] = {
    "tiktok": {"options": _PUBLIC},
    "pinterest": {"options": _BOARD},
    "youtube": {"title": "Rye"},
}
_MEDIA = (Kind.IMAGE, Kind.CAROUSEL, Kind.VIDEO)
_POSTS = (Kind.TEXT, *_MEDIA)
#: Section 8: captions, and the files of a slideshow: 35, on Instagram ten (A), on X and Bluesky 4.
_TABLE: dict[str, tuple[int, int]] = {
    "instagram": (2200, 10),
    "facebook": (63_206, 35),
    "linkedin": (3000, 35),
    "pinterest": (800, 35),
    "x": (280, 4),
    "bluesky": (300, 4),
}
_MUSIC = "https://www.tiktok.com/@bread/video/7300"


def _account(platform: str, **changes: object) -> Account:
    return Account(account_id="4101", platform=platform, username="x", **changes)  # type: ignore[arg-type]


def _bound(platform: str) -> list[Rule]:
    text, slides = _TABLE[platform]
    needs = _NEEDS.get(platform, {})
    kinds = _POSTS if platform in {"facebook", "linkedin", "x", "bluesky"} else _MEDIA
    return [
        *captions("8", platform, kinds, text, **needs),
        *counts("8", platform, 2, slides, **needs),
        *_files(platform, Kind.CAROUSEL),
        *_files(platform, Kind.IMAGE),
        *_video(platform),
    ]


def _files(platform: str, kind: Kind) -> list[Rule]:
    needs = _NEEDS.get(platform, {})
    images = "jpg jpeg png gif webp heic heif"
    return [
        *formats("3", platform, kind, images, "svg mp4 tiff", **needs),
        by_bytes("3", platform, kind, "heic", "svg", **needs),
    ]


def _video(platform: str) -> list[Rule]:
    needs = _NEEDS.get(platform, {})
    return [
        *formats("8", platform, Kind.VIDEO, "mp4 mov m4v avi", "webm jpg", **needs),
        by_bytes("8", platform, Kind.VIDEO, "avi", "webm", **needs),
        sizes("8", platform, Kind.VIDEO, 100 * MB - 1, **needs),
        *durations("8", platform, 15, 60, warning=True, **needs),
    ]


_ON_TIKTOK = (
    "description post_mode privacy allow_comment allow_duet allow_stitch auto_add_music"
    " disclose_commercial branded_content brand_organic user_consent music_url"
)
_OPTIONS = {
    "tiktok": _ON_TIKTOK,
    "pinterest": "board_id link tags",
    "youtube": "settings visibility",
}
_TITLES = {"tiktok": 150, "pinterest": 100, "youtube": 100}


def _stated(platform: str, kind: Kind) -> Stated:
    is_video = kind is Kind.VIDEO
    captions = {"tiktok": 2200 if is_video else 4000, "youtube": 5000}
    files = "mp4 mov m4v avi" if is_video else "jpg jpeg png gif webp heic heif"
    return Stated(
        section="3, 4, 8",
        platform=platform,
        kind=kind,
        files="" if kind is Kind.TEXT else files,
        caption=captions.get(platform) or _TABLE[platform][0],
        title=_TITLES.get(platform, 0),
        options=_OPTIONS.get(platform, "settings") + " video_duration_s" * is_video,
        inbox=platform == "tiktok" and not is_video,
        video_max=100 * MB - 1,
        seconds=(15, 60),
        seconds_doubtful=True,
        needs=_NEEDS.get(platform, {}),
    )


def _sorts() -> list[tuple[str, Kind]]:
    texts = [(platform, Kind.TEXT) for platform in ("facebook", "linkedin", "x", "bluesky")]
    media = [(platform, kind) for platform in (*_TABLE, "tiktok") for kind in _MEDIA]
    return [*texts, *media, ("youtube", Kind.VIDEO)]


#: `settings` and what only TikTok has are refused at different places.
_WITHOUT = {"settings": ("tiktok", Kind.IMAGE)}

RULES = [
    *(
        rule
        for sort in _sorts()
        for rule in _stated(*sort).rules(("facebook", Kind.IMAGE), _WITHOUT)
    ),
    *(rule for platform in _TABLE for rule in _bound(platform)),
    *captions("8", "tiktok", (Kind.VIDEO,), 2200, options=_PUBLIC),
    *captions("8", "tiktok", (Kind.IMAGE, Kind.CAROUSEL), 4000, options=_PUBLIC),
    *captions("8", "tiktok", (Kind.CAROUSEL,), 2000, "\U0001f35e", options=_PUBLIC),
    *captions("8", "youtube", (Kind.VIDEO,), 2500, "é", title="Rye"),
    *captions("8", "x", (Kind.TEXT,), 140, "写"),
    *counts("8", "tiktok", 2, 35, options=_PUBLIC),
    *_files("tiktok", Kind.CAROUSEL),
    *_video("tiktok"),
    *_video("youtube"),
    *(
        Rule(
            section="8",
            words=f"a hosted account takes {most} characters, by itself or as it says",
            field="caption",
            rejects=case("tiktok", Kind.VIDEO, caption="x" * (most + 1), account=account),
            accepts=case("tiktok", Kind.VIDEO, caption="x" * most, account=account),
        )
        for most in (500, 300)
        for account in [_account("tiktok", account_type="hosted", caption_max=most)]
    ),
    Rule(
        section="8",
        words="a TikTok title has at most 150 characters",
        field="title",
        rejects=case("tiktok", Kind.VIDEO, title="x" * 151, options=_PUBLIC),
        accepts=case("tiktok", Kind.VIDEO, title="x" * 150, options=_PUBLIC),
    ),
    *(
        Rule(
            section="8",
            words=f"a description has at most {most} units",
            field="options.description",
            rejects=case("tiktok", kind, options=_PUBLIC | {"description": "x" * (most + 1)}),
            accepts=case("tiktok", kind, options=_PUBLIC | {"description": "x" * most}),
        )
        for kind, most in ((Kind.VIDEO, 2200), (Kind.CAROUSEL, 4000))
    ),
    Rule(
        section="4",
        words="only slideshows go to the inbox",
        field="options.post_mode",
        rejects=case("tiktok", Kind.VIDEO, options={"post_mode": "inbox"}),
        accepts=case("tiktok", Kind.CAROUSEL, options={"post_mode": "inbox"}),
    ),
    Rule(
        section="4",
        words="TikTok's settings are for byo accounts",
        field="options.privacy",
        rejects=case(
            "tiktok", Kind.VIDEO, options=_PUBLIC, account=_account("tiktok", account_type="hosted")
        ),
        accepts=case(
            "tiktok", Kind.VIDEO, options=_PUBLIC, account=_account("tiktok", account_type="byo")
        ),
    ),
    Rule(
        section="4",
        words="TikTok's title is for byo accounts",
        field="title",
        rejects=case(
            "tiktok", Kind.VIDEO, title="Rye", account=_account("tiktok", account_type="hosted")
        ),
        accepts=case(
            "tiktok", Kind.VIDEO, title="Rye", account=_account("tiktok", account_type="byo")
        ),
    ),
    Rule(
        section="11",
        words="without privacy everybody sees it",
        field="options.privacy",
        rejects=case("tiktok", Kind.VIDEO),
        accepts=case("tiktok", Kind.VIDEO, options=_PUBLIC),
        warning=True,
    ),
    *(
        Rule(
            section="4",
            words="music is the URL of a TikTok post",
            field="options.music_url",
            rejects=case("tiktok", Kind.VIDEO, options=_PUBLIC | {"music_url": wrong}),
            accepts=case("tiktok", Kind.VIDEO, options=_PUBLIC | {"music_url": _MUSIC}),
        )
        for wrong in ("https://nottiktok.com/1", "tiktok.com/1", "http://[", "a song")
    ),
    option("4", "instagram", Kind.VIDEO, "music_url", _MUSIC, ("tiktok", Kind.VIDEO)),
    option("4", "instagram", Kind.IMAGE, "privacy", "SELF_ONLY", ("tiktok", Kind.IMAGE)),
    option("4", "tiktok", Kind.IMAGE, "settings", {"a": 1}, ("instagram", Kind.IMAGE)),
    option("4", "pinterest", Kind.IMAGE, "settings", {"a": 1}, ("facebook", Kind.IMAGE)),
    option("4", "facebook", Kind.IMAGE, "board_id", "b1", ("pinterest", Kind.IMAGE)),
    option("4", "facebook", Kind.IMAGE, "tags", ["rye"], ("pinterest", Kind.IMAGE)),
    option("4", "facebook", Kind.VIDEO, "visibility", "public", ("youtube", Kind.VIDEO)),
    option("4", "facebook", Kind.IMAGE, "video_duration_s", 30, ("facebook", Kind.VIDEO)),
    Rule(
        section="8",
        words="a stated duration that older versions refuse",
        field="options.video_duration_s",
        rejects=case("facebook", Kind.VIDEO, options={"video_duration_s": 61}),
        accepts=case("facebook", Kind.VIDEO, options={"video_duration_s": 60}),
        warning=True,
    ),
    Rule(
        section="4",
        words="a board's id has at most 128 characters",
        field="options.board_id",
        rejects=case("pinterest", Kind.IMAGE, options={"board_id": "b" * 129}),
        accepts=case("pinterest", Kind.IMAGE, options={"board_id": "b" * 128}),
    ),
    Rule(
        section="4",
        words="without a board Genviral chooses one",
        field="options.board_id",
        rejects=case("pinterest", Kind.IMAGE),
        accepts=case("pinterest", Kind.IMAGE, options=_BOARD),
        warning=True,
    ),
    Rule(
        section="4",
        words="a pin's title has at most 100 characters",
        field="title",
        rejects=case("pinterest", Kind.IMAGE, title="x" * 101, options=_BOARD),
        accepts=case("pinterest", Kind.IMAGE, title="x" * 100, options=_BOARD),
    ),
    Rule(
        section="4",
        words="a pin has at most 30 tags",
        field="options.tags",
        rejects=case("pinterest", Kind.IMAGE, options=_BOARD | {"tags": ["a"] * 31}),
        accepts=case("pinterest", Kind.IMAGE, options=_BOARD | {"tags": ["a"] * 30}),
    ),
    Rule(
        section="8",
        words="a pin's caption includes its tags",
        field="caption",
        rejects=case("pinterest", Kind.IMAGE, caption="x" * 797, options=_BOARD | {"tags": ["ry"]}),
        accepts=case("pinterest", Kind.IMAGE, caption="x" * 796, options=_BOARD | {"tags": ["ry"]}),
    ),
    Rule(
        section="4",
        words="without a title Genviral chooses one for YouTube",
        field="title",
        rejects=case("youtube", Kind.VIDEO),
        accepts=case("youtube", Kind.VIDEO, title="Rye"),
        warning=True,
    ),
    *(
        Rule(
            section="4",
            words="a post without media needs a caption",
            field="caption",
            rejects=case(platform, Kind.TEXT, caption=""),
            accepts=case(platform, Kind.TEXT),
        )
        for platform in ("facebook", "linkedin", "x", "bluesky")
    ),
    lacks_kind("4", "instagram", Kind.TEXT, Kind.IMAGE),
    lacks_kind("4", "tiktok", Kind.TEXT, Kind.VIDEO, options=_PUBLIC),
    lacks_kind("4", "pinterest", Kind.TEXT, Kind.IMAGE, options=_BOARD),
    lacks_kind("4", "youtube", Kind.CAROUSEL, Kind.VIDEO, title="Rye"),
    lacks_kind("4", "instagram", Kind.STORY, Kind.IMAGE),
    Rule(
        section="4",
        words="a post is a video or a slideshow",
        field="media",
        rejects=case("facebook", Kind.CAROUSEL, "jpg", "mp4"),
        accepts=case("facebook", Kind.CAROUSEL, "jpg", "png"),
    ),
    Rule(
        section="3",
        words="media by URL or by path",
        field="media[0]",
        rejects=case("facebook", Kind.IMAGE, media=(Media(id="m1"),)),
        accepts=case("facebook", Kind.IMAGE, media=(Media(path="/a.jpg"),)),
    ),
    Rule(
        section="2",
        words="an account that is not active",
        field="account",
        rejects=case(
            "instagram",
            Kind.IMAGE,
            account=_account("instagram", can_post=False, reason="revoked"),
        ),
        accepts=case("instagram", Kind.IMAGE, account=_account("instagram")),
    ),
    Rule(
        section="2",
        words="an account takes the kinds that it says",
        field="kind",
        rejects=case("facebook", Kind.TEXT, account=_account("facebook", kinds={Kind.VIDEO})),
        accepts=case("facebook", Kind.VIDEO, account=_account("facebook", kinds={Kind.VIDEO})),
    ),
    Rule(
        section="2",
        words="the account is on the post's platform",
        field="platform",
        rejects=case("facebook", Kind.IMAGE, account=_account("instagram")),
        accepts=case("instagram", Kind.IMAGE, account=_account("instagram")),
    ),
    Rule(
        section="2",
        words="eight platforms",
        field="platform",
        rejects=case("threads", Kind.IMAGE),
        accepts=case("bluesky", Kind.IMAGE),
    ),
]
