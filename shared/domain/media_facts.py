"""What a media file is, as its first bytes and the answer's headers tell."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.post import IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, MediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What is known of one file; what nothing told is None or ''."""

    #: The usual extension of its format: jpg, png, gif, webp, heic, svg, mp4, mov, m4v, webm, avi.
    format: str = ""
    width: int | None = None
    height: int | None = None
    duration: timedelta | None = None
    size_bytes: int | None = None
    #: The `Content-Type` it is served with, in lower case and without parameters.
    content_type: str = ""

    @property
    def type(self) -> MediaType:
        """Image or video: by the bytes, else by the header."""
        if self.format in IMAGE_EXTENSIONS:
            return MediaType.IMAGE
        if self.format in VIDEO_EXTENSIONS:
            return MediaType.VIDEO
        words = {"image": MediaType.IMAGE, "video": MediaType.VIDEO}
        return words.get(self.content_type.partition("/")[0], MediaType.UNKNOWN)
