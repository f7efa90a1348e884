"""Settle: asks providers about what they accepted and have not finished, by the cheapest calls."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from scheduler.fanout import FanOut
from shared.bootstrap import READING, Parts
from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.settling import after_poll
from shared.domain.status import Status
from shared.errors import DroplineError, PublishClaimed
from shared.logs import logger
from shared.provider import Publish
from shared.wire.answer import NotAdmitted

log = logger(__name__)

#: Jobs asked about in one go over all connections.
BATCH = 500

#: Two schedulers keep out of each other's way for this long; a poll takes no longer.
CLAIM = READING + timedelta(seconds=5)

#: When a provider could not be asked at all, it is asked again after this.
BROKEN = timedelta(seconds=5)


class Settling:
    """Polls what is in flight and moves what has settled."""

    def __init__(self, parts: Parts, fanout: FanOut, name: str) -> None:
        self._parts = parts
        self._fanout = fanout
        self._name = name

    def tick(self) -> None:
        """Claim what is due to be asked about and ask each connection on a thread of its own."""
        now = self._parts.clock.now()
        due = self._parts.ledger.polls.claim(now=now, limit=BATCH, lease=CLAIM)
        for connection, jobs in _by_connection(due).items():
            if not self._fanout.run(f"settle {connection}", partial(self.poll, connection, jobs)):
                self._later(jobs, BROKEN)

    def poll(self, connection: str, jobs: Sequence[Job]) -> None:
        """Ask one provider about these jobs and carry out what its answers mean."""
        connected = self._parts.connected(connection)
        publishes = [_publish(job) for job in jobs]
        try:
            wire = connected.wire(self._parts.road, READING)
            statuses = connected.provider.statuses(publishes, wire)
        except NotAdmitted as later:
            self._later(jobs, max(later.until - self._parts.clock.now(), BROKEN / 5))
            return
        except DroplineError as broken:
            log.warning("could not be asked", connection=connection, why=str(broken))
            self._later(jobs, BROKEN)
            return
        for job in jobs:
            self._settle(job, statuses)

    def _settle(self, job: Job, statuses: Mapping[str, Status]) -> None:
        terms = self._parts.connected(job.connection).terms
        status = statuses.get(job.provider_publish_id or "")
        if status is not None and status.publish_id != job.provider_publish_id:
            log.warning("answered for another publish", job=job.id, named=status.publish_id)
            status = None
        settlement = after_poll(job, status, terms, self._parts.clock.now())
        self._apply(job, settlement)

    def _later(self, jobs: Sequence[Job], wait: timedelta) -> None:
        """Ask again later; a provider that was not asked has said nothing about a job."""
        at = self._parts.clock.now() + wait
        for job in jobs:
            self._apply(job, Settlement(to=None, next_poll_at=at))

    def _apply(self, job: Job, settlement: Settlement) -> None:
        now = self._parts.clock.now()
        try:
            self._parts.ledger.moves.apply(job, settlement, now=now, by=self._name)
        except PublishClaimed:
            log.exception("a status names a publish of another job", job=job.id)


def _publish(job: Job) -> Publish:
    return Publish(
        publish_id=job.provider_publish_id or "",
        post=job.post,
        sent_at=job.first_sent_at or job.created_at,
    )


def _by_connection(jobs: Sequence[Job]) -> Mapping[str, list[Job]]:
    groups: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        groups[job.connection].append(job)
    return groups
