"""The far end of the model provider, in memory: it keeps every post and obeys a plan of faults."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

import httpx
from typing_extensions import override

from tests.support.clock import FakeClock

#: How long the service really knows an idempotency key; adapters trust it for an hour.
KEY_LIFE = timedelta(minutes=70)

RETRY_AFTER_S = 20


#: How late a list may be; a little less than adapters wait before they believe in absence.
SHOWN_WITHIN = {"text": timedelta(seconds=29), "carousel": timedelta(seconds=149)}


class Killed(BaseException):
    """The process dies here, as by kill -9: nothing after this point runs."""


class Fate(Enum):
    """What becomes of one publish call."""

    ACCEPTED = auto()
    SUCCEEDED = auto()
    REFUSED = auto()
    REFUSED_FOR_NOW = auto()
    LIMITED = auto()
    NOT_CONNECTED = auto()
    BROKEN = auto()
    BROKEN_BUT_STORED = auto()
    LOST_BEFORE_STORING = auto()
    LOST_AFTER_STORING = auto()
    NAMES_ANOTHER_S_POST = auto()
    DIED_BEFORE_THE_ATTEMPT = auto()
    DIED_BEFORE_SENDING = auto()
    DIED_AFTER_SENDING = auto()


class ReadFate(Enum):
    """What becomes of the calls that only read or cancel."""

    ANSWERED = auto()
    LOST = auto()
    BROKEN = auto()
    LIMITED = auto()
    UNKNOWN_ID = auto()
    NAMES_ANOTHER_S_POST = auto()


_STORES = {
    Fate.ACCEPTED,
    Fate.SUCCEEDED,
    Fate.BROKEN_BUT_STORED,
    Fate.LOST_AFTER_STORING,
    Fate.NAMES_ANOTHER_S_POST,
    Fate.DIED_AFTER_SENDING,
}
_ERRORS = {
    Fate.REFUSED: 402,
    Fate.REFUSED_FOR_NOW: 409,
    Fate.BROKEN: 503,
    Fate.BROKEN_BUT_STORED: 500,
}


@dataclass
class Stored:
    """One post; lists show it from `visible_at` on."""

    publish_id: str
    job_id: int
    connection: str
    account: str
    caption: str
    key: str
    stored_at: datetime
    visible_at: datetime
    status: str = "pending"


@dataclass
class Plan:
    """What the next calls meet."""

    fate: Fate = Fate.ACCEPTED
    reads: ReadFate = ReadFate.ANSWERED
    #: Lists show a post that is stored now only after this.
    shown_after: timedelta = timedelta(0)
    #: What happens elsewhere while the next call is on its way.
    meanwhile: Callable[[], None] | None = None


@dataclass
class ModelService:
    """Every connection's posts, and what was done against the rules of the game."""

    clock: FakeClock
    plan: Plan = field(default_factory=Plan)
    posts: list[Stored] = field(default_factory=list)
    #: Answers that named a post and reached a worker that still lived: (job, publish id).
    answered: list[tuple[int, str]] = field(default_factory=list)
    #: Requests that came before the moment a 429 had named.
    too_soon: list[str] = field(default_factory=list)
    #: Asked as a publish request arrives; remembers what it finds.
    on_publish: Callable[[int, str], None] = lambda _job_id, _key: None
    #: Makes every publish id longer.
    padding: str = ""
    _not_before: dict[str, datetime] = field(default_factory=dict)

    def end(self, which: int, end: str) -> None:
        """Let a post end, or end otherwise than it had; a cancelled one stays away."""
        posts = [post for post in self.posts if post.status != "cancelled"]
        if posts:
            posts[which % len(posts)].status = end

    def of_job(self, job_id: int) -> list[Stored]:
        return [post for post in self.posts if post.job_id == job_id]

    def receive(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/posts":
            return self._published(request)
        fate = self.plan.reads
        self._begin(request)
        self._meanwhile()
        if fate is ReadFate.LOST:
            raise httpx.ReadError("the connection broke")
        if fate is ReadFate.LIMITED:
            return self._limited(request)
        if fate is ReadFate.BROKEN:
            return httpx.Response(503)
        if request.method == "POST":
            return self._cancelled(json.loads(request.content))
        if request.url.path == "/posts":
            return self._list(request.url.host, request.url.params["account"])
        return self._statuses(request.url.params["ids"].split(","), fate)

    def _published(self, request: httpx.Request) -> httpx.Response:
        fate, body = self.plan.fate, json.loads(request.content)
        if fate is Fate.DIED_BEFORE_THE_ATTEMPT:
            raise Killed
        if fate is Fate.NOT_CONNECTED:
            raise httpx.ConnectError("refused")
        self._begin(request)
        if fate is Fate.DIED_BEFORE_SENDING:
            raise Killed
        self.on_publish(body["job"], body["key"])
        post = self._store(request.url.host, body) if fate in _STORES else None
        self._meanwhile()
        if fate is Fate.DIED_AFTER_SENDING:
            raise Killed
        if fate in {Fate.LOST_BEFORE_STORING, Fate.LOST_AFTER_STORING}:
            raise httpx.ReadError("the connection broke")
        if fate is Fate.LIMITED:
            return self._limited(request)
        if post is None or fate in _ERRORS:
            return httpx.Response(_ERRORS[fate])
        return self._receipt(post, fate)

    def _receipt(self, post: Stored, fate: Fate) -> httpx.Response:
        if fate is Fate.SUCCEEDED:
            post.status = "posted"
        named = post.publish_id
        if fate is Fate.NAMES_ANOTHER_S_POST:
            named = self._another(post.publish_id)
        else:
            self.answered.append((post.job_id, named))
        return httpx.Response(200, json={"id": named, "status": post.status})

    def _store(self, host: str, body: Mapping[str, Any]) -> Stored:
        now = self.clock.now()
        for known in self.posts:
            if known.key == body["key"] and now - known.stored_at < KEY_LIFE:
                return known
        post = Stored(
            publish_id=f"p{len(self.posts) + 1}{self.padding}",
            job_id=body["job"],
            connection=host,
            account=body["account"],
            caption=body["caption"],
            key=body["key"],
            stored_at=now,
            visible_at=now + min(self.plan.shown_after, SHOWN_WITHIN[body["kind"]]),
        )
        self.posts.append(post)
        return post

    def _list(self, host: str, account: str) -> httpx.Response:
        now = self.clock.now()
        rows = [
            _row(post)
            for post in self.posts
            if (post.connection, post.account) == (host, account) and post.visible_at <= now
        ]
        return httpx.Response(200, json=rows)

    def _statuses(self, ids: list[str], fate: ReadFate) -> httpx.Response:
        if fate is ReadFate.UNKNOWN_ID:
            return httpx.Response(200, json=[{"asked": each} for each in ids])
        rows = []
        for post in self.posts:
            if post.publish_id in ids:
                shown = post.publish_id
                if fate is ReadFate.NAMES_ANOTHER_S_POST:
                    shown = self._another(shown)
                rows.append({**_row(post), "asked": post.publish_id, "id": shown})
        return httpx.Response(200, json=rows)

    def _cancelled(self, body: Mapping[str, Any]) -> httpx.Response:
        (post,) = (each for each in self.posts if each.publish_id == body["id"])
        if post.status == "pending":
            post.status = "cancelled"
        return httpx.Response(200, json=_row(post))

    def _another(self, publish_id: str) -> str:
        others = [post.publish_id for post in self.posts if post.publish_id != publish_id]
        return others[-1] if others else publish_id

    def _limited(self, request: httpx.Request) -> httpx.Response:
        until = self.clock.now() + timedelta(seconds=RETRY_AFTER_S)
        self._not_before[request.url.host] = until
        return httpx.Response(429, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _begin(self, request: httpx.Request) -> None:
        """Announce the request line, as httpcore does; whoever refuses raises here."""
        trace = request.extensions["trace"]
        trace("http11.send_request_headers.started", {})
        if self.clock.now() < self._not_before.get(request.url.host, self.clock.now()):
            self.too_soon.append(f"{request.method} {request.url.path}")

    def _meanwhile(self) -> None:
        meanwhile, self.plan.meanwhile = self.plan.meanwhile, None
        if meanwhile is not None:
            meanwhile()


class ModelTransport(httpx.BaseTransport):
    """Carries requests to the service without a socket."""

    def __init__(self, service: ModelService) -> None:
        self._service = service

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._service.receive(request)


def _row(post: Stored) -> dict[str, str]:
    return {
        "id": post.publish_id,
        "caption": post.caption,
        "stored_at": post.stored_at.isoformat(),
        "status": post.status,
    }
