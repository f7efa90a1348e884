"""Engagements: what an account is asked to post and when, from the file and from the ledger."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.duration import show_duration
from shared.domain.post import Kind, Post
from shared.ledger.neighbours import Neighbour
from shared.producer import Prepared
from shared.rows import RowProblem

#: One account at one connection.
Lane = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Engagement:
    """One post of one account; `row` is empty where the ledger has it already."""

    lane: Lane
    at: datetime
    kind: Kind
    content: str
    containers: int
    is_draft: bool
    #: The field that its content stands in.
    field: str
    ref: str
    #: The field that its time comes from.
    time_field: str = "run_at"
    place: str = ""
    #: `job 12 of spring` where the ledger has it.
    job: str = ""

    @property
    def name(self) -> str:
        """Name it briefly: the row of its file, or the job."""
        return self.job or f"{_row_of(self.place)} (ref {self.ref})"

    def warning(self, field: str, message: str) -> RowProblem:
        return RowProblem(self.place, self.ref, field, message, warning=True)


def from_row(prepared: Prepared, now: datetime) -> Engagement:
    post = prepared.job.post
    return Engagement(
        lane=(prepared.job.connection, post.account_id),
        at=prepared.job.run_at or now,
        kind=post.kind,
        content=content_of(post),
        containers=post.containers,
        is_draft=post.inbox,
        field="caption" if post.caption.strip() else "media",
        ref=prepared.row.ref,
        time_field="queue" if prepared.job.timetable else "run_at",
        place=prepared.row.place,
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """Tells the jobs that rows of the file have made, which are those rows and nothing beside them.

    Of a campaign they have a row's ref; where nobody said for which campaign the file is, its
    content as well.
    """

    campaign: str | None

    def identity(self, ref: str, content: str) -> tuple[str, str]:
        return ref, "" if self.campaign else content

    def may_be(self, job: Neighbour) -> bool:
        return self.campaign in {None, job.campaign}

    def others(
        self, jobs: Iterable[Neighbour], rows: Iterable[Engagement]
    ) -> tuple[list[Engagement], Counter[str]]:
        """Return what no row has made, and how many were made by campaign."""
        known = {(each.lane, self.identity(each.ref, each.content)) for each in rows}
        found, own = [], Counter[str]()
        for each in jobs:
            job = _from_job(each)
            if self.may_be(each) and (job.lane, self.identity(job.ref, job.content)) in known:
                own[each.campaign] += 1
            else:
                found.append(job)
        return found, own


def _from_job(neighbour: Neighbour) -> Engagement:
    post = neighbour.post
    return Engagement(
        lane=(neighbour.connection, neighbour.account_id),
        at=neighbour.run_at,
        kind=post.kind,
        content=content_of(post),
        containers=post.containers,
        is_draft=post.inbox,
        field="",
        ref=neighbour.ref,
        job=f"job {neighbour.id} of {neighbour.campaign}",
    )


def content_of(post: Post) -> str:
    """Equal for posts that look the same to whoever sees them: their texts and their media."""
    media = [each.url or each.path or each.id or "" for each in post.media]
    parts = [" ".join(post.caption.split()), " ".join(post.title.split()), *media]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def apart(one: datetime, other: datetime) -> str:
    between = abs(one - other)
    return "at the same time" if not between else f"{show_duration(between)} apart"


def _row_of(place: str) -> str:
    """Cut `posts.csv row 3, line 4` to `row 3`."""
    at = place.rfind(" row ")
    return place[at + 1 :].partition(",")[0] if at >= 0 else place
