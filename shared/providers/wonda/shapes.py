"""What Wonda takes: the sheet's limits as capabilities."""

from datetime import timedelta

from shared.domain.capabilities import Capabilities, LostAnswer, Shape, Source, Uploads
from shared.domain.post import Kind

#: What the upload endpoint accepts (D).
_IMAGES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "svg"})
_VIDEOS = frozenset({"mp4", "webm", "mov", "avi"})

_CAPTION = 2200
_ALT_TEXT = 1000
_MODE = frozenset({"privacy", "post_mode"})

CAPABILITIES = Capabilities(
    shapes={
        ("instagram", Kind.CAROUSEL): Shape(
            media_min=2, media_max=10, formats=_IMAGES, caption_max=_CAPTION
        ),
        ("instagram", Kind.IMAGE): Shape(
            formats=_IMAGES, caption_max=_CAPTION, alt_text_max=_ALT_TEXT
        ),
        ("instagram", Kind.VIDEO): Shape(
            formats=_VIDEOS,
            caption_max=_CAPTION,
            alt_text_max=_ALT_TEXT,
            options=frozenset({"share_to_feed"}),
        ),
        ("instagram", Kind.STORY): Shape(
            formats=_IMAGES | _VIDEOS, caption_max=_CAPTION, alt_text_max=_ALT_TEXT
        ),
        ("tiktok", Kind.CAROUSEL): Shape(
            media_min=2,
            media_max=35,
            #: PNG is refused although the upload accepts it (S).
            formats=frozenset({"jpg", "jpeg", "webp"}),
            #: Ninety characters, while a video has 2200 (S).
            caption_max=90,
            options=_MODE | {"cover_index"},
            inbox=True,
        ),
        ("tiktok", Kind.VIDEO): Shape(
            formats=_VIDEOS,
            caption_max=_CAPTION,
            options=_MODE
            | {
                "ai_generated",
                "allow_comment",
                "allow_duet",
                "allow_stitch",
                "disclose_commercial",
                "brand_organic",
                "branded_content",
            },
            inbox=True,
        ),
    },
    sources=frozenset({Source.URL, Source.PATH, Source.ID}),
    uploads=Uploads(url=1, path=1, batch=10),
    lost_answer=LostAnswer.SEARCH,
    cancel=True,
    history=True,
    creators=frozenset({"tiktok"}),
    synchronous=frozenset({("instagram", Kind.CAROUSEL), ("tiktok", Kind.CAROUSEL)}),
    #: Thirty-five slides or one long video are uploaded before the call itself.
    job_deadline=timedelta(minutes=10),
    #: A carousel call waits for the platform: at least 120 s (A).
    publish_timeout=timedelta(seconds=150),
    poll_first=timedelta(seconds=2),
    notes=(
        "TikTok privacy defaults to SELF_ONLY",
        "TikTok videos are labelled as AI-generated unless ai_generated is false",
        "TikTok carousels take JPEG and WebP on Google Cloud Storage only",
        "a video without story becomes a Reel; media are uploaded before publishing",
    ),
)
