"""The shelf: which files a connection's provider has already, for all jobs and all workers.

A file is known by its *content*: a digest of its bytes and its type, or a digest of the address
that a provider fetched it from. The port `Shelf` is here so that the wire can ask without knowing
SQL.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

#: How long an address or a path is taken to lead to the bytes it led to; a drop asks a media host
#: once in that time and not once a post.
TRUST = timedelta(hours=1)

#: How long others leave a file to the one that uploads it, and how much more for its size; should
#: that one have died, or take longer, one of them uploads it, too.
LEASE = timedelta(minutes=1)
LEAST_BYTES_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with one file at one connection; nothing set = nobody has it or brings it."""

    #: What the provider calls the file: an id, or an address without any secret.
    media_id: str | None = None
    #: False = the provider was still taking it in when it was last looked at.
    ready: bool = True
    uploaded_at: datetime | None = None
    #: The one who asked is to upload it.
    mine: bool = False
    #: Somebody else uploads it.
    busy: bool = False


class Shelf(Protocol):
    """Keeps what was uploaded; every method is one transaction."""

    def contents(self, sources: Sequence[str], *, now: datetime) -> Mapping[str, str]:
        """Return what these addresses and paths led to, as far as that may be trusted."""

    def note(self, contents: Mapping[str, str], *, now: datetime) -> None:
        """Keep what addresses and paths lead to now."""

    def look(
        self, connection: str, contents: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing]:
        """Return how it stands with each of these files."""

    def take(
        self,
        connection: str,
        contents: Sequence[str],
        *,
        by: str,
        now: datetime,
        lease: timedelta = LEASE,
    ) -> Mapping[str, Standing]:
        """Return how it stands; what nobody has or brings is the caller's to upload."""

    def put(
        self,
        connection: str,
        content: str,
        stored: Standing,
        *,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep what the provider calls a file; None = for as long as it knows it."""

    def settle(self, connection: str, media_id: str) -> None:
        """Keep that the provider has taken a file in."""

    def leave(self, connection: str, *, by: str) -> None:
        """Leave to others what was taken and not put."""

    def forget(self, connection: str, media_ids: Sequence[str]) -> None:
        """Take off what the provider no longer knows; what was put anew since then stays."""


def lease_for(size_bytes: int) -> timedelta:
    """Return how long the upload of so much is left to one job."""
    return LEASE + timedelta(seconds=size_bytes / LEAST_BYTES_PER_SECOND)


def digest(text: str) -> str:
    """Return what stands for an address or a path, which may carry a secret."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
