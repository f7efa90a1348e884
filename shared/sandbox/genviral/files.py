"""Genviral's file store: upload addresses that live ten minutes, and the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.fields import Fields
from shared.sandbox.genviral.wire import invalid_payload, no, payload_failure, success
from shared.sandbox.port import ProviderSandbox

#: The types the upload takes (D).
CONTENT_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/heic",
        "image/heif",
        "video/mp4",
        "video/quicktime",
        "video/x-msvideo",
        "video/webm",
        "video/x-m4v",
    }
)
_DURATIONS = ("duration_seconds", "duration", "durationSec", "video_duration_sec")
_LIFE = timedelta(minutes=10)
_LIMIT_MOST = 100


@dataclass(slots=True)
class File:
    """One file; its `url` answers once the bytes are here."""

    file_id: str
    url: str
    filename: str
    content_type: str
    created_at: datetime
    expires_at: datetime
    size: int | None = None

    def as_json(self) -> Json:
        return {
            "id": self.file_id,
            "url": self.url,
            "contentType": self.content_type,
            "filename": self.filename,
            "size": self.size,
            "createdAt": iso_ms(self.created_at),
        }


class FileStore:
    """All files of the key."""

    def __init__(self, sandbox: ProviderSandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._kept: dict[str, File] = {}

    def forget(self, urls: Sequence[str]) -> None:
        """Lose files whose addresses these are; the addresses answer no more."""
        for file in self._kept.values():
            if file.url in urls:
                file.size = None

    def is_reachable(self, url: str) -> bool:
        own = next((file for file in self._kept.values() if file.url == url), None)
        return own.size is not None if own else self._world.media.reachable(url)

    def create(self, request: Request) -> Answer:
        fields = Fields.of(request, payload_failure)
        content_type, filename = fields.needed("contentType"), fields.needed("filename")
        fields.number("size")
        for name in _DURATIONS:
            fields.number(name)
        fields.close()
        if content_type not in CONTENT_TYPES:
            raise invalid_payload(f"contentType {content_type} is not supported")
        file = self._keep(content_type, filename)
        upload_url = f"{self._world.origin}{self._sandbox.prefix}/uploads/{file.file_id}"
        contents = {
            "uploadUrl": upload_url,
            "url": file.url,
            "contentType": content_type,
            "expiresIn": int(_LIFE.total_seconds()),
        }
        return success("Upload URL generated", contents, 201)

    def receive(self, request: Request) -> Answer:
        """Take the bytes, as the storage behind the upload address does."""
        file = self._kept.get(request.params["file_id"])
        if file is None or self._world.clock.now() >= file.expires_at:
            return Answer(403, {"error": "the upload address is unknown or has expired"})
        if "authorization" in request.headers:
            return Answer(400, {"error": "only one way of authorisation is allowed"})
        if request.content_type != file.content_type:
            return Answer(403, {"error": "the content type is not the announced one"})
        file.size = request.stream.seek(0, 2)
        return Answer(200)

    def listed(self, request: Request) -> Answer:
        limit, offset = _number(request, "limit", 50), _number(request, "offset", 0)
        kind = request.query.get("type")
        if not 1 <= limit <= _LIMIT_MOST or kind not in {None, "image", "video"}:
            raise invalid_payload("limit is 1 to 100, type is image or video")
        files = [
            file
            for file in reversed(self._kept.values())
            if file.size is not None and file.content_type.startswith(kind or "")
        ]
        contents = {
            "files": [file.as_json() for file in files[offset : offset + limit]],
            "total": len(files),
            "limit": limit,
            "offset": offset,
        }
        return success("Files retrieved", contents)

    def _keep(self, content_type: str, filename: str) -> File:
        file_id = self._world.new_uuid()
        file = File(
            file_id=file_id,
            url=f"https://cdn.example.com/partner-api/{file_id}/{filename}",
            filename=filename,
            content_type=content_type,
            created_at=self._world.clock.now(),
            expires_at=self._world.clock.after(_LIFE),
        )
        self._kept[file_id] = file
        return file


def _number(request: Request, name: str, default: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isdigit():
        raise no(422, "invalid_payload", f"{name} must be a number")
    return int(value)
