"""PostEverywhere: sections 2 to 4 and 8 of its reference."""

from typing import Any

from shared.domain.account import Account
from shared.domain.media_facts import MediaFacts
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
    video,
)
from tests.contract.adapters.rules.stated import Stated

_MEDIA = (Kind.IMAGE, Kind.CAROUSEL, Kind.VIDEO)
_POSTS = (Kind.TEXT, *_MEDIA)
_BOARD = {"board_id": "b1"}
_PRIVACY = {"privacy": "SELF_ONLY"}
#: What each platform needs beyond the rule in question.
_NEEDS: dict[str, dict[str, Any]] = {
    "pinterest": {"options": _BOARD},
    "tiktok": {"options": _PRIVACY},
    "youtube": {"options": {"visibility": "public"}, "title": "Rye"},
}

#: Section 8: text, unit, images of a carousel (A), image MB, video MB, seconds.
_TABLE: dict[str, tuple[int, str, int, int, int, float, float]] = {
    "x": (280, "x", 4, 5, 500, 0.5, 140),
    "instagram": (2200, "x", 10, 8, 100, 3, 900),
    "facebook": (63_206, "x", 10, 4, 500, 1, 14_400),
    "linkedin": (3000, "x", 20, 20, 500, 3, 600),
    "threads": (500, "x", 20, 8, 100, 1, 300),
    "tiktok": (4000, "x", 35, 2, 500, 1, 600),
    "pinterest": (500, "x", 5, 20, 500, 4, 900),
    "youtube": (5000, "x", 0, 0, 500, 1, 43_200),
}


def _account(platform: str = "instagram", **changes: object) -> Account:
    return Account(account_id="4101", platform=platform, username="x", **changes)  # type: ignore[arg-type]


def _bound(platform: str) -> list[Rule]:
    text, unit, slides, image_mb, video_mb, least, most = _TABLE[platform]
    needs = _NEEDS.get(platform, {})
    kinds = _POSTS if platform in {"x", "facebook", "linkedin", "threads"} else _MEDIA
    images = "jpg jpeg png gif webp heic heif"
    refused = "svg pdf mp4" if platform != "instagram" else "svg pdf"
    return [
        *captions("8", platform, kinds, text, unit, **needs),
        *counts("8", platform, 2, slides, **needs),
        *formats("8", platform, Kind.IMAGE, images, "svg mp4", **needs),
        *formats("8", platform, Kind.CAROUSEL, images, refused, **needs),
        *formats("8", platform, Kind.VIDEO, "mp4", "mov webm avi m4v jpg", **needs),
        by_bytes("8", platform, Kind.VIDEO, "mp4", "webm", **needs),
        sizes("8", platform, Kind.IMAGE, image_mb * MB, **needs),
        sizes("8", platform, Kind.VIDEO, video_mb * MB, **needs),
        *durations("8", platform, least, most, **needs),
    ]


_IMAGES = "jpg jpeg png gif webp heic heif"
_OPTIONS = {
    ("instagram", Kind.VIDEO): "cover_timestamp_ms trial_reel",
    ("facebook", Kind.VIDEO): "video_type",
    ("youtube", Kind.VIDEO): "video_type visibility",
    **{("tiktok", kind): "privacy allow_comment allow_duet allow_stitch" for kind in _MEDIA},
    **{("pinterest", kind): "board_id link" for kind in _MEDIA},
}


def _stated(platform: str, kind: Kind) -> Stated:
    text, _, _, image_mb, video_mb, least, most = _TABLE[platform]
    mixed = kind is Kind.STORY or (platform, kind) == ("instagram", Kind.CAROUSEL)
    files = f"{_IMAGES} mp4" if mixed else "mp4" if kind is Kind.VIDEO else _IMAGES
    return Stated(
        section="3, 4, 8",
        platform=platform,
        kind=kind,
        files="" if kind is Kind.TEXT else files,
        caption=text,
        title={"youtube": 100, "pinterest": 100}.get(platform, 0),
        alt_text=100 if (platform, kind) == ("instagram", Kind.IMAGE) else 0,
        hashtags=30 if platform == "instagram" else None,
        options=_OPTIONS.get((platform, kind), ""),
        image_mb=image_mb,
        video_max=video_mb * MB,
        seconds=(least, most),
        needs=_NEEDS.get(platform, {}),
    )


def _sorts() -> list[tuple[str, Kind]]:
    texts = [(platform, Kind.TEXT) for platform in ("x", "facebook", "linkedin", "threads")]
    stories = [(platform, Kind.STORY) for platform in ("instagram", "facebook")]
    media = [(platform, kind) for platform in _TABLE for kind in _MEDIA if platform != "youtube"]
    return [*texts, *stories, *media, ("youtube", Kind.VIDEO)]


RULES = [
    *(rule for sort in _sorts() for rule in _stated(*sort).rules(("threads", Kind.IMAGE))),
    *(rule for platform in _TABLE if platform != "youtube" for rule in _bound(platform)),
    *captions("8", "x", (Kind.TEXT,), 140, "写"),
    *captions("8", "youtube", (Kind.VIDEO,), 5000, **_NEEDS["youtube"]),
    *formats("8", "youtube", Kind.VIDEO, "mp4", "mov jpg", **_NEEDS["youtube"]),
    *durations("8", "youtube", 1, 43_200, **_NEEDS["youtube"]),
    sizes("8", "youtube", Kind.VIDEO, 500 * MB, **_NEEDS["youtube"]),
    lacks_kind("8", "instagram", Kind.TEXT, Kind.IMAGE),
    lacks_kind("8", "tiktok", Kind.TEXT, Kind.IMAGE, **_NEEDS["tiktok"]),
    lacks_kind("8", "pinterest", Kind.TEXT, Kind.IMAGE, **_NEEDS["pinterest"]),
    lacks_kind("8", "youtube", Kind.IMAGE, Kind.VIDEO, **_NEEDS["youtube"]),
    lacks_kind("4", "threads", Kind.STORY, Kind.IMAGE),
    *(
        Rule(
            section="4",
            words="text or media is needed",
            field="caption",
            rejects=case(platform, Kind.TEXT, caption=" "),
            accepts=case(platform, Kind.TEXT),
        )
        for platform in ("x", "facebook", "linkedin", "threads")
    ),
    Rule(
        section="8",
        words="at most 30 hashtags",
        field="caption",
        rejects=case("instagram", Kind.IMAGE, caption="#rye " * 31),
        accepts=case("instagram", Kind.IMAGE, caption="#rye " * 30 + "C# page#2 #1"),
    ),
    Rule(
        section="4",
        words="an alt text has at most 100 characters",
        field="alt_texts[0]",
        rejects=case("instagram", Kind.IMAGE, alt_texts=("x" * 101,)),
        accepts=case("instagram", Kind.IMAGE, alt_texts=("x" * 100,)),
    ),
    Rule(
        section="4",
        words="alt texts are for Instagram images",
        field="alt_texts",
        rejects=case("facebook", Kind.IMAGE, alt_texts=("a loaf",)),
        accepts=case("instagram", Kind.IMAGE, alt_texts=("a loaf",)),
    ),
    Rule(
        section="8",
        words="images and videos are not mixed, except on Instagram",
        field="media",
        rejects=case("facebook", Kind.CAROUSEL, "jpg", "mp4"),
        accepts=case("instagram", Kind.CAROUSEL, "jpg", "mp4"),
    ),
    Rule(
        section="4",
        words="YouTube needs a title",
        field="title",
        rejects=case("youtube", Kind.VIDEO, options={"visibility": "public"}),
        accepts=case("youtube", Kind.VIDEO, **_NEEDS["youtube"]),
    ),
    *(
        Rule(
            section="8",
            words="a title has at most 100 characters",
            field="title",
            rejects=case(platform, kind, **_NEEDS[platform] | {"title": "x" * 101}),
            accepts=case(platform, kind, **_NEEDS[platform] | {"title": "x" * 100}),
        )
        for platform, kind in (("youtube", Kind.VIDEO), ("pinterest", Kind.IMAGE))
    ),
    Rule(
        section="4",
        words="titles are for YouTube and Pinterest",
        field="title",
        rejects=case("threads", Kind.IMAGE, title="Rye"),
        accepts=case("threads", Kind.IMAGE),
    ),
    *(
        Rule(
            section="8",
            words="Pinterest needs a board",
            field="options.board_id",
            rejects=case("pinterest", kind),
            accepts=case("pinterest", kind, options=_BOARD),
        )
        for kind in _MEDIA
    ),
    Rule(
        section="8",
        words="TikTok videos are 9:16 only",
        field="media[0]",
        rejects=case("tiktok", Kind.VIDEO, facts=video(5, 1080, 1080), options=_PRIVACY),
        accepts=case("tiktok", Kind.VIDEO, facts=video(5, 720, 1280), options=_PRIVACY),
    ),
    Rule(
        section="4",
        words="nobody says which privacy is the default",
        field="options.privacy",
        rejects=case("tiktok", Kind.VIDEO),
        accepts=case("tiktok", Kind.VIDEO, options=_PRIVACY),
        warning=True,
    ),
    Rule(
        section="4",
        words="nobody says which visibility is the default",
        field="options.visibility",
        rejects=case("youtube", Kind.VIDEO, title="Rye"),
        accepts=case("youtube", Kind.VIDEO, **_NEEDS["youtube"]),
        warning=True,
    ),
    option("4", "instagram", Kind.IMAGE, "trial_reel", True, ("instagram", Kind.VIDEO)),
    option("4", "instagram", Kind.IMAGE, "cover_timestamp_ms", 0, ("instagram", Kind.VIDEO)),
    option("4", "facebook", Kind.IMAGE, "video_type", "Short", ("facebook", Kind.VIDEO)),
    option("4", "x", Kind.IMAGE, "privacy", "SELF_ONLY", ("tiktok", Kind.IMAGE)),
    option("4", "instagram", Kind.IMAGE, "allow_comment", True, ("tiktok", Kind.IMAGE)),
    Rule(
        section="4",
        words="links are for Pinterest",
        field="options.link",
        rejects=case("instagram", Kind.IMAGE, options={"link": "https://a.example"}),
        accepts=case("pinterest", Kind.IMAGE, options=_BOARD | {"link": "https://a.example"}),
    ),
    *formats("4", "instagram", Kind.STORY, "jpg mp4", "mov svg"),
    *formats("4", "facebook", Kind.STORY, "jpg mp4", "mov svg"),
    Rule(
        section="4",
        words="there is no inbox mode",
        field="options.post_mode",
        rejects=case("tiktok", Kind.VIDEO, options=_PRIVACY | {"post_mode": "inbox"}),
        accepts=case("tiktok", Kind.VIDEO, options=_PRIVACY),
    ),
    Rule(
        section="1",
        words="account ids are integers",
        field="account",
        rejects=case("threads", Kind.TEXT, account_id="acc-1"),
        accepts=case("threads", Kind.TEXT, account_id="4101"),
    ),
    Rule(
        section="2",
        words="can_post must be true",
        field="account",
        rejects=case("instagram", Kind.IMAGE, account=_account(can_post=False, reason="expired")),
        accepts=case("instagram", Kind.IMAGE, account=_account()),
    ),
    Rule(
        section="2",
        words="the account is on the post's platform",
        field="platform",
        rejects=case("threads", Kind.TEXT, account=_account()),
        accepts=case("threads", Kind.TEXT, account=_account("threads")),
    ),
    Rule(
        section="2",
        words="eight platforms",
        field="platform",
        rejects=case("myspace", Kind.TEXT),
        accepts=case("linkedin", Kind.TEXT),
    ),
    *(
        Rule(
            section="3",
            words="a file is imported from a public HTTPS address",
            field="media[0]",
            rejects=case("threads", Kind.IMAGE, media=(Media(url="http://a.example/a.jpg"),)),
            accepts=case("threads", Kind.IMAGE, media=(Media(**given),)),
        )
        for given in (
            {"url": "https://a.example/a.jpg"},
            {"url": "http://10.0.0.1/a.jpg"},
            {"path": "/a.jpg"},
            {"id": "m1"},
        )
    ),
    Rule(
        section="3",
        words="an empty file is no file",
        field="media[0]",
        rejects=case("threads", Kind.IMAGE, facts=MediaFacts(size_bytes=0)),
        accepts=case("threads", Kind.IMAGE, facts=MediaFacts(format="png", size_bytes=1)),
    ),
]
