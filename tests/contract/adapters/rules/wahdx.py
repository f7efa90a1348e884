"""WAHDX: sections 2 to 4, 8 and 11 of its reference."""

from datetime import timedelta

from shared.domain.account import Account
from shared.domain.creator import Creator
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
    switched_off,
    video,
)
from tests.contract.adapters.rules.stated import Stated

_PLATFORMS = ("tiktok", "instagram", "threads", "facebook")
_EVERY = (Kind.CAROUSEL, Kind.IMAGE, Kind.VIDEO)
_SELF = {"privacy": "SELF_ONLY"}
_FRIENDS = Creator(privacy_levels=("MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"))
_DRAFT = {"post_mode": "inbox"}
_MAX_TEXT = {"tiktok": 4000, "instagram": 2200, "threads": 500, "facebook": 63_206}
_MAX_PHOTOS = {"tiktok": 35, "instagram": 10, "threads": 20, "facebook": 10}


def _account(platform: str = "instagram", **changes: object) -> Account:
    return Account(account_id="4101", platform=platform, username="x", **changes)  # type: ignore[arg-type]


def _bound(platform: str) -> list[Rule]:
    """Return the rules that are the same on each platform, with its own figures."""
    private = _SELF if platform == "tiktok" else {}
    videos = "mp4 mov webm" if platform == "tiktok" else "mp4 mov webm m4v avi"
    unknown = "avi m4v jpg" if platform == "tiktok" else "mkv jpg"
    return [
        *captions("8", platform, _EVERY, _MAX_TEXT[platform], options=private),
        *counts("8", platform, 2, _MAX_PHOTOS[platform], options=private),
        *formats("8", platform, Kind.VIDEO, videos, unknown, options=private),
        *formats("8", platform, Kind.CAROUSEL, "jpg jpeg png webp", "gif heic", options=private),
        *formats("8", platform, Kind.IMAGE, "jpg png webp", "gif heic mp4", options=private),
        by_bytes("8", platform, Kind.IMAGE, "png", "gif", options=private),
        by_bytes("11", platform, Kind.VIDEO, "mp4", "jpg", options=private),
        *durations("8", platform, 3, 600, options=private),
        sizes("8", platform, Kind.VIDEO, 500 * MB, options=private),
        sizes("8", platform, Kind.IMAGE, 20 * MB, options=private),
        lacks_kind("4", platform, Kind.TEXT, Kind.IMAGE),
        lacks_kind("4", platform, Kind.STORY, Kind.IMAGE),
        Rule(
            section="8",
            words="one kind a post: video or photos",
            field="media",
            rejects=case(platform, Kind.CAROUSEL, "jpg", "mp4", options=private),
            accepts=case(platform, Kind.CAROUSEL, "jpg", "png", options=private),
        ),
        Rule(
            section="8",
            words="exactly one video",
            field="media",
            rejects=case(platform, Kind.VIDEO, "mp4", "mp4", options=private),
            accepts=case(platform, Kind.VIDEO, options=private),
        ),
        Rule(
            section="4",
            words="media by public URL",
            field="media[0]",
            rejects=case(platform, Kind.IMAGE, media=(Media(path="/a.jpg"),), options=private),
            accepts=case(platform, Kind.IMAGE, options=private),
        ),
        Rule(
            section="11",
            words="the extension stands in the path",
            field="media[0]",
            rejects=case(
                platform,
                Kind.IMAGE,
                media=(Media(url="https://cdn.example.com/get?name=a.jpg"),),
                options=private,
            ),
            accepts=case(
                platform,
                Kind.IMAGE,
                media=(Media(url="https://cdn.example.com/a.jpg?sign=1"),),
                options=private,
            ),
        ),
    ]


def _stated(platform: str, kind: Kind) -> Stated:
    on_tiktok, is_video = platform == "tiktok", kind is Kind.VIDEO
    files = "mp4 mov webm" if on_tiktok else "mp4 mov webm m4v avi"
    options = "share_to_feed" if platform == "instagram" else ""
    if on_tiktok:
        options = "privacy post_mode allow_comment ai_generated "
        options += (
            "allow_duet allow_stitch cover_timestamp_ms"
            if is_video
            else "cover_index auto_add_music"
        )
    return Stated(
        section="4, 8",
        platform=platform,
        kind=kind,
        files=files if is_video else "jpg jpeg png webp",
        caption=_MAX_TEXT[platform],
        title=90 if on_tiktok and not is_video else 0,
        options=options,
        inbox=on_tiktok,
        image_mb=20,
        video_max=500 * MB,
        seconds=(3, 600),
    )


RULES = [
    *(
        rule
        for platform in _PLATFORMS
        for kind in _EVERY
        for rule in _stated(platform, kind).rules(("threads", Kind.IMAGE))
    ),
    *(rule for platform in _PLATFORMS for rule in _bound(platform)),
    Rule(
        section="4",
        words="a headline has at most 90 characters",
        field="title",
        rejects=case("tiktok", Kind.CAROUSEL, title="x" * 91, options=_SELF),
        accepts=case("tiktok", Kind.CAROUSEL, title="x" * 90, options=_SELF),
    ),
    Rule(
        section="4",
        words="a headline is for TikTok photos",
        field="title",
        rejects=case("tiktok", Kind.VIDEO, title="Rye", options=_SELF),
        accepts=case("tiktok", Kind.IMAGE, title="Rye", options=_SELF),
    ),
    Rule(
        section="4",
        words="the cover is one of the photos",
        field="options.cover_index",
        rejects=case("tiktok", Kind.CAROUSEL, options=_SELF | {"cover_index": 2}),
        accepts=case("tiktok", Kind.CAROUSEL, options=_SELF | {"cover_index": 1}),
    ),
    Rule(
        section="8",
        words="the cover's moment is inside the video",
        field="options.cover_timestamp_ms",
        rejects=case(
            "tiktok", Kind.VIDEO, options=_SELF | {"cover_timestamp_ms": 5001}, facts=video(5)
        ),
        accepts=case(
            "tiktok", Kind.VIDEO, options=_SELF | {"cover_timestamp_ms": 5000}, facts=video(5)
        ),
    ),
    option("4", "tiktok", Kind.IMAGE, "allow_duet", True, ("tiktok", Kind.VIDEO)),
    option("4", "tiktok", Kind.IMAGE, "allow_stitch", True, ("tiktok", Kind.VIDEO)),
    option("4", "tiktok", Kind.IMAGE, "cover_timestamp_ms", 0, ("tiktok", Kind.VIDEO)),
    option("4", "tiktok", Kind.VIDEO, "auto_add_music", True, ("tiktok", Kind.IMAGE)),
    option("4", "tiktok", Kind.VIDEO, "cover_index", 0, ("tiktok", Kind.IMAGE)),
    option("4", "threads", Kind.IMAGE, "privacy", "SELF_ONLY", ("tiktok", Kind.IMAGE)),
    option("4", "facebook", Kind.IMAGE, "ai_generated", True, ("tiktok", Kind.IMAGE)),
    option("4", "facebook", Kind.IMAGE, "share_to_feed", True, ("instagram", Kind.IMAGE)),
    option("4", "tiktok", Kind.IMAGE, "share_to_feed", True, ("instagram", Kind.IMAGE)),
    option("4", "instagram", Kind.IMAGE, "post_mode", "inbox", ("tiktok", Kind.IMAGE)),
    Rule(
        section="11",
        words="without privacy nobody sees it",
        field="options.privacy",
        rejects=case("tiktok", Kind.IMAGE),
        accepts=case("tiktok", Kind.IMAGE, options=_SELF),
        warning=True,
    ),
    Rule(
        section="11",
        words="a video draft ignores its caption",
        field="caption",
        rejects=case("tiktok", Kind.VIDEO, options=_DRAFT),
        accepts=case("tiktok", Kind.IMAGE, options=_DRAFT | _SELF),
        warning=True,
    ),
    Rule(
        section="11",
        words="a video draft ignores its privacy",
        field="options.privacy",
        rejects=case("tiktok", Kind.VIDEO, options=_DRAFT | _SELF),
        accepts=case("tiktok", Kind.IMAGE, options=_DRAFT | _SELF),
        warning=True,
    ),
    Rule(
        section="3",
        words="privacy is as strict as the creator's widest level",
        field="options.privacy",
        rejects=case(
            "tiktok", Kind.IMAGE, options={"privacy": "FOLLOWER_OF_CREATOR"}, creator=_FRIENDS
        ),
        accepts=case(
            "tiktok", Kind.IMAGE, options={"privacy": "MUTUAL_FOLLOW_FRIENDS"}, creator=_FRIENDS
        ),
    ),
    *switched_off("3", Kind.IMAGE, Kind.VIDEO, Kind.VIDEO, options=_SELF),
    Rule(
        section="3",
        words="a creator's videos last so long at most",
        field="media[0]",
        rejects=case(
            "tiktok",
            Kind.VIDEO,
            options=_SELF,
            facts=video(301),
            creator=Creator(video_longest=timedelta(seconds=300)),
        ),
        accepts=case(
            "tiktok",
            Kind.VIDEO,
            options=_SELF,
            facts=video(300),
            creator=Creator(video_longest=timedelta(seconds=300)),
        ),
    ),
    Rule(
        section="4",
        words="the platform is the account's",
        field="platform",
        rejects=case("threads", Kind.IMAGE, account=_account()),
        accepts=case("instagram", Kind.IMAGE, account=_account()),
    ),
    Rule(
        section="2",
        words="an expired account may not post",
        field="account",
        rejects=case("instagram", Kind.IMAGE, account=_account(can_post=False, reason="expired")),
        accepts=case("instagram", Kind.IMAGE, account=_account()),
    ),
    Rule(
        section="intro",
        words="four platforms",
        field="platform",
        rejects=case("x", Kind.IMAGE),
        accepts=case("threads", Kind.IMAGE),
    ),
    Rule(
        section="4",
        words="media are bytes, not pages",
        field="media[0]",
        rejects=case("threads", Kind.IMAGE, facts=MediaFacts(content_type="text/html")),
        accepts=case("threads", Kind.IMAGE, facts=MediaFacts(content_type="image/jpeg")),
    ),
]
