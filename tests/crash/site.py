"""The site of the crashes: one ledger, one Redis, the four sandboxes, and whoever cleans up."""

import http.client
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from typing_extensions import override

from shared.bootstrap import Parts
from shared.domain.job import Job, NewJob
from shared.domain.post import Kind, Media, Post
from shared.embedded.waiting import until
from shared.providers import providers
from shared.sandbox.server import Sandbox
from shared.settings import read_settings
from tests.crash.life import Life
from tests.crash.moment import FarClock, SharedClock
from tests.crash.nursery import Birth, Nursery
from tests.support.scene import connections_of

PATIENCE = timedelta(seconds=20)
UNLIMITED = "".join(f"[connections.{name}]\nlimits = []\n" for name in providers())


class Fate(StrEnum):
    """What becomes of messages that the dead had not acknowledged."""

    DELIVERED_AGAIN = "delivered again"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Plan:
    """Whether a message is acknowledged before its job runs, and what becomes of others."""

    ack_first: bool = False
    fate: Fate = Fate.DELIVERED_AGAIN


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of post at one provider."""

    provider: str
    platform: str
    account_id: str
    kind: Kind
    files: tuple[str, ...] = ("1.jpg",)

    @override
    def __str__(self) -> str:
        return f"{self.provider} {self.platform} {self.kind}"


@dataclass(frozen=True, slots=True)
class Crash:
    """What one crash left, and what became of the job afterwards."""

    job: Job
    status: int
    points: Sequence[str]
    #: The process died while its publish call was on record and unanswered.
    in_flight: bool
    copies: int


class Site:
    """Where jobs are submitted, children are killed, and one recoverer goes on."""

    def __init__(self, home: Path, parts: Parts, sandbox: Sandbox, nursery: Nursery) -> None:
        self.sandbox = sandbox
        self.parts = parts
        self._home = home
        self._nursery = nursery
        self.clock = SharedClock(home / "clock")
        self.recoverer = Life(parts, self.clock, "that recovers", ack_first=False)
        self.environment: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._points: dict[Sort, Sequence[str]] = {}

    def submit(self, sort: Sort) -> int:
        """Put a post of its own caption into the ledger, due now."""
        caption = f"Post {next(self._numbers)}"
        media = tuple(Media(url=self.sandbox.media_url(name)) for name in sort.files)
        post = Post(
            platform=sort.platform,
            account_id=sort.account_id,
            kind=sort.kind,
            caption=caption,
            media=media,
        )
        new = NewJob(ref=caption, provider=sort.provider, connection=sort.provider, post=post)
        now = self.clock.now()
        submitted = self.parts.ledger.campaigns.submit("crash", [new], now=now, by="test")
        return submitted.added[0]

    def crash(self, job_id: int, armed: int | str | None, plan: Plan) -> Crash:
        """Let a child live the job until it is killed at a point, then recover."""
        status, points = self.live_and_die(job_id, armed, plan)
        return self.recover(job_id, status, points, plan)

    def recover(self, job_id: int, status: int, points: Sequence[str], plan: Plan) -> Crash:
        """Go on as the processes that are started after a crash do, until the job rests."""
        in_flight = self.parts.ledger.jobs.open_attempt(job_id) is not None
        if plan.fate is Fate.FORGOTTEN:
            with Redis.from_url(self.parts.redis_url) as client:
                client.flushdb()
        self.recoverer.mailbox.give_back()
        job = self.recoverer.live(job_id)
        self.recoverer.deliver()
        return Crash(job, status, points, in_flight, self.copies(job))

    def rehearse(self, job_id: int) -> None:
        status = self._nursery.raise_(self._birth(job_id, Plan(), rehearsal=True))
        assert status == 0, "the rehearsal did not come to its end; what it said is above"

    def live_and_die(
        self, job_id: int, armed: int | str | None, plan: Plan
    ) -> tuple[int, list[str]]:
        ours = self.connections()
        birth = self._birth(job_id, plan, armed=armed)
        status = self._nursery.raise_(birth)
        self.until_quiet(ours)
        return status, Path(birth.notes).read_text().splitlines()

    def points_of(self, sort: Sort) -> Sequence[str]:
        """Return the points of a new job's undisturbed life."""
        if sort not in self._points:
            _, self._points[sort] = self.live_and_die(self.submit(sort), None, Plan())
        return self._points[sort]

    def _birth(self, job_id: int, plan: Plan, **more: Any) -> Birth:
        return Birth(
            environment=self.environment,
            clock=str(self._home / "clock"),
            notes=str(self._home / "notes"),
            job_id=job_id,
            ack_first=plan.ack_first,
            **more,
        )

    def copies(self, job: Job) -> int:
        """Count what the provider has stored of the job."""
        return sum(post["caption"] == job.post.caption for post in self.sandbox.stored())

    def until_quiet(self, ours: set[object]) -> None:
        """Wait until the sandbox has dealt with everything that the dead had sent.

        Connections are accepted in the order they came, so once a later one is answered all of
        the dead's are known, and each of them is closed when it has been read to its end.
        """
        address = urlsplit(self.sandbox.url)
        knock = http.client.HTTPConnection(address.hostname or "", address.port)
        knock.request("GET", "/_sandbox/health")
        knock.getresponse().read()
        knock.close()
        assert until(lambda: not self.connections() - ours, PATIENCE)

    def connections(self) -> set[object]:
        listener = self.sandbox._listener
        with listener._open_lock:
            return set(listener._open)


@contextmanager
def crash_site(redis_url: str, database_url: str | None = None) -> Iterator[Site]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dropline-crash-")))
        clock = SharedClock.starting(home / "clock", datetime.now(UTC))
        sandbox = stack.enter_context(Sandbox(limits=[], clock=FarClock(clock)))
        config = home / "dropline.toml"
        config.write_text(UNLIMITED)
        environment = {
            "DROPLINE_HOME": str(home),
            "DROPLINE_CONFIG": str(config),
            "DROPLINE_DATABASE_URL": database_url or f"sqlite:///{home}/dropline.db",
            "DROPLINE_REDIS_URL": redis_url,
            **connections_of(sandbox),
        }
        parts = Parts(read_settings(environment), clock=clock)
        parts.ledger.schema.upgrade()
        nursery = stack.enter_context(Nursery())
        site = Site(home, parts, sandbox, nursery)
        site.environment = environment
        stack.callback(site.recoverer.close)
        yield site
