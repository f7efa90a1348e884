"""Limits: how many requests a window takes, what a reservation is, what an answer taught us.

The port `Limiter` is here so that the wire can ask without knowing Redis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


class Call(StrEnum):
    """What a request is for."""

    PUBLISH = "publish"
    UPLOAD = "upload"
    STATUS = "status"
    HISTORY = "history"
    ACCOUNTS = "accounts"
    CANCEL = "cancel"


#: Calls that only read, and give way to those that send a post.
READING = frozenset({Call.STATUS, Call.HISTORY, Call.ACCOUNTS})

#: Reads that come alone: one that finds no room has one slot kept for it, not the readers' share.
ALONE = frozenset({Call.ACCOUNTS})

#: The share of a window that is left to reading while publishing wants more than there is.
POLLING_SHARE = 0.2


#: A request leaves so soon after its admission or not at all: what was admitted before may have
#: been blocked since, or forgotten.
ADMITTED_FOR = timedelta(seconds=3)


class Window(StrEnum):
    """The shape of a window."""

    #: Starts at the first request or at the server's reset, and empties all at once.
    FIXED = "fixed"
    #: Every instant looks back one `per`.
    SLIDING = "sliding"
    #: Sliding over hours or a day; the word providers use for it.
    ROLLING = "rolling"
    #: A calendar day in `zone`.
    DAY = "day"


class Unit(StrEnum):
    """What a window counts."""

    #: Every call that the limit counts is one.
    REQUESTS = "requests"
    #: A publish call is one, every other call none.
    POSTS = "posts"
    #: A publish call is as many as its post makes containers, every other call none.
    CONTAINERS = "containers"


class Reach(StrEnum):
    """Whom a limit counts together."""

    CONNECTION = "connection"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `requests` in one window; `calls` are those it counts, none named = every call.

    Where `unit` says so, the figure is one of posts or of containers.
    """

    requests: int
    per: timedelta
    unit: Unit = Unit.REQUESTS
    window: Window = Window.FIXED
    reach: Reach = Reach.CONNECTION
    calls: frozenset[Call] = frozenset()
    zone: str = "UTC"
    #: `assumed` (a sheet's A or D figure), `configured`, `learnt` or `adaptive`.
    source: str = "assumed"

    def counts(self, call: Call) -> bool:
        if self.unit is not Unit.REQUESTS and call is not Call.PUBLISH:
            return False
        return not self.calls or call in self.calls

    @property
    def is_shared(self) -> bool:
        """Whether both reading and sending spend from its windows."""
        if self.unit is not Unit.REQUESTS:
            return False
        return not self.calls or (bool(self.calls & READING) and bool(self.calls - READING))

    def admits(self, containers: int) -> bool:
        """Whether a post of so many containers fits at all, at the best of times."""
        return self.unit is not Unit.CONTAINERS or containers <= self.requests

    def amount(self, figure: int) -> str:
        """Say a figure of this limit as a person reads it: `60 publish requests`."""
        calls = " and ".join(sorted(self.calls)) + " " if self.calls else ""
        return f"{figure} {calls}{self.unit}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose windows a request spends from: a connection, and an account on it if one is meant."""

    connection: str
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The limiter's word: granted with a reservation, or not before `until` because of `limit`.

    A denial without a moment is for good: the window never holds so much.
    """

    granted: bool
    until: datetime | None = None
    limit: str = ""
    reservation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """How many requests the windows of a scope would admit now; None = no limit is known."""

    free: int | None
    until: datetime | None = None
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """As much of an answer as can teach about limits."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reply says about limits; every part that it does not tell is None."""

    wait: timedelta | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUse:
    """One known window as `limits list` shows it."""

    connection: str
    account: str | None
    limit: int | None
    used: int
    per: timedelta | None
    window: str
    resets_at: datetime | None
    blocked_until: datetime | None
    #: Where it was learnt; of a block, why it holds.
    source: str
    #: What is counted; of a block, nothing.
    unit: str = Unit.REQUESTS
    #: The calls that it counts; none named = every call.
    calls: frozenset[Call] = frozenset()
    #: Of a calendar day.
    zone: str = "UTC"
    #: The window in words; of a block, why it holds.
    words: str = ""

    @property
    def is_block(self) -> bool:
        return self.blocked_until is not None

    def concerns(self, scope: Scope) -> bool:
        """Say whether what this scope sends is held by it."""
        return self.connection == scope.connection and self.account in {None, scope.account}

    def counts(self, call: Call) -> bool:
        if self.unit != Unit.REQUESTS and call is not Call.PUBLISH:
            return False
        return not self.calls or call in self.calls


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing is admitted in this scope before `until`; kept in SQL so that Redis may be lost."""

    connection: str
    account: str | None
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class LearntWindow:
    """A window as it was last saved in SQL: `used` of `limit` at `saved_at`.

    Once it has reset, `used` is 0 and `resets_at` None; the limit is still known.
    """

    connection: str
    account: str | None
    limit: Limit
    used: int
    resets_at: datetime | None
    saved_at: datetime


class Limiter(Protocol):
    """Asked before every request to a provider, told of every answer; shared by all processes.

    Every method raises LimiterUnavailable when the windows cannot be known: then nothing is sent.
    """

    def admit(
        self,
        scope: Scope,
        call: Call,
        cost: int,
        now: datetime,
        containers: int | None = None,
    ) -> Admission:
        """Reserve `cost` requests in every window that counts `call`, all or nothing.

        `containers` is what the post makes that the call helps to send: then it does not give
        way to publishing, whatever it asks for. A publish call takes one post and all of these.
        """

    def release(self, reservation: str) -> None:
        """Give a reservation back; only for a request that was provably not sent."""

    def learn(self, scope: Scope, call: Call, reply: Reply) -> Reading:
        """Take in what the answer says; a 429 blocks the connection until the moment it names."""

    def block(self, scope: Scope, until: datetime, why: str, now: datetime) -> None:
        """Admit nothing in this scope before `until`."""

    def stopped(self, connection: str, now: datetime) -> datetime | None:
        """Return until when this very process was told to send nothing; it costs no trip."""

    def headroom(
        self, scopes: Sequence[Scope], call: Call, now: datetime, within: timedelta = timedelta(0)
    ) -> list[Headroom]:
        """Say what `admit` would by the end of `within`, without reserving; one answer a scope.

        Like a denial, an answer that there is no room says that `call` wants more than there is.
        """

    def windows(self, now: datetime, scopes: Sequence[Scope] = ()) -> list[WindowUse]:
        """List every known window, and those of `scopes` that nothing was counted in yet."""
