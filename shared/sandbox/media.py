"""The media host: small real files by extension, and what a URL says of its content."""

import base64
import re
from urllib.parse import urlsplit

from shared.sandbox.exchange import Answer, Request

#: A 1x1 file of each format, the smallest that decoders accept.
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8M"
    "CgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
)
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
_WEBP = base64.b64decode("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=")
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_MP4 = base64.b64decode(
    "AAAAIGZ0eXBpc29tAAACAGlzb21pc28yYXZjMW1wNDEAAAAIZnJlZQAAAAhtZGF0"
    "AAAAdG1vb3YAAABsbXZoZAAAAAAAAAAAAAAAAAAAA+gAAAAAAAEAAAEAAAAAAAAAAAAAAAABAAAAAAAAAAAA"
    "AAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI="
)

_FORMATS = {
    "jpg": ("image/jpeg", _JPEG),
    "jpeg": ("image/jpeg", _JPEG),
    "png": ("image/png", _PNG),
    "webp": ("image/webp", _WEBP),
    "gif": ("image/gif", _GIF),
    "mp4": ("video/mp4", _MP4),
    "mov": ("video/quicktime", _MP4),
    "webm": ("video/webm", _MP4),
    "m4v": ("video/x-m4v", _MP4),
    "avi": ("video/x-msvideo", _MP4),
    "heic": ("image/heic", _JPEG),
    "heif": ("image/heif", _JPEG),
    "pdf": ("application/pdf", b"%PDF-1.4\n%%EOF\n"),
}
_MAX_BYTES = 600_000_000
_MISSING = re.compile(r"/media/(missing|gone)\b")


def extension_of(url: str) -> str:
    """Take the extension of the path, lower-cased; empty when there is none."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def mime_of(url: str) -> str:
    return _FORMATS.get(extension_of(url), ("", b""))[0]


def kind_of(url: str) -> str:
    """`image`, `video`, `application`, or empty when the extension says nothing."""
    return mime_of(url).partition("/")[0]


class MediaHost:
    """Serves `/media/<anything>.<ext>[?bytes=N]`; names that begin with `missing` are not there."""

    def __init__(self) -> None:
        self.origin = ""

    def reachable(self, url: str) -> bool:
        """Only our own host can be asked; every other one is taken to answer."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            return parts.scheme in {"http", "https"} and bool(parts.netloc)
        return self._serves(parts.path)

    def serve(self, request: Request) -> Answer:
        if not self._serves(request.path):
            return Answer(404, {"error": "no such file"})
        mime, content = _FORMATS[extension_of(request.path)]
        size = min(int(request.query.get("bytes", "0")), _MAX_BYTES)
        return Answer(200, raw=content.ljust(size, b"\0"), content_type=mime)

    def _serves(self, path: str) -> bool:
        known = extension_of(path) in _FORMATS
        return path.startswith("/media/") and known and not _MISSING.match(path)
