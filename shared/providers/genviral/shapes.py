"""What Genviral can publish, per platform and kind (sections 4 and 8 of its reference)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from shared.domain.capabilities import (
    Capabilities,
    FileRules,
    LostAnswer,
    Shape,
    Source,
    Uploads,
)
from shared.domain.post import Kind
from shared.domain.text import Unit

#: One slideshow takes 1 to 35 files (D), on Instagram ten (A), on X and Bluesky four (A).
SLIDES_MAX = 35

_IMAGES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic", "heif"})
_VIDEOS = frozenset({"mp4", "mov", "m4v", "avi"})


#: Older versions of the service refuse other durations, where they know them (D).
_FILES = FileRules(
    video_bytes_max=100 * 1024 * 1024 - 1,
    video_shortest=timedelta(seconds=15),
    video_longest=timedelta(seconds=60),
    duration_is_doubtful=True,
)


def _shapes(base: Shape, slides_max: int, *, text: bool = False) -> dict[Kind, Shape]:
    options = base.options | {"video_duration_s"}
    video = replace(base, formats=_VIDEOS, options=options, files=_FILES)
    shapes = {
        Kind.IMAGE: replace(base, formats=_IMAGES),
        Kind.CAROUSEL: replace(base, media_min=2, media_max=slides_max, formats=_IMAGES),
        Kind.VIDEO: video,
    }
    if text:
        shapes[Kind.TEXT] = replace(base, media_min=0, media_max=0, caption_required=True)
    return shapes


#: What goes into the `tiktok` object, which only accounts of one's own (`byo`) take (D).
TIKTOK_OPTIONS = frozenset(
    {
        "description",
        "post_mode",
        "privacy",
        "allow_comment",
        "allow_duet",
        "allow_stitch",
        "auto_add_music",
        "disclose_commercial",
        "branded_content",
        "brand_organic",
        "user_consent",
    }
)

#: `settings` is passed through as the provider's own settings of that platform (D).
_FREE = frozenset({"settings"})

_TIKTOK_VIDEO = Shape(
    caption_max=2200,
    title_max=150,
    options=TIKTOK_OPTIONS | {"music_url", "video_duration_s"},
    files=_FILES,
)
#: A photo post's caption is TikTok's description (D); only slideshows go to the inbox (D).
_TIKTOK_PHOTOS = replace(
    _TIKTOK_VIDEO,
    caption_max=4000,
    caption_unit=Unit.UTF16,
    options=TIKTOK_OPTIONS | {"music_url"},
    inbox=True,
    formats=_IMAGES,
)
_TIKTOK = {
    Kind.IMAGE: _TIKTOK_PHOTOS,
    Kind.CAROUSEL: replace(_TIKTOK_PHOTOS, media_min=2, media_max=SLIDES_MAX),
    Kind.VIDEO: replace(_TIKTOK_VIDEO, formats=_VIDEOS),
}

_PINTEREST = Shape(caption_max=800, title_max=100, options=frozenset({"board_id", "link", "tags"}))
_YOUTUBE = Shape(
    caption_max=5000, caption_unit=Unit.BYTES, title_max=100, options=_FREE | {"visibility"}
)
_X = Shape(caption_max=280, caption_unit=Unit.WEIGHTED, options=_FREE)

_PLATFORMS: Mapping[str, Mapping[Kind, Shape]] = {
    "tiktok": _TIKTOK,
    "instagram": _shapes(Shape(caption_max=2200, options=_FREE), 10),
    "facebook": _shapes(Shape(caption_max=63_206, options=_FREE), SLIDES_MAX, text=True),
    "linkedin": _shapes(Shape(caption_max=3000, options=_FREE), SLIDES_MAX, text=True),
    "pinterest": _shapes(_PINTEREST, SLIDES_MAX),
    "youtube": {Kind.VIDEO: _shapes(_YOUTUBE, 0)[Kind.VIDEO]},
    "x": _shapes(_X, 4, text=True),
    "bluesky": _shapes(Shape(caption_max=300, options=_FREE), 4, text=True),
}

CAPABILITIES = Capabilities(
    shapes={
        (platform, kind): shape
        for platform, kinds in _PLATFORMS.items()
        for kind, shape in kinds.items()
    },
    sources=frozenset({Source.URL, Source.PATH}),
    uploads=Uploads(path=1),
    lost_answer=LostAnswer.REPLAY,
    cancel=True,
    history=True,
    drafts_per_day=5,
    status_batch=100,
    poll_first=timedelta(seconds=10),
    #: The life of a key is not documented (D); an hour is what we trust it to have.
    replay_window=timedelta(hours=1),
    notes=(
        "TikTok: public unless options.privacy says otherwise, unlike at Wonda and WAHDX",
        "TikTok's own options are for byo accounts only; hosted accounts take 500 characters",
        "posts go out when its worker comes by, about every five minutes",
        "inbox mode (slideshows only) ends in the TikTok drafts and has no public address",
        "cancelling a post that has failed or waits removes it",
    ),
)
