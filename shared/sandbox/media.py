"""The media host: small real files by extension, and what a URL says of its content."""

import re
from urllib.parse import urlsplit

from shared.sandbox.exchange import Answer, Request
from shared.sandbox.samples import FORMATS, sample

_MAX_BYTES = 600_000_000
_MISSING = re.compile(r"/media/(missing|gone)\b")


def extension_of(url: str) -> str:
    """Take the extension of the path, lower-cased; empty when there is none."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def mime_of(url: str) -> str:
    return FORMATS.get(extension_of(url), ("", b""))[0]


def kind_of(url: str) -> str:
    """`image`, `video`, `application`, or empty when the extension says nothing."""
    return mime_of(url).partition("/")[0]


class MediaHost:
    """Serves `/media/<name>.<ext>[?bytes=N]`, except names that begin with `missing` or `gone`."""

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
        wanted = request.query.get("bytes", "0")
        size = min(int(wanted), _MAX_BYTES) if wanted.isdigit() else 0
        name = request.path.removeprefix("/media/")
        content = sample(extension_of(request.path), name, size)
        return Answer(200, raw=content, content_type=mime_of(request.path))

    def _serves(self, path: str) -> bool:
        known = extension_of(path) in FORMATS
        return path.startswith("/media/") and known and not _MISSING.match(path)
