"""Stretches of remote files: the first bytes, or a later part, without fetching the whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from shared.wire.clients import Clients
from shared.wire.media import Fetch, MediaFailed, require_success, shown
from shared.wire.watchdog import Watchdog

#: `bytes 0-65535/1048576`, `bytes */0` (RFC 9110, 14.4).
_CONTENT_RANGE = re.compile(r"bytes\s+(?:(\d+)-\d+|\*)/(\d+|\*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What one request for a stretch gave."""

    content: bytes
    #: Where `content` begins: 0 where the host knows no ranges.
    start: int = 0
    #: Of the whole file; None = not told.
    size_bytes: int | None = None
    content_type: str = ""


class HostAway(MediaFailed):
    """The host itself cannot be reached, whatever is asked of it."""


class Ranges:
    """Reads stretches of URLs; one line each, shut by the watchdog at its deadline."""

    def __init__(self, clients: Clients, watchdog: Watchdog) -> None:
        self._clients = clients
        self._watchdog = watchdog

    def read(
        self, url: str, start: int, length: int, *, allow_private: bool, deadline: float
    ) -> Stretch:
        """Ask once for `length` bytes from `start`; a host without ranges gives its first ones.

        Raises MediaFailed; HostAway where there is no connection at all.
        """
        try:
            with self._clients.telephone("ranges") as telephone:
                telephone.line.begin()
                fetch = Fetch(telephone, allow_private=allow_private)
                headers = {
                    "Range": f"bytes={start}-{start + length - 1}",
                    "Accept-Encoding": "identity",
                }
                with (
                    self._watchdog.guard(telephone.line, deadline),
                    fetch.following(url, headers) as (final, response),
                ):
                    return _stretch(final, response, length)
        except (httpx.ConnectError, httpx.ConnectTimeout) as away:
            raise HostAway(_why(url, away), again=True) from away
        except (httpx.HTTPError, httpx.StreamError, OSError) as broken:
            raise MediaFailed(_why(url, broken), again=True) from broken
        except (httpx.InvalidURL, ValueError) as wrong:
            raise MediaFailed(f"{shown(url)} is not a usable URL: {wrong}", again=False) from wrong


def _why(url: str, broken: Exception) -> str:
    reason = str(broken).partition("\n")[0] or type(broken).__name__
    return f"{shown(url)} cannot be reached now: {reason}"


def _stretch(url: str, response: httpx.Response, length: int) -> Stretch:
    start, total = _content_range(response.headers)
    partial = response.status_code == HTTPStatus.PARTIAL_CONTENT
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and total is not None:
        # Nothing begins there: of a first stretch that means an empty file.
        return Stretch(content=b"", size_bytes=total, content_type=_type(response.headers))
    require_success(url, response.status_code)
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) >= length:
            break
    return Stretch(
        content=bytes(content[:length]),
        start=start if partial else 0,
        size_bytes=total if partial else _length(response.headers),
        content_type=_type(response.headers),
    )


def _content_range(headers: Mapping[str, str]) -> tuple[int, int | None]:
    found = _CONTENT_RANGE.match(headers.get("content-range", ""))
    if found is None:
        return 0, None
    return int(found[1] or 0), None if found[2] == "*" else int(found[2])


def _length(headers: Mapping[str, str]) -> int | None:
    stated = headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdigit() else None


def _type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
