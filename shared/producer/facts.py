"""The facts about one job that its explanation is made from, gathered in one place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.connected import Connected
from shared.domain.job import Job
from shared.domain.limit import Call, Headroom, Limiter, Scope, WindowUse
from shared.domain.release import LatePolicy
from shared.domain.states import WAITING
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.ledger.waits import Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the limits admit for one account now."""

    connection: Headroom
    account: Headroom
    #: Every window and block that its publish calls must pass.
    windows: Sequence[WindowUse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A job, and where it waits what it may wait for."""

    job: Job
    now: datetime
    #: The late policy that it stands under; None = of one that does not wait.
    late: LatePolicy | None = None
    wait: Wait | None = None
    #: None = not asked, or `away` says why that could not be.
    room: Room | None = None
    away: str = ""

    @property
    def is_due(self) -> bool:
        return self.job.due_at <= self.now


def gather(
    job: Job,
    now: datetime,
    ledger: Ledger,
    connections: Mapping[str, Connected],
    limiter: Callable[[], Limiter],
) -> Facts:
    """Ask the ledger about a job and, where it matters now, the limiter."""
    if job.state not in WAITING:
        return Facts(job=job, now=now)
    wait = ledger.waits.of(job.id, now)
    facts = Facts(job=job, now=now, wait=wait, late=_late(job, wait, connections))
    if not (facts.is_due or wait.at_connection):
        return facts
    try:
        return replace(facts, room=_room(job, now, limiter()))
    except PartUnreachable as away:
        return replace(facts, away=str(away))


def _late(job: Job, wait: Wait, connections: Mapping[str, Connected]) -> LatePolicy | None:
    connected = connections.get(job.connection)
    return wait.rules.late or (None if connected is None else connected.terms.late)


def _room(job: Job, now: datetime, limiter: Limiter) -> Room:
    scopes = [Scope(job.connection), Scope(job.connection, job.post.account_id)]
    connection, account = limiter.headroom(scopes, Call.PUBLISH, now)
    windows = [each for each in limiter.windows(now, scopes) if each.concerns(scopes[-1])]
    return Room(connection=connection, account=account, windows=windows)
