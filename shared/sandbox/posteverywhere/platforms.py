"""What each platform accepts by way of PostEverywhere, as its `/platform-rules` would say."""

from dataclasses import dataclass, field
from datetime import timedelta

from shared.sandbox.exchange import Json

_MB = 1_000_000
PRIVACY_LEVELS = frozenset(
    {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}
)


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """Sizes, lengths and the option names of one platform (D); `max_images` is A."""

    max_text: int
    max_images: int
    max_image_bytes: int
    max_video_bytes: int
    min_length: timedelta
    max_length: timedelta
    needs_media: bool = False
    needs_video: bool = False
    mixes: bool = False
    max_hashtags: int | None = None
    content_types: frozenset[str] = frozenset()
    #: What each known setting must be; a platform without any has its settings unread.
    settings: dict[str, type | tuple[type, ...]] = field(default_factory=dict)
    needed_setting: str | None = None

    def as_json(self) -> Json:
        return {
            "text": {"max_length": self.max_text, "max_hashtags": self.max_hashtags},
            "media": {
                "required": self.needs_media or self.needs_video,
                "max_images": self.max_images,
                "max_image_bytes": self.max_image_bytes,
                "max_video_bytes": self.max_video_bytes,
                "mixing": self.mixes,
            },
            "content_types": sorted(self.content_types),
        }


def _spans(least_s: float, most: timedelta) -> tuple[timedelta, timedelta]:
    return timedelta(seconds=least_s), most


_MINUTES_10, _MINUTES_15 = timedelta(minutes=10), timedelta(minutes=15)

RULES: dict[str, PlatformRules] = {
    "x": PlatformRules(280, 4, 5 * _MB, 512 * _MB, *_spans(0.5, timedelta(seconds=140))),
    "instagram": PlatformRules(
        2200,
        10,
        8 * _MB,
        100 * _MB,
        *_spans(3, _MINUTES_15),
        needs_media=True,
        mixes=True,
        max_hashtags=30,
        content_types=frozenset({"Post", "Story", "Reels", "Trial Reel"}),
        settings={"altText": str, "coverPhotoTimestamp": (int, float)},
    ),
    "facebook": PlatformRules(
        63_206,
        10,
        4 * _MB,
        1_000 * _MB,
        *_spans(1, timedelta(hours=4)),
        content_types=frozenset({"Post", "Reels", "Story"}),
    ),
    "linkedin": PlatformRules(3000, 20, 20 * _MB, 5_000 * _MB, *_spans(3, _MINUTES_10)),
    "threads": PlatformRules(500, 20, 8 * _MB, 100 * _MB, *_spans(1, timedelta(minutes=5))),
    "tiktok": PlatformRules(
        4000,
        35,
        2 * _MB,
        500 * _MB,
        *_spans(1, _MINUTES_10),
        needs_media=True,
        settings={
            "privacyLevel": str,
            "allowComments": bool,
            "allowDuet": bool,
            "allowStitch": bool,
        },
    ),
    "youtube": PlatformRules(
        5000,
        0,
        0,
        256_000 * _MB,
        *_spans(1, timedelta(hours=12)),
        needs_video=True,
        content_types=frozenset({"Video", "Short"}),
        settings={"title": str, "privacyStatus": str},
        needed_setting="title",
    ),
    "pinterest": PlatformRules(
        500,
        5,
        20 * _MB,
        2_000 * _MB,
        *_spans(4, _MINUTES_15),
        needs_media=True,
        settings={"boardId": str, "link": str, "title": str},
        needed_setting="boardId",
    ),
}
#: The longest text of a setting (D).
LONGEST_SETTING = {"altText": 100, "title": 100}
