"""Wonda: sections 2 to 4 and 7 of its reference."""

from datetime import timedelta

from shared.domain.account import Account
from shared.domain.creator import Creator
from shared.domain.post import Kind, Media
from tests.contract.adapters.rules import (
    Rule,
    by_bytes,
    captions,
    case,
    counts,
    formats,
    lacks_kind,
    option,
    switched_off,
    video,
)
from tests.contract.adapters.rules.stated import Stated

_SELF = {"privacy": "SELF_ONLY"}
_PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}
_INBOX = {"post_mode": "inbox"}
_INSTAGRAM = (Kind.CAROUSEL, Kind.IMAGE, Kind.VIDEO, Kind.STORY)


def _account(**changes: object) -> Account:
    return Account(account_id="4101", platform="tiktok", username="x", **changes)  # type: ignore[arg-type]


_IMAGES = "jpg jpeg png gif webp svg"
_VIDEOS = "mp4 webm mov avi"
_ON_VIDEO = (
    "privacy post_mode ai_generated allow_comment allow_duet allow_stitch disclose_commercial"
    " brand_organic branded_content"
)
_STATED = [
    Stated(section="4.1", platform="instagram", kind=Kind.CAROUSEL, files=_IMAGES, caption=2200),
    Stated(
        section="4.3", platform="instagram", kind=Kind.IMAGE, files=_IMAGES, caption=2200,
        alt_text=1000,
    ),
    Stated(
        section="4.3", platform="instagram", kind=Kind.VIDEO, files=_VIDEOS, caption=2200,
        alt_text=1000, options="share_to_feed",
    ),
    Stated(
        section="4.3", platform="instagram", kind=Kind.STORY, files=f"{_IMAGES} {_VIDEOS}",
        caption=2200, alt_text=1000,
    ),
    Stated(
        section="4.2", platform="tiktok", kind=Kind.CAROUSEL, files="jpg jpeg webp", caption=90,
        options="privacy post_mode cover_index", inbox=True,
    ),
    Stated(
        section="4.4", platform="tiktok", kind=Kind.VIDEO, files=_VIDEOS, caption=2200,
        options=_ON_VIDEO, inbox=True,
    ),
]  # fmt: skip

RULES = [
    *(rule for each in _STATED for rule in each.rules(("instagram", Kind.IMAGE))),
    *switched_off("2 creator info", Kind.VIDEO, Kind.VIDEO, Kind.VIDEO, options=_SELF),
    *counts("4.1", "instagram", 2, 10),
    *formats("4.1", "instagram", Kind.CAROUSEL, "jpg png webp", "mp4 mov heic"),
    by_bytes("4.1", "instagram", Kind.CAROUSEL, "png", "mp4"),
    *captions("4.1", "instagram", _INSTAGRAM, 2200),
    *counts("4.2", "tiktok", 2, 35, options=_SELF),
    *formats("4.2", "tiktok", Kind.CAROUSEL, "jpg jpeg webp", "png gif svg mp4", options=_SELF),
    by_bytes("4.2", "tiktok", Kind.CAROUSEL, "webp", "png", options=_SELF),
    *captions("4.2", "tiktok", (Kind.CAROUSEL,), 90, options=_SELF),
    *captions("4.4", "tiktok", (Kind.VIDEO,), 2200, options=_SELF),
    Rule(
        section="4.2",
        words="the cover is one of the files",
        field="options.cover_index",
        rejects=case("tiktok", Kind.CAROUSEL, options=_SELF | {"cover_index": 2}),
        accepts=case("tiktok", Kind.CAROUSEL, options=_SELF | {"cover_index": 1}),
    ),
    Rule(
        section="4.2",
        words="privacy has no effect in inbox mode",
        field="options.privacy",
        rejects=case("tiktok", Kind.CAROUSEL, options=_SELF | _INBOX),
        accepts=case("tiktok", Kind.CAROUSEL, options=_INBOX),
        warning=True,
    ),
    Rule(
        section="4.2",
        words="without privacy nobody sees it",
        field="options.privacy",
        rejects=case("tiktok", Kind.CAROUSEL),
        accepts=case("tiktok", Kind.CAROUSEL, options=_PUBLIC),
        warning=True,
    ),
    Rule(
        section="4.4",
        words="without isAigc a video is labelled as AI-generated",
        field="options.ai_generated",
        rejects=case("tiktok", Kind.VIDEO, options=_SELF),
        accepts=case("tiktok", Kind.VIDEO, options=_SELF | {"ai_generated": False}),
        warning=True,
    ),
    Rule(
        section="4.3",
        words="an alt text has at most 1000 characters",
        field="alt_texts[0]",
        rejects=case("instagram", Kind.IMAGE, alt_texts=("x" * 1001,)),
        accepts=case("instagram", Kind.IMAGE, alt_texts=("x" * 1000,)),
    ),
    Rule(
        section="7",
        words="alt texts are for single media",
        field="alt_texts",
        rejects=case("instagram", Kind.CAROUSEL, alt_texts=("a loaf",)),
        accepts=case("instagram", Kind.VIDEO, alt_texts=("a loaf",)),
    ),
    Rule(
        section="4.1",
        words="there are no titles",
        field="title",
        rejects=case("instagram", Kind.CAROUSEL, title="Rye"),
        accepts=case("instagram", Kind.CAROUSEL),
    ),
    option("4.3", "instagram", Kind.IMAGE, "share_to_feed", True, ("instagram", Kind.VIDEO)),
    option("4.3", "instagram", Kind.CAROUSEL, "privacy", "SELF_ONLY", ("tiktok", Kind.CAROUSEL)),
    option("4.2", "instagram", Kind.CAROUSEL, "cover_index", 0, ("tiktok", Kind.CAROUSEL)),
    option("4.4", "tiktok", Kind.CAROUSEL, "ai_generated", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "allow_comment", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "allow_duet", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "allow_stitch", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "disclose_commercial", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "brand_organic", True, ("tiktok", Kind.VIDEO)),
    option("4.4", "tiktok", Kind.CAROUSEL, "branded_content", True, ("tiktok", Kind.VIDEO)),
    lacks_kind("4.4", "tiktok", Kind.IMAGE, Kind.VIDEO),
    lacks_kind("4", "instagram", Kind.TEXT, Kind.IMAGE),
    lacks_kind("4", "tiktok", Kind.TEXT, Kind.VIDEO),
    *formats("3", "instagram", Kind.VIDEO, "mp4 webm mov avi", "m4v jpg"),
    *formats("3", "tiktok", Kind.VIDEO, "mp4 webm mov avi", "m4v jpg", options=_SELF),
    *formats("3", "instagram", Kind.IMAGE, "jpg png gif webp svg", "heic mp4"),
    *formats("3", "instagram", Kind.STORY, "jpg mp4", "heic m4v"),
    by_bytes("4.4", "tiktok", Kind.VIDEO, "mp4", "jpg", options=_SELF),
    Rule(
        section="intro",
        words="only Instagram and TikTok",
        field="platform",
        rejects=case("facebook", Kind.IMAGE),
        accepts=case("instagram", Kind.IMAGE),
    ),
    Rule(
        section="2",
        words="the account is on the post's platform",
        field="platform",
        rejects=case("instagram", Kind.IMAGE, account=_account()),
        accepts=case("tiktok", Kind.VIDEO, account=_account()),
    ),
    Rule(
        section="2",
        words="an account that may not publish",
        field="account",
        rejects=case("tiktok", Kind.VIDEO, account=_account(can_post=False, reason="no scope")),
        accepts=case("tiktok", Kind.VIDEO, account=_account()),
    ),
    Rule(
        section="2",
        words="without video.publish only the inbox is open",
        field="account",
        rejects=case("tiktok", Kind.VIDEO, account=_account(inbox_only=True)),
        accepts=case("tiktok", Kind.VIDEO, account=_account(inbox_only=True), options=_INBOX),
    ),
    Rule(
        section="2 creator info",
        words="privacy is a level that the creator has",
        field="options.privacy",
        rejects=case(
            "tiktok", Kind.VIDEO, options=_PUBLIC, creator=Creator(privacy_levels=("SELF_ONLY",))
        ),
        accepts=case(
            "tiktok", Kind.VIDEO, options=_SELF, creator=Creator(privacy_levels=("SELF_ONLY",))
        ),
    ),
    Rule(
        section="2 creator info",
        words="a creator's videos last so long at most",
        field="media[0]",
        rejects=case(
            "tiktok",
            Kind.VIDEO,
            facts=video(61),
            creator=Creator(video_longest=timedelta(seconds=60)),
        ),
        accepts=case(
            "tiktok",
            Kind.VIDEO,
            facts=video(60),
            creator=Creator(video_longest=timedelta(seconds=60)),
        ),
    ),
    Rule(
        section="3",
        words="media by URL, by path or by id",
        field="media[0]",
        rejects=case("instagram", Kind.IMAGE, "tiff"),
        accepts=case("instagram", Kind.IMAGE, media=(Media(id="m1"),)),
    ),
]
