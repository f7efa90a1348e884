"""What a person wants of a job to be otherwise, as a row that is checked like a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain.job import Job
from shared.domain.post import Kind, Media, Post, infer_kind
from shared.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The new values; None leaves a value as it is."""

    caption: str | None = None
    title: str | None = None
    kind: Kind | None = None
    media: tuple[Media, ...] | None = None
    alt_texts: tuple[str, ...] | None = None
    run_at: datetime | None = None
    not_after: datetime | None = None
    #: Take the deadline away.
    no_deadline: bool = False
    #: These take the place of those with the same names; None takes one away.
    options: Mapping[str, Any] = field(default_factory=dict)

    def row(self, job: Job) -> Row:
        """Return what the job becomes, as a row that names every field."""
        post = job.post
        row = Row(
            place=f"job {job.id}",
            ref=job.ref,
            provider=job.provider,
            connection=job.connection,
            platform=post.platform,
            account=post.account_id,
            kind=self._kind(post),
            caption=post.caption,
            title=post.title,
            media=post.media,
            alt_texts=post.alt_texts,
            run_at=job.run_at,
            not_after=None if self.no_deadline else job.not_after,
            options=self._options(post),
        )
        names = ("caption", "title", "media", "alt_texts", "run_at", "not_after")
        given = {name: getattr(self, name) for name in names}
        return replace(row, **{name: value for name, value in given.items() if value is not None})

    def _kind(self, post: Post) -> Kind:
        """Return the kind stated; one that was told by the media follows them."""
        if self.kind is not None:
            return self.kind
        if self.media is None or infer_kind(post.media) is not post.kind:
            return post.kind
        return infer_kind(self.media) or post.kind

    def _options(self, post: Post) -> dict[str, Any]:
        merged = {**post.options, **self.options}
        return {name: value for name, value in merged.items() if value is not None}
