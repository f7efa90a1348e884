"""The preflight of one file: rows are added as they are read, findings come at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.clock import Clock
from shared.connected import Connected
from shared.domain.cap import Cap as PlatformCap
from shared.domain.capabilities import Shape
from shared.domain.creator import Creator, check_creator, check_duration
from shared.domain.duration import show_duration
from shared.domain.post import Media
from shared.domain.preflight import Problem
from shared.domain.preflight_files import check_file
from shared.ledger.neighbours import Neighbour
from shared.preflight.creators import CreatorKey
from shared.preflight.crowding import caps_of, crowding
from shared.preflight.duplicates import duplicates
from shared.preflight.engagements import Engagement, Lane, Loaded, from_row
from shared.preflight.expiry import expires_at
from shared.preflight.looking import Look, Target, look_at_file
from shared.preflight.queueing import Queueing
from shared.producer import Prepared
from shared.rows import RowProblem
from shared.wire.media import problem_with_url

#: A signed URL is fetched a while after `run_at`: uploads take time, and a worker that polls its
#: posts every five minutes (D, Genviral) may come late.
FETCHED_WITHIN = timedelta(minutes=15)

DEFAULT_WINDOW = timedelta(hours=24)

#: Nobody looks further around a file than this.
FURTHEST = timedelta(days=3650)


class Looks(Protocol):
    """Who looks at media."""

    def at(self, targets: Iterable[Target], within: timedelta) -> dict[Target, Look]: ...


class Askers(Protocol):
    """Who asks what creators allow."""

    notes: list[str]

    def of(
        self, wanted: Iterable[tuple[Connected, str]], within: timedelta
    ) -> dict[CreatorKey, Creator]: ...


class Around(Protocol):
    """Who knows what the ledger has already."""

    def on(self, lanes: set[Lane], since: datetime, until: datetime) -> list[Neighbour]: ...

    def in_slots(self, lane: Lane, after: datetime) -> list[Neighbour]: ...


@dataclass(kw_only=True)
class Preflight:
    """Finds what the rows by themselves do not show; without `looks` and `creators` offline."""

    around: Around
    clock: Clock
    looks: Looks | None = None
    creators: Askers | None = None
    #: What the file is for: jobs of others are duplicates whatever their refs; None = not said.
    campaign: str | None = None
    #: What the platforms themselves let one account publish.
    caps: Sequence[PlatformCap] = ()
    #: How near to each other the same content counts as a duplicate.
    window: timedelta = DEFAULT_WINDOW
    #: How long looking at media and asking about creators may take, each.
    within: timedelta = timedelta(minutes=2)
    notes: list[str] = field(default_factory=list)
    #: Rows whose files or creators are to be looked at; the others need not be kept.
    _rows: list[Prepared] = field(default_factory=list)
    _found: list[RowProblem] = field(default_factory=list)
    _engagements: list[Engagement] = field(default_factory=list)
    _connected: dict[Lane, Connected] = field(default_factory=dict)
    _platforms: dict[Lane, str] = field(default_factory=dict)
    _local: dict[str, Look] = field(default_factory=dict)
    _queueing: Queueing | None = None

    def add(self, rows: Iterable[Prepared]) -> None:
        """Take more rows of the file."""
        now = self.clock.now()
        if self._queueing is None:
            self._queueing = Queueing(self.around.in_slots, now, Loaded(self.campaign))
        for row in rows:
            dated, problems = self._queueing.dated(row)
            self._found.extend(_told(row, problems))
            if dated is not None:
                engagement = from_row(dated, now)
                self._engagements.append(engagement)
                self._connected[engagement.lane] = row.connected
                self._platforms[engagement.lane] = row.account.platform
            self._found.extend(_told(row, _expiry(dated or row, now)))
            if self.looks or self.creators or any(each.path for each in row.job.post.media):
                self._rows.append(row)

    def findings(self) -> list[RowProblem]:
        """Return every finding, row by row within each sort."""
        looks = self._media_looks()
        creators = self._creators()
        return [
            *self._found,
            *(problem for row in self._rows for problem in self._of_row(row, looks, creators)),
            *self._of_schedule(),
        ]

    def _media_looks(self) -> Mapping[Target, Look]:
        if self.looks is None:
            return {}
        return self.looks.at(
            (target for row in self._rows for target in _targets(row)), self.within
        )

    def _creators(self) -> Mapping[CreatorKey, Creator]:
        if self.creators is None:
            return {}
        wanted = [
            (row.connected, row.account.account_id) for row in self._rows if _has_creator(row)
        ]
        found = self.creators.of(wanted, self.within)
        self.notes.extend(self.creators.notes)
        return found

    def _of_row(
        self, row: Prepared, looks: Mapping[Target, Look], creators: Mapping[CreatorKey, Creator]
    ) -> Iterator[RowProblem]:
        post, connected = row.job.post, row.connected
        creator = creators.get(CreatorKey(connected.name, post.account_id), Creator())
        shape = connected.provider.capabilities.shapes.get((post.platform, post.kind))
        found = [*check_creator(post, creator)]
        for at, media in enumerate(post.media):
            look = self._look(media, row, looks)
            if look is not None and shape is not None:
                found += _seen(row, at, look, shape, creator)
        yield from _told(row, found)

    def _look(self, media: Media, row: Prepared, looks: Mapping[Target, Look]) -> Look | None:
        if media.path is not None:
            if media.path not in self._local:
                self._local[media.path] = look_at_file(media.path)
            return self._local[media.path]
        return looks.get(_target(media.url, row)) if media.url else None

    def _of_schedule(self) -> Iterator[RowProblem]:
        if not self._engagements:
            return
        caps = {
            lane: caps_of(connected, lane[1], self._of_platform(lane))
            for lane, connected in self._connected.items()
        }
        widest = max([self.window, *(cap.limit.per for some in caps.values() for cap in some)])
        reach = min(widest, FURTHEST)
        moments = [each.at for each in self._engagements]
        near = self.around.on(set(self._connected), min(moments) - reach, max(moments) + reach)
        others, own = Loaded(self.campaign).others(near, self._engagements)
        self._note_loaded(own)
        everything = [*others, *self._engagements]
        yield from duplicates(everything, self.window)
        yield from crowding(everything, caps)

    def _note_loaded(self, own: Counter[str]) -> None:
        """Say which jobs count as the file's own, where nobody said which campaign it is for."""
        if own and self.campaign is None:
            campaigns = " and ".join(sorted(own))
            jobs = "1 job" if own.total() == 1 else f"{own.total()} jobs"
            self.notes.append(
                f"{jobs} of {campaigns}: rows of this file, loaded already, and not taken for"
                " duplicates; with --name NAME those of other campaigns are"
            )

    def _of_platform(self, lane: Lane) -> list[PlatformCap]:
        return [each for each in self.caps if each.platform == self._platforms[lane]]


def _told(row: Prepared, found: Iterable[Problem]) -> Iterator[RowProblem]:
    for each in found:
        yield RowProblem(row.row.place, row.row.ref, each.field, each.message, each.warning)


def _seen(row: Prepared, at: int, look: Look, shape: Shape, creator: Creator) -> list[Problem]:
    if look.facts is None:
        return _missing(row, at, look)
    return [
        *check_file(row.job.post, at, look.facts, shape),
        *check_duration(at, look.facts.duration, creator),
    ]


def _missing(row: Prepared, at: int, look: Look) -> list[Problem]:
    """Say that a file cannot be had; one that is not on this machine was told with the row."""
    if row.job.post.media[at].path is not None:
        return []
    return [Problem(f"media[{at}]", look.problem, warning=look.again)]


def _targets(row: Prepared) -> Iterator[Target]:
    for media in row.job.post.media:
        allow = row.connected.connection.allows_private_media
        if media.url and problem_with_url(media.url, allow_private=allow) is None:
            yield Target(media.url, allow)


def _target(url: str, row: Prepared) -> Target:
    return Target(url, row.connected.connection.allows_private_media)


def _has_creator(row: Prepared) -> bool:
    platform = row.job.post.platform
    known = row.connected.provider.capabilities.creators
    return platform in known and row.account.platform == platform and row.account.can_post


def _expiry(row: Prepared, now: datetime) -> Sequence[Problem]:
    run_at = max(row.job.run_at or now, now)
    return [
        problem
        for at, media in enumerate(row.job.post.media)
        if media.url
        for problem in _url_expiry(at, expires_at(media.url), run_at)
    ]


def _url_expiry(at: int, expires: datetime | None, run_at: datetime) -> Iterator[Problem]:
    if expires is None or expires > run_at + FETCHED_WITHIN:
        return
    stamp = f"{expires:%Y-%m-%d %H:%M:%S}Z"
    if expires <= run_at:
        before = show_duration(run_at - expires)
        yield Problem(f"media[{at}]", f"is signed until {stamp}, {before} before run_at")
    else:
        after = show_duration(expires - run_at)
        message = f"is signed until {stamp}, only {after} after run_at"
        yield Problem(f"media[{at}]", message, warning=True)
