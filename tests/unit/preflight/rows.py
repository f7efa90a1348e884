"""Prepared rows for tests of the preflight, and stand-ins for those it asks."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.connected import Connected
from shared.domain.account import Account
from shared.domain.creator import Creator
from shared.domain.job import NewJob
from shared.domain.limit import Limit
from shared.domain.post import Kind, Media, Post
from shared.domain.timetable import Timetable
from shared.ledger.neighbours import Neighbour
from shared.preflight.creators import CreatorKey
from shared.preflight.looking import Look, Target
from shared.preflight.preflight import Preflight
from shared.producer import Prepared
from shared.providers import provider_named
from shared.rows import Row
from shared.settings import Connection
from tests.support.clock import FakeClock

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def connected(provider: str = "wonda", *caps: Limit, account: str = "a1") -> Connected:
    return Connected(
        connection=Connection(
            name=provider, provider=provider, base_url=None, key=None, key_variable="NONE"
        ),
        provider=provider_named(provider),
        account_limits={account: caps} if caps else {},
    )


def prepared(
    number: int,
    *,
    at: datetime | None = NOW + HOUR,
    to: Connected | None = None,
    timetable: Timetable | None = None,
    not_after: datetime | None = None,
    **changes: Any,
) -> Prepared:
    """Make row `number`: a post of one image, but for what is changed; with slots it queues."""
    at_connection = to or connected()
    given = {
        "platform": "instagram",
        "account_id": "a1",
        "kind": Kind.IMAGE,
        "caption": f"Post {number}",
        "media": (Media(url=f"https://cdn.example.com/{number}.jpg"),),
    }
    post = Post(**{**given, **changes})
    place, ref = f"posts.jsonl row {number}", f"r{number}"
    return Prepared(
        row=Row(
            place=place,
            ref=ref,
            platform=post.platform,
            account=post.account_id,
            queue=timetable is not None,
        ),
        job=NewJob(
            ref=ref,
            provider=at_connection.provider.name,
            connection=at_connection.name,
            post=post,
            run_at=None if timetable else at,
            not_after=not_after,
            timetable=timetable,
        ),
        connected=at_connection,
        account=Account(account_id=post.account_id, platform=post.platform, username="x"),
    )


class Around:
    """A ledger with these jobs, some of them in slots."""

    def __init__(self, *jobs: Neighbour, in_slots: Sequence[Neighbour] = ()) -> None:
        self._jobs = (*jobs, *in_slots)
        self._in_slots = in_slots
        self.asked: list[tuple[datetime, datetime]] = []

    def on(self, lanes: set[tuple[str, str]], since: datetime, until: datetime) -> list[Neighbour]:
        self.asked.append((since, until))
        return [
            each
            for each in self._jobs
            if (each.connection, each.account_id) in lanes and since <= each.run_at <= until
        ]

    def in_slots(self, lane: tuple[str, str], after: datetime) -> list[Neighbour]:
        return [
            each
            for each in self._in_slots
            if (each.connection, each.account_id) == lane and each.run_at > after
        ]


class Seen:
    """Says of every URL what it was told, and remembers what it was asked."""

    def __init__(self, **looks: Look) -> None:
        self._looks = looks
        self.asked: list[Target] = []

    def at(self, targets: Iterable[Target], within: timedelta) -> dict[Target, Look]:
        assert within > timedelta(0)
        self.asked += targets
        return {
            each: self._looks.get(each.url.rpartition("/")[2].partition(".")[0], Look(problem="?"))
            for each in self.asked
        }


class Told:
    """Says the same of every creator."""

    def __init__(self, creator: Creator) -> None:
        self._creator = creator
        self.notes = ["one could not be asked"]
        self.asked: set[CreatorKey] = set()

    def of(
        self, wanted: Iterable[tuple[Connected, str]], within: timedelta
    ) -> dict[CreatorKey, Creator]:
        assert within > timedelta(0)
        self.asked = {CreatorKey(each.name, account) for each, account in wanted}
        return dict.fromkeys(self.asked, self._creator)


def neighbour(
    number: int, at: datetime, post: Post, connection: str = "wonda", ref: str = ""
) -> Neighbour:
    return Neighbour(
        id=number,
        campaign="old",
        ref=ref or f"old{number}",
        connection=connection,
        account_id=post.account_id,
        run_at=at,
        post=post,
    )


def preflight(*rows: Prepared, around: Around | None = None, **more: Any) -> Preflight:
    made = Preflight(around=around or Around(), clock=FakeClock(NOW), **more)
    made.add(rows)
    return made


def told(*rows: Prepared, **more: Any) -> list[tuple[str, str, bool]]:
    """Return (ref, field, warning) of every finding."""
    found = preflight(*rows, **more).findings()
    return [(each.ref, each.field, each.warning) for each in found]
