"""What PostEverywhere can publish, per platform and kind (sections 4 and 8 of its reference)."""

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
from shared.domain.limit import Call, Limit
from shared.domain.post import Kind
from shared.domain.text import Unit

_IMAGES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic", "heif"})
#: Video is MP4 only (D).
_VIDEO = frozenset({"mp4"})


_MB = 1024 * 1024
#: The service's own caps (D): images imported by URL may have 25 MB, uploaded ones 20 MB.
_IMAGE_MB, _VIDEO_MB = 25, 500


def _files(image_mb: int, video_mb: int, shortest: timedelta, longest: timedelta) -> FileRules:
    """Return a platform's caps within the service's own, in binary megabytes."""
    return FileRules(
        image_bytes_max=min(image_mb, _IMAGE_MB) * _MB,
        video_bytes_max=min(video_mb, _VIDEO_MB) * _MB,
        video_shortest=shortest,
        video_longest=longest,
    )


#: Section 8's table (D).
_FILES: Mapping[str, FileRules] = {
    "x": _files(5, 512, timedelta(seconds=0.5), timedelta(seconds=140)),
    "instagram": _files(8, 100, timedelta(seconds=3), timedelta(minutes=15)),
    "facebook": _files(4, 1024, timedelta(seconds=1), timedelta(hours=4)),
    "linkedin": _files(20, 5120, timedelta(seconds=3), timedelta(minutes=10)),
    "threads": _files(8, 100, timedelta(seconds=1), timedelta(minutes=5)),
    "tiktok": replace(
        _files(2, 500, timedelta(seconds=1), timedelta(minutes=10)), video_ratio=(9, 16)
    ),
    "youtube": _files(_IMAGE_MB, 256 * 1024, timedelta(seconds=1), timedelta(hours=12)),
    "pinterest": _files(20, 2048, timedelta(seconds=4), timedelta(minutes=15)),
}


def _shapes(
    text: Shape, carousel_max: int, *kinds: Kind, video: Shape | None = None
) -> dict[Kind, Shape]:
    """Spread a platform's rules over its kinds; `carousel_max` is A throughout."""
    every = {
        Kind.TEXT: replace(text, media_min=0, media_max=0, caption_required=True),
        Kind.IMAGE: replace(text, formats=_IMAGES),
        Kind.CAROUSEL: replace(text, media_min=2, media_max=carousel_max, formats=_IMAGES),
        Kind.VIDEO: replace(video or text, formats=_VIDEO),
        Kind.STORY: replace(text, formats=_IMAGES | _VIDEO),
    }
    return {kind: every[kind] for kind in kinds}


_POSTS = (Kind.TEXT, Kind.IMAGE, Kind.CAROUSEL, Kind.VIDEO)
_MEDIA_POSTS = (Kind.IMAGE, Kind.CAROUSEL, Kind.VIDEO)

_INSTAGRAM = Shape(caption_max=2200, hashtags_max=30)
_REEL = replace(_INSTAGRAM, options=frozenset({"cover_timestamp_ms", "trial_reel"}))
_FACEBOOK = Shape(caption_max=63_206)
_TIKTOK = Shape(
    caption_max=4000,
    options=frozenset({"privacy", "allow_comment", "allow_duet", "allow_stitch"}),
)
_YOUTUBE = Shape(
    caption_max=5000,
    title_max=100,
    title_required=True,
    options=frozenset({"video_type", "visibility"}),
)
_PINTEREST = Shape(
    caption_max=500,
    title_max=100,
    options=frozenset({"board_id", "link"}),
    required_options=frozenset({"board_id"}),
)

_PLATFORMS: Mapping[str, dict[Kind, Shape]] = {
    "instagram": _shapes(_INSTAGRAM, 10, *_MEDIA_POSTS, Kind.STORY, video=_REEL),
    "facebook": _shapes(
        _FACEBOOK,
        10,
        *_POSTS,
        Kind.STORY,
        video=replace(_FACEBOOK, options=frozenset({"video_type"})),
    ),
    "x": _shapes(Shape(caption_max=280, caption_unit=Unit.WEIGHTED), 4, *_POSTS),
    "linkedin": _shapes(Shape(caption_max=3000), 20, *_POSTS),
    "threads": _shapes(Shape(caption_max=500), 20, *_POSTS),
    "tiktok": _shapes(_TIKTOK, 35, *_MEDIA_POSTS),
    "youtube": _shapes(_YOUTUBE, 0, Kind.VIDEO),
    "pinterest": _shapes(_PINTEREST, 5, *_MEDIA_POSTS),
}

#: The one alt text there is belongs to a post, so only a post of one image has a use for it (D).
_PLATFORMS["instagram"][Kind.IMAGE] = replace(_INSTAGRAM, formats=_IMAGES, alt_text_max=100)
#: Only Instagram mixes images and videos (A).
_PLATFORMS["instagram"][Kind.CAROUSEL] = replace(
    _INSTAGRAM, media_min=2, media_max=10, formats=_IMAGES | _VIDEO, mixing=True
)

CAPABILITIES = Capabilities(
    shapes={
        (platform, kind): replace(shape, files=_FILES[platform])
        for platform, kinds in _PLATFORMS.items()
        for kind, shape in kinds.items()
    },
    sources=frozenset({Source.URL, Source.PATH, Source.ID}),
    uploads=Uploads(url=1, path=2),
    lost_answer=LostAnswer.SEARCH,
    cancel=True,
    history=True,
    status_batch=100,
    poll_first=timedelta(seconds=10),
    notes=(
        "an account that is not healthy is accepted and then fails: can_post is what counts",
        "TikTok: comments, duets and stitches are allowed unless the options say otherwise",
        "an Instagram video is published as a Reel; options.trial_reel makes it a Trial Reel",
        "Facebook: options.video_type = Short publishes a Reel",
        "cancelling removes the record; what a platform has already shown stays there",
    ),
)

#: Sources disagree on the figures (D); the answers' own headers correct them.
LIMITS = (
    Limit(requests=60, per=timedelta(minutes=1)),
    Limit(requests=1000, per=timedelta(hours=1)),
    Limit(requests=20, per=timedelta(minutes=1), calls=frozenset({Call.PUBLISH})),
)
