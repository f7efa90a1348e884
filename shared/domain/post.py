"""A post: what goes out, as whom. Everything a provider call needs and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit


class Kind(StrEnum):
    """The sort of post."""

    CAROUSEL = "carousel"
    IMAGE = "image"
    VIDEO = "video"
    STORY = "story"
    TEXT = "text"


class MediaType(StrEnum):
    """What a file is, as far as its extension tells."""

    IMAGE = "image"
    VIDEO = "video"
    UNKNOWN = "unknown"


IMAGE_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "svg"})
#: Characters of a content hash that are the likeness; as many follow.
LIKENESS_LENGTH = 32

_SORTED = json.JSONEncoder(sort_keys=True, ensure_ascii=False)

VIDEO_EXTENSIONS = frozenset({"mp4", "mov", "webm", "m4v", "avi"})


@lru_cache(maxsize=1024)
def _extension(url: str | None, path: str | None) -> str:
    # Asked for several times a file, and every job of a campaign has files.
    name = urlsplit(url).path if url else path or ""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


@dataclass(frozen=True, slots=True)
class Media:
    """One file: by URL, by path here, or by the provider's own id; exactly one is set."""

    url: str | None = None
    path: str | None = None
    id: str | None = None

    @property
    def extension(self) -> str:
        """The lower-case extension of the URL's path (before `?`) or of the file; else ''."""
        return _extension(self.url, self.path)

    @property
    def type(self) -> MediaType:
        if self.extension in IMAGE_EXTENSIONS:
            return MediaType.IMAGE
        if self.extension in VIDEO_EXTENSIONS:
            return MediaType.VIDEO
        return MediaType.UNKNOWN

    def to_json(self) -> str | dict[str, str]:
        if self.url is not None:
            return self.url
        return {"id": self.id} if self.id is not None else {"path": self.path or ""}

    @classmethod
    def from_json(cls, value: str | Mapping[str, str]) -> "Media":
        if isinstance(value, str):
            return cls(url=value)
        return cls(id=value.get("id"), path=value.get("path"), url=value.get("url"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post for one account."""

    platform: str
    account_id: str
    kind: Kind
    caption: str = ""
    title: str = ""
    media: tuple[Media, ...] = ()
    #: Parallel to `media`; an empty string where one file has none.
    alt_texts: tuple[str, ...] = ()
    #: Names from shared.domain.options; checked against the provider's capabilities.
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def containers(self) -> int:
        """How many media containers the post makes at Instagram or Threads.

        There a post is made of containers before it is published, one for each slide of a
        carousel and one that holds them; every other post is a single one.
        """
        return len(self.media) + 1 if self.kind is Kind.CAROUSEL else 1

    @property
    def inbox(self) -> bool:
        """Whether the post is meant for the creator's inbox instead of the public."""
        return self.options.get("post_mode") == "inbox"

    def to_json(self) -> dict[str, Any]:
        return {
            "platform": self.platform,
            "account_id": self.account_id,
            "kind": str(self.kind),
            "caption": self.caption,
            "title": self.title,
            "media": [media.to_json() for media in self.media],
            "alt_texts": list(self.alt_texts),
            "options": dict(self.options),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Post":
        return cls(
            platform=value["platform"],
            account_id=value["account_id"],
            kind=Kind(value["kind"]),
            caption=value["caption"],
            title=value["title"],
            media=tuple(Media.from_json(each) for each in value["media"]),
            alt_texts=tuple(value["alt_texts"]),
            options=dict(value["options"]),
        )

    @property
    def content_hash(self) -> str:
        """Equal for equal posts; it begins with the likeness."""
        return self.likeness + _digest(_SORTED.encode(self.to_json()))

    @property
    def likeness(self) -> str:
        """Equal for posts of one account that a provider's list need not tell apart.

        Lists show the text; not all of them show the media, and those that do may leave it out.
        """
        return _digest(f"{self.platform}\n{self.account_id}\n{' '.join(self.caption.split())}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:LIKENESS_LENGTH]


def infer_kind(media: tuple[Media, ...]) -> Kind | None:
    """Return the kind the media suggest, or None where a single file does not tell."""
    if not media:
        return Kind.TEXT
    if len(media) > 1:
        return Kind.CAROUSEL
    return {MediaType.IMAGE: Kind.IMAGE, MediaType.VIDEO: Kind.VIDEO}.get(media[0].type)
