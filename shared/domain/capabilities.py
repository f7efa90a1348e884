"""What a provider can do, declared in its own file: shapes of posts, sources of media, calls."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from shared.domain.post import Kind, Media
from shared.domain.text import Unit


class Source(StrEnum):
    """Where a provider (or its adapter, by uploading) can take a file from."""

    URL = "url"
    PATH = "path"
    ID = "id"


class LostAnswer(StrEnum):
    """What can be done when the answer to a publish call was lost."""

    #: The provider lists what it stored; look, twice before believing in absence.
    SEARCH = "search"
    #: Look first; the same bytes under the same idempotency key may then be sent again.
    REPLAY = "replay"
    #: Nobody can be asked: a person decides.
    HOLD = "hold"
    #: Only by an explicit policy: rather twice than late. No provider declares it.
    RESEND = "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """How large and how long a file of a post may be; None = nobody says."""

    image_bytes_max: int | None = None
    video_bytes_max: int | None = None
    video_shortest: timedelta | None = None
    video_longest: timedelta | None = None
    #: The only ratio of width to height there is, such as (9, 16).
    video_ratio: tuple[int, int] | None = None
    #: A duration outside is refused by some versions of the service only.
    duration_is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What one kind of post on one platform may look like."""

    media_min: int = 1
    media_max: int = 1
    #: Lower-case extensions; empty = any image or video, as the kind says.
    formats: frozenset[str] = frozenset()
    #: Images and videos in one carousel.
    mixing: bool = False
    caption_max: int | None = None
    caption_unit: Unit = Unit.CHARACTERS
    caption_required: bool = False
    title_max: int | None = 0
    title_unit: Unit = Unit.CHARACTERS
    title_required: bool = False
    alt_text_max: int = 0
    hashtags_max: int | None = None
    files: FileRules = FileRules()
    options: frozenset[str] = frozenset()
    required_options: frozenset[str] = frozenset()
    #: In inbox mode only, where that mode exists for this shape.
    inbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """How many requests bring files to a provider before the publish call; 0 = none is needed."""

    #: Of a file given by URL, or by path.
    url: int = 0
    path: int = 0
    #: Files that these requests bring together.
    batch: int = 1

    def requests(self, media: Collection[Media]) -> int:
        """Return how many requests bring these files, those given by id left out."""
        urls = sum(each.url is not None for each in media)
        paths = sum(each.path is not None for each in media)
        return self.url * -(-urls // self.batch) + self.path * -(-paths // self.batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Everything about a provider that validation, the worker and the scheduler must know."""

    shapes: Mapping[tuple[str, Kind], Shape]
    sources: frozenset[Source]
    lost_answer: LostAnswer
    cancel: bool
    history: bool
    #: Platforms whose accounts it can be asked about: what their creators allow.
    creators: frozenset[str] = frozenset()
    #: TikTok itself refuses more drafts that wait in one inbox within 24 h than about this (D).
    drafts_per_day: int | None = None
    #: Accounts are linked by a code that their owner scans.
    linking: bool = False
    #: Kinds whose publish call answers only when the platform has the post.
    synchronous: frozenset[tuple[str, Kind]] = frozenset()
    #: How long the whole job may take from claim to answer, uploads included.
    job_deadline: timedelta = timedelta(minutes=5)
    #: How long the publish call may wait for its answer.
    publish_timeout: timedelta = timedelta(seconds=60)
    #: What it takes to bring a post's files.
    uploads: Uploads = field(default_factory=Uploads)
    #: How many publishes one status call answers for.
    status_batch: int = 1
    #: First polling interval; it widens from here.
    poll_first: timedelta = timedelta(seconds=2)
    #: Life that we trust an idempotency key to have, from the first send.
    replay_window: timedelta = timedelta(0)
    #: A note for `dropline providers`, such as a default that surprises.
    notes: tuple[str, ...] = field(default=())

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(sorted({platform for platform, _ in self.shapes}))

    def kinds(self, platform: str) -> tuple[Kind, ...]:
        return tuple(kind for on, kind in self.shapes if on == platform)

    def absence_after(self, platform: str, kind: Kind) -> timedelta:
        """How long after a request could last have run its absence may be believed (A).

        150 s for a call that waits for the platform, else 30 s: a row may appear late.
        """
        slow = (platform, kind) in self.synchronous and kind is Kind.CAROUSEL
        return timedelta(seconds=150 if slow else 30)
