"""A local copy of a media file, for providers that want bytes: streamed, checked, cleaned up."""

import contextlib
import ipaddress
import mimetypes
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from shared.domain.outcome import ErrorClass, Fault
from shared.domain.post import Media
from shared.errors import DroplineError
from shared.settings import is_private_host
from shared.wire.clients import Telephone
from shared.wire.road import Road

REDIRECTS_MAX = 5

#: 500 MB is the largest video any of the sheets takes (S, WAHDX); nothing larger is fetched.
SIZE_MAX_BYTES = 512 * 1024 * 1024


class MediaFailed(DroplineError):
    """The file cannot be had; `again` says whether another try may help."""

    def __init__(self, message: str, *, again: bool, code: str = "media_unreachable") -> None:
        super().__init__(message)
        self.again = again
        cause = ErrorClass.TRANSIENT if again else ErrorClass.VALIDATION
        self.fault = Fault(error_class=cause, code=code, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """An open file on this machine, at its start."""

    file: IO[bytes]
    name: str
    content_type: str
    size_bytes: int


def problem_with_url(url: str, *, allow_private: bool) -> str | None:
    """Say what is wrong with a media URL as it is written, or None; no name is looked up."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "is not a URL"
    if parts.scheme not in {"http", "https"}:
        return f"must be http or https, not {parts.scheme or 'nothing'}"
    if not host:
        return "has no host"
    if not allow_private and is_private_host(host):
        return f"is on a private address ({host}); DROPLINE_ALLOW_PRIVATE_MEDIA=true allows that"
    return None


@contextlib.contextmanager
def local_file(
    media: Media, road: Road, *, allow_private: bool, deadline: float
) -> Iterator[LocalFile]:
    """Open a media file given by path or URL; a download goes to disk in chunks, then away.

    Raises MediaFailed.
    """
    if media.path is not None:
        with _opened(Path(media.path)) as found:
            yield found
        return
    if media.url is None:
        raise MediaFailed("a file given by the provider's id has no bytes here", again=False)
    with tempfile.TemporaryFile(prefix="dropline-") as copy:
        yield _Download(road, allow_private=allow_private, deadline=deadline).to(copy, media.url)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[LocalFile]:
    try:
        file = path.open("rb")
    except OSError as wrong:
        message = f"{path} cannot be read: {wrong.strerror}"
        raise MediaFailed(message, again=False, code="media_missing") from None
    with file:
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        size = path.stat().st_size
        yield LocalFile(file=file, name=path.name, content_type=guessed, size_bytes=size)


class Fetch:
    """GETs over one line, following redirects, never talking to a private peer unless allowed."""

    def __init__(self, telephone: Telephone, *, allow_private: bool) -> None:
        self._client, self._line = telephone.client, telephone.line
        self._allow_private = allow_private

    @contextlib.contextmanager
    def following(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[str, httpx.Response]]:
        """Give the answer that is no redirect, and the URL that gave it.

        Raises MediaFailed, and httpx's own errors.
        """
        for _ in range(REDIRECTS_MAX):
            problem = problem_with_url(url, allow_private=self._allow_private)
            if problem:
                raise MediaFailed(f"{shown(url)} {problem}", again=False, code="media_refused")
            with self._get(url, headers or {}) as response:
                if not response.has_redirect_location:
                    yield url, response
                    return
                url = urljoin(url, response.headers["location"])
        raise MediaFailed(f"{shown(url)} redirects too often", again=False)

    @contextlib.contextmanager
    def _get(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        trace = {"trace": self._trace}
        with self._client.stream(
            "GET", url, headers=dict(headers), extensions=trace, timeout=30
        ) as response:
            yield response

    def _trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """Refuse a private peer after the name was resolved and before a byte is sent."""
        if event == "connection.connect_tcp.complete":
            connected: socket.socket = facts["return_value"].get_extra_info("socket")
            self._line.use(connected)
            peer = connected.getpeername()[0]
            if not self._allow_private and not ipaddress.ip_address(peer).is_global:
                connected.close()
                message = f"the media host resolves to a private address ({peer})"
                raise MediaFailed(message, again=False, code="media_refused")


def require_success(url: str, status: int) -> None:
    """Raise MediaFailed for a refusal; another try may help where the host is in trouble."""
    if status >= httpx.codes.BAD_REQUEST:
        again = status >= httpx.codes.INTERNAL_SERVER_ERROR or status in {408, 425, 429}
        raise MediaFailed(f"{shown(url)} answers {status}", again=again)


class _Download:
    """Fetches one URL whole."""

    def __init__(self, road: Road, *, allow_private: bool, deadline: float) -> None:
        self._road = road
        self._allow_private = allow_private
        self._deadline = deadline

    def to(self, copy: IO[bytes], url: str) -> LocalFile:
        try:
            with self._road.clients.telephone("media") as telephone:
                telephone.line.begin()
                fetch = Fetch(telephone, allow_private=self._allow_private)
                with (
                    self._road.watchdog.guard(telephone.line, self._deadline),
                    fetch.following(url) as (final, response),
                ):
                    require_success(final, response.status_code)
                    return self._save(copy, final, response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as broken:
            message = f"{shown(url)} cannot be fetched: {type(broken).__name__}: {broken}"
            raise MediaFailed(message, again=True) from broken

    @staticmethod
    def _save(copy: IO[bytes], url: str, response: httpx.Response) -> LocalFile:
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > SIZE_MAX_BYTES:
                raise MediaFailed(f"{shown(url)} is too large", again=False, code="media_too_large")
            copy.write(chunk)
        copy.seek(0)
        name = PurePosixPath(unquote(urlsplit(url).path)).name or "media"
        stated = response.headers.get("content-type", "").partition(";")[0].strip()
        guessed = mimetypes.guess_type(name)[0]
        content_type = guessed or stated or "application/octet-stream"
        return LocalFile(file=copy, name=name, content_type=content_type, size_bytes=size)


def shown(url: str) -> str:
    """Return the URL without its query, which may carry a signature."""
    return url.partition("?")[0]
