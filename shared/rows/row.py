"""A row: one job as its author wrote it, before connections and accounts are looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from typing_extensions import override

from shared.domain.post import Kind, Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The fields of one job; `place` says where it was read, such as `posts.csv row 3, line 4`."""

    place: str
    ref: str
    platform: str
    account: str
    provider: str | None = None
    connection: str | None = None
    kind: Kind | None = None
    caption: str = ""
    title: str = ""
    media: tuple[Media, ...] = ()
    alt_texts: tuple[str, ...] = ()
    run_at: datetime | None = None
    not_after: datetime | None = None
    #: It goes in the next free slot of its account, and has no `run_at`.
    queue: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    #: A field could not be read, such as its time: the row is there without it so that the
    #: provider's checks can find the rest of its problems, and is never submitted.
    flawed: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong (or, as a warning, surprising) with one field of one row."""

    place: str
    ref: str
    #: Empty when the row as a whole is meant.
    field: str
    message: str
    warning: bool = False

    @override
    def __str__(self) -> str:
        ref = f" (ref {self.ref})" if self.ref else ""
        where = f", {self.field}" if self.field else ""
        return f"{self.place}{ref}{where}: {self.message}"
