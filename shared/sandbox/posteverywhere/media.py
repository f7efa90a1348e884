"""The media shelf: imports by URL, presigned uploads, and videos that take a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.media import mime_of
from shared.sandbox.multipart import read_parts
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.posteverywhere.wire import Envelope

_MB = 1_000_000
#: Types the service takes (D), and what it calls them.
TYPES = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/gif": "image",
    "image/webp": "image",
    "image/heic": "image",
    "image/heif": "image",
    "video/mp4": "video",
    "application/pdf": "document",
}
_MAX_UPLOAD = {"image": 20 * _MB, "video": 500 * _MB, "document": 20 * _MB}
_MAX_IMPORT = {"image": 25 * _MB, "video": 500 * _MB}
#: How long an upload address lives (A).
_UPLOAD_LIFE = timedelta(minutes=15)
_SIZE_UNKNOWN = 1024


@dataclass(slots=True)
class Media:
    """One file: `ready_at` is None until its bytes are here."""

    media_id: str
    kind: str
    filename: str
    content_type: str
    size: int
    created_at: datetime
    expires_at: datetime
    ready_at: datetime | None = None
    source_url: str | None = None
    received: bool = False
    failure: str | None = None

    def status_at(self, now: datetime) -> str:
        if self.failure is not None:
            return "failed"
        return "ready" if self.ready_at is not None and self.ready_at <= now else "uploading"

    def brief(self) -> Json:
        """Describe it as posts do; a real service knows the pixels."""
        width, height = (None, None) if self.kind == "document" else (1080, 1350)
        sizes: Json = {"width": width, "height": height, "duration": None}
        return {"media_id": self.media_id, "type": self.kind, **sizes}


class Shelf:
    """All media of the key, and the endpoints under `/media`."""

    def __init__(self, sandbox: ProviderSandbox, envelope: Envelope) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._envelope = envelope
        self._kept: dict[str, Media] = {}

    def find(self, media_id: str) -> Media | None:
        return self._kept.get(media_id)

    def forget(self, media_ids: list[Any]) -> None:
        """Lose files, as a service may that keeps them for a while only."""
        for media_id in media_ids:
            self._kept.pop(media_id, None)

    def is_ready(self, media: Media) -> bool:
        return media.status_at(self._world.clock.now()) == "ready"

    def import_url(self, request: Request) -> Answer:
        fields = self._envelope.fields(request)
        url, filename = fields.needed("url"), fields.text("filename")
        fields.close()
        kind, size = self._importable(url), _size_of(url)
        if size > _MAX_IMPORT[kind]:
            raise self._envelope.invalid(f"The file is larger than {_MAX_IMPORT[kind]} bytes.")
        name = filename or urlsplit(url).path.rsplit("/", 1)[-1]
        media = self._keep(name, mime_of(url), size)
        media.source_url, media.received = url, True
        self._settle(media)
        return self._envelope.success(self._described(media), 201)

    def presign(self, request: Request) -> Answer:
        fields = self._envelope.fields(request)
        filename, content_type = fields.needed("filename"), fields.needed("content_type")
        size = fields.number("file_size")
        size = fields.number("size") if size is None else size
        fields.close()
        if content_type not in TYPES:
            raise self._envelope.no(
                415, "unsupported_media_type", f"{content_type} is not supported."
            )
        self._check_size(TYPES[content_type], size)
        media = self._keep(filename, content_type, size or 0)
        return self._envelope.success(self._ticket(media), 201)

    def receive(self, request: Request) -> Answer:
        """Take the bytes, as the storage behind the upload address does."""
        media = self._kept.get(request.params["media_id"])
        if media is None or self._world.clock.now() >= media.expires_at:
            return Answer(403, {"error": "the upload address is unknown or has expired"})
        if request.method != _upload_method(media):
            return Answer(405, {"error": f"use {_upload_method(media)}"})
        size = _form_size(request) if request.method == "POST" else _body_size(request, media)
        if size is None or size != media.size:
            return Answer(400, {"error": "the content is not what was announced"})
        media.received = True
        return Answer(204)

    def complete(self, request: Request) -> Answer:
        media = self._asked(request)
        if not media.received:
            raise self._envelope.no(404, "not_found", "File not found. Upload it first.")
        if media.ready_at is None:
            self._settle(media)
        described = self._described(media)
        return self._envelope.success(described | {"status": self._status(media)})

    def read(self, request: Request) -> Answer:
        return self._envelope.success(self._described(self._asked(request)))

    def listed(self, request: Request, limit: int, offset: int) -> Answer:
        kind = request.query.get("type")
        if kind not in {None, "image", "video", "document"}:
            raise self._envelope.invalid("type must be image, video or document")
        newest_first = reversed(self._kept.values())
        chosen = [media for media in newest_first if kind in {None, media.kind}]
        page = [self._described(media) for media in chosen[offset : offset + limit]]
        return self._envelope.success({"media": page})

    def delete(self, request: Request, *, in_use: bool) -> Answer:
        media = self._asked(request)
        if in_use and request.query.get("force") != "true":
            message = "Scheduled posts use this media. Pass force=true to delete it anyway."
            raise self._envelope.no(409, "media_in_use", message)
        del self._kept[media.media_id]
        return self._envelope.success({"media_id": media.media_id, "deleted": True})

    def _importable(self, url: str) -> str:
        world = self._world
        if not url.startswith(("https://", f"{world.media.origin}/")):
            raise self._envelope.invalid("url must be a public HTTPS address")
        if not world.media.reachable(url):
            raise self._envelope.invalid(f"{url} could not be fetched")
        kind = TYPES.get(mime_of(url), "")
        old_service = self._sandbox.switched_on("no_video_import") is not None
        if kind not in _MAX_IMPORT or (kind == "video" and old_service):
            message = "This media type cannot be imported by URL."
            raise self._envelope.no(415, "unsupported_media_type", message)
        return kind

    def _check_size(self, kind: str, size: int | None) -> None:
        if size is None or not 0 < size <= _MAX_UPLOAD[kind]:
            most = _MAX_UPLOAD[kind]
            raise self._envelope.invalid(f"file_size of a {kind} must be 1 to {most} bytes")

    def _keep(self, filename: str, content_type: str, size: int) -> Media:
        now = self._world.clock.now()
        media = Media(
            media_id=self._world.new_uuid(),
            kind=TYPES[content_type],
            filename=filename,
            content_type=content_type,
            size=size,
            created_at=now,
            expires_at=self._world.clock.after(_UPLOAD_LIFE),
        )
        self._kept[media.media_id] = media
        return media

    def _settle(self, media: Media) -> None:
        """Images are ready at once, videos after a while; `fail_media` spoils one."""
        wait = self._world.media_delay if media.kind == "video" else timedelta(0)
        media.ready_at = self._world.clock.after(wait)
        fault = self._sandbox.take("fail_media", "upload")
        if fault is not None:
            media.failure = fault.message or "The file could not be read."

    def _asked(self, request: Request) -> Media:
        media = self._kept.get(request.params["media_id"])
        if media is None:
            raise self._envelope.missing("Media", request.params["media_id"])
        return media

    def _status(self, media: Media) -> str:
        return media.status_at(self._world.clock.now())

    def _described(self, media: Media) -> Json:
        old = self._sandbox.switched_on("old_shapes") is not None
        ready = self._status(media) == "ready"
        return {
            "media_id": media.media_id,
            "media_ids": [media.media_id],
            "upload_status" if old else "media_status": self._status(media),
            "type": media.kind,
            "url": f"https://cdn.example.com/{media.media_id}/{media.filename}",
            "filename": media.filename,
            "size": media.size,
            "content_type": media.content_type,
            "source_url": media.source_url,
            "error_message": media.failure,
            "created_at": iso_ms(media.created_at),
            "next_step": "Attach it with media_ids." if ready else "Poll until it is ready.",
        }

    def _ticket(self, media: Media) -> Json:
        return {
            "media_id": media.media_id,
            "media_ids": [media.media_id],
            "upload_url": f"{self._world.origin}{self._sandbox.prefix}/uploads/{media.media_id}",
            "upload_method": _upload_method(media),
            "provider": "sandbox",
            "expires_in": int(_UPLOAD_LIFE.total_seconds()),
            "next_step": f"Upload the file, then POST /media/{media.media_id}/complete.",
        }


def _upload_method(media: Media) -> str:
    """Images go as a form, everything else as the bare bytes (D)."""
    return "POST" if media.kind == "image" else "PUT"


def _form_size(request: Request) -> int | None:
    try:
        parts = read_parts(request)
    except ValueError:
        return None
    return next((part.size for part in parts if part.name == "file"), None)


def _body_size(request: Request, media: Media) -> int | None:
    if request.content_type != media.content_type:
        return None
    return request.stream.seek(0, 2)


def _size_of(url: str) -> int:
    return int(parse_qs(urlsplit(url).query).get("bytes", [str(_SIZE_UNKNOWN)])[0])
