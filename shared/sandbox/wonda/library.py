"""Wonda's media: uploads by form, one by id, and the list (D; shapes of reads A)."""

from dataclasses import dataclass
from datetime import datetime

from shared.sandbox.clock import iso_ms
from shared.sandbox.exchange import Answer, Json, Request
from shared.sandbox.media import extension_of
from shared.sandbox.multipart import Part, read_parts
from shared.sandbox.port import ProviderSandbox
from shared.sandbox.wonda.problem import invalid, not_found

_TYPES = {
    "image": ("jpeg", "png", "gif", "webp", "svg+xml"),
    "video": ("mp4", "webm", "quicktime", "x-msvideo"),
    "audio": ("mpeg", "mp3", "wav", "ogg", "webm", "aac", "m4a"),
}
_MIMES = {f"{kind}/{name}" for kind, names in _TYPES.items() for name in names}
_LONGEST_PAGE = 100
_SOURCES = {"user_upload", "model_generated", "editor_output", "scrape", "import"}
_STORES = {"gcs": "https://storage.googleapis.com/bucket", "s3": "https://bucket.s3.amazonaws.com"}


@dataclass(frozen=True, slots=True)
class Medium:
    """One uploaded file; its store shows only in the host of `url`."""

    id: str
    url: str
    mime: str
    filename: str
    sha256: str
    created_at: datetime

    @property
    def kind(self) -> str:
        return self.mime.partition("/")[0]

    @property
    def on_s3(self) -> bool:
        return self.url.startswith(_STORES["s3"])

    def upload_row(self) -> Json:
        return {"mediaId": self.id, "url": self.url, "mimeType": self.mime}

    def list_row(self) -> Json:
        size = None if self.kind == "audio" else 1080
        return self.upload_row() | {
            "kind": self.kind,
            "source": "user_upload",
            "width": size,
            "height": size,
            "durationMs": None if self.kind == "image" else 5000,
            "createdAt": iso_ms(self.created_at),
        }


class Library:
    """Every medium ever uploaded, by id."""

    def __init__(self, port: ProviderSandbox) -> None:
        self._port = port
        self._media: dict[str, Medium] = {}

    def find(self, media_id: str) -> Medium:
        medium = self._media.get(media_id)
        if medium is None:
            raise not_found("Media")
        return medium

    def attached(self, media_ids: list[str], account_id: str) -> tuple[Medium, ...]:
        """Find what a post names; `forget_media` loses all of it first."""
        if self._port.take("forget_media", "publish", account_id) is not None:
            for media_id in media_ids:
                self._media.pop(media_id, None)
        return tuple(self.find(media_id) for media_id in media_ids)

    def upload(self, request: Request) -> Answer:
        try:
            parts = [part for part in read_parts(request) if part.filename]
        except ValueError as wrong:
            return invalid(str(wrong))
        if not parts:
            return invalid("a file part is required")
        problems = {part.name: reason for part in parts if (reason := self._problem(part))}
        uploads = {part.name: self._keep(part) for part in parts if part.name not in problems}
        if len(parts) == 1:
            return self._one(uploads, problems)
        rows = {name: medium.upload_row() for name, medium in uploads.items()}
        return Answer(200, {"uploads": rows, **({"errors": problems} if problems else {})})

    def get(self, request: Request) -> Answer:
        return Answer(200, self.find(request.params["mediaId"]).list_row())

    def listed(self, request: Request) -> Answer:
        kind, source = request.query.get("kind"), request.query.get("source")
        limit = request.query.get("limit", "20")
        if kind not in {None, *_TYPES} or source not in {None, *_SOURCES}:
            return invalid("unknown kind or source")
        if not limit.isdigit() or not 1 <= int(limit) <= _LONGEST_PAGE:
            return invalid("limit must be between 1 and 100")
        newest_first = [m for m in reversed(self._media.values()) if kind in {None, m.kind}]
        shown = newest_first if source in {None, "user_upload"} else []
        return Answer(200, {"media": [medium.list_row() for medium in shown[: int(limit)]]})

    def _one(self, uploads: dict[str, Medium], problems: dict[str, str]) -> Answer:
        if problems:
            return invalid(next(iter(problems.values())))
        name, medium = next(iter(uploads.items()))
        row = medium.upload_row()
        return Answer(200, {**row, "uploads": {name: row}})

    def _problem(self, part: Part) -> str | None:
        """`refuse_upload` refuses the next part, or the one that its caption names."""
        if self._port.take("refuse_upload", "upload", caption=part.name) is not None:
            return "The file could not be stored."
        return None if part.content_type in _MIMES else f"Unsupported type {part.content_type}"

    def _keep(self, part: Part) -> Medium:
        on_s3 = self._port.take("s3_media", "upload", caption=part.filename) is not None
        media_id = self._port.world.new_uuid()
        name = f"{media_id}.{extension_of(part.filename) or part.content_type.split('/')[-1]}"
        medium = Medium(
            id=media_id,
            url=f"{_STORES['s3' if on_s3 else 'gcs']}/{name}",
            mime=part.content_type,
            filename=part.filename,
            sha256=part.sha256,
            created_at=self._port.world.clock.now(),
        )
        self._media[media_id] = medium
        return medium
