"""What WAHDX takes: the sheet's limits as capabilities."""

from datetime import timedelta

from shared.domain.capabilities import Capabilities, FileRules, LostAnswer, Shape, Source
from shared.domain.post import Kind

_PHOTOS = frozenset({"jpg", "jpeg", "png", "webp"})
_TIKTOK_VIDEOS = frozenset({"mp4", "mov", "webm"})
_VIDEOS = _TIKTOK_VIDEOS | {"m4v", "avi"}

#: The most photos of a post: TikTok and Instagram S, the others A.
_PHOTOS_MAX = {"tiktok": 35, "instagram": 10, "threads": 20, "facebook": 10}

#: The longest text: TikTok S, the others A.
_TEXT_MAX = {"tiktok": 4000, "instagram": 2200, "threads": 500, "facebook": 63_206}

#: A headline of TikTok photos; a longer one is cut without a word (S).
_TITLE_MAX = 90

_MB = 1024 * 1024

#: Videos S; photos D, from an older page. Read as binary megabytes, which refuses less.
_FILES = FileRules(
    image_bytes_max=20 * _MB,
    video_bytes_max=500 * _MB,
    video_shortest=timedelta(seconds=3),
    video_longest=timedelta(minutes=10),
)

_TIKTOK_OPTIONS = frozenset({"privacy", "post_mode", "allow_comment", "ai_generated"})
_TIKTOK_PHOTO_OPTIONS = _TIKTOK_OPTIONS | {"cover_index", "auto_add_music"}
_TIKTOK_VIDEO_OPTIONS = _TIKTOK_OPTIONS | {"allow_duet", "allow_stitch", "cover_timestamp_ms"}


def _photos(platform: str, kind: Kind) -> Shape:
    on_tiktok = platform == "tiktok"
    several = kind is Kind.CAROUSEL
    return Shape(
        media_min=2 if several else 1,
        media_max=_PHOTOS_MAX[platform] if several else 1,
        formats=_PHOTOS,
        files=_FILES,
        caption_max=_TEXT_MAX[platform],
        title_max=_TITLE_MAX if on_tiktok else 0,
        options=_TIKTOK_PHOTO_OPTIONS if on_tiktok else _elsewhere(platform),
        inbox=on_tiktok,
    )


def _video(platform: str) -> Shape:
    on_tiktok = platform == "tiktok"
    return Shape(
        formats=_TIKTOK_VIDEOS if on_tiktok else _VIDEOS,
        files=_FILES,
        caption_max=_TEXT_MAX[platform],
        options=_TIKTOK_VIDEO_OPTIONS if on_tiktok else _elsewhere(platform),
        inbox=on_tiktok,
    )


def _elsewhere(platform: str) -> frozenset[str]:
    return frozenset({"share_to_feed"} if platform == "instagram" else ())


def _shapes() -> dict[tuple[str, Kind], Shape]:
    photos = {
        (platform, kind): _photos(platform, kind)
        for platform in _PHOTOS_MAX
        for kind in (Kind.CAROUSEL, Kind.IMAGE)
    }
    return photos | {(platform, Kind.VIDEO): _video(platform) for platform in _PHOTOS_MAX}


CAPABILITIES = Capabilities(
    shapes=_shapes(),
    sources=frozenset({Source.URL}),
    lost_answer=LostAnswer.HOLD,
    cancel=False,
    history=False,
    creators=frozenset({"tiktok"}),
    linking=True,
    #: All but TikTok answer with the finished post (S).
    synchronous=frozenset(shape for shape in _shapes() if shape[0] != "tiktok"),
    job_deadline=timedelta(minutes=5),
    #: A synchronous call can be slow and its answer cannot be looked up: at least 180 s (A).
    publish_timeout=timedelta(seconds=200),
    #: The most checks of one call (A).
    status_batch=50,
    #: TikTok allows 30 status reads a minute and creator; at least 5 s apart for one publish (D).
    poll_first=timedelta(seconds=5),
    notes=(
        "TikTok privacy defaults to SELF_ONLY",
        "media by public URL only, with the file's extension in its path",
        "a lost answer cannot be looked up: a person decides",
        "TikTok video drafts ignore caption, privacy and every other setting",
    ),
)
