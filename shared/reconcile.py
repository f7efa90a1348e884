"""Reconcile: asks providers what became of publish calls whose answers were lost."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.broker import Broker
from shared.connected import Connected
from shared.domain.finding import after_look
from shared.domain.job import Attempt, Job
from shared.domain.lost import (
    Absent,
    Ambiguous,
    Disputed,
    Found,
    Sighting,
    Unanswered,
    request_sent_at,
)
from shared.domain.settlement import Hold, Settlement
from shared.domain.settling import held_for_person
from shared.domain.states import State
from shared.errors import KeyMissing, LimiterUnavailable, PublishClaimed, UnknownName
from shared.ledger import Ledger
from shared.logs import logger
from shared.provider import Lost
from shared.wire.road import Road

log = logger(__name__)

#: How long one look may take; also how long two schedulers keep out of each other's way.
LOOK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look led to."""

    job_id: int
    state: State
    why: str
    #: Whether the provider answered; where it did not, nothing is known that was not before.
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks for lost publishes and carries out what follows."""

    ledger: Ledger
    road: Road
    connections: Mapping[str, Connected]
    broker: Broker
    chance: random.Random

    def look(self, job: Job, attempt: Attempt, by: str) -> Looked:
        """Look once for the publish of an uncertain job."""
        connected = self._connected(job)
        sent_at = request_sent_at(self.ledger.jobs.attempts(job.id) or [attempt])
        # An answer that takes long may tell how it stood when it was asked for, and not later.
        asked_at = self.road.clock.now()
        sighting = self._see(job, replace(attempt, opened_at=sent_at), connected)
        sent = replace(job, first_sent_at=sent_at)
        settlement = after_look(sent, sighting, connected.terms, self.chance, asked_at)
        if self._apply(job, settlement, by) and settlement.to is State.QUEUED:
            self.broker.ring([job.id])
        answered = not isinstance(sighting, Unanswered)
        return Looked(job.id, settlement.to or job.state, settlement.why, answered)

    def look_all(self, pairs: Sequence[tuple[Job, Attempt]], by: str) -> list[Looked]:
        return [self.look(job, attempt, by) for job, attempt in pairs]

    def _connected(self, job: Job) -> Connected:
        """Return the job's connection, which may have left the settings since."""
        if job.connection not in self.connections:
            raise UnknownName(f"job {job.id} needs connection {job.connection}, which is not set")
        return self.connections[job.connection]

    def _see(self, job: Job, attempt: Attempt, connected: Connected) -> Sighting:
        claims = self.ledger.looks.claims_of_others(
            job.connection, job.post.account_id, except_job=job.id
        )
        lost = Lost(
            post=job.post,
            memo=attempt.memo,
            sent_at=attempt.opened_at,
            claimed=frozenset(claims),
        )
        alike = frozenset(each for each, like in claims.items() if like == job.post.likeness)
        try:
            sighting = connected.provider.find(lost, connected.wire(self.road, LOOK))
            if isinstance(sighting, Absent) and alike != lost.claimed:
                sighting = self._doubt(replace(lost, claimed=alike), connected)
        except (KeyMissing, LimiterUnavailable) as not_asked:
            return Unanswered(str(not_asked))
        return sighting

    def _doubt(self, lost: Lost, connected: Connected) -> Sighting:
        """Look once more for what another job was told is its own, although it is not like it.

        A provider that answers one call with the id of another's post must not make us believe
        that the other post is not there.
        """
        match connected.provider.find(lost, connected.wire(self.road, LOOK)):
            case Found(status):
                return Disputed((status.publish_id,))
            case Ambiguous(publish_ids):
                return Disputed(publish_ids)
            case other:
                return other

    def _apply(self, job: Job, settlement: Settlement, by: str) -> bool:
        now = self.road.clock.now()
        try:
            return self.ledger.moves.apply(job, settlement, now=now, by=by)
        except PublishClaimed:
            why = "the publish that matches belongs to another job"
            log.warning(why, job=job.id, hold=str(Hold.LOST_ANSWER))
            held = held_for_person(why, job.fault)
            return self.ledger.moves.apply(job, held, now=now, by=by)
