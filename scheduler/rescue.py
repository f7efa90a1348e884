"""Rescue: takes jobs back from dead workers and rings again for messages that were lost."""

import random
from datetime import timedelta

from shared.bootstrap import Parts
from shared.domain.settling import after_rescue
from shared.errors import LimiterUnavailable
from shared.logs import logger

log = logger(__name__)

BATCH = 500

#: Processes are named anew at each start, so the names of the dead would pile up.
FORGOTTEN_AFTER = timedelta(days=1)

#: A queued job is rung again after this, then after twice as long, and so on up to the cap: a
#: backlog that is merely slow must not become a storm.
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=10)


class Rescue:
    """What a tick does about the dead and the lost."""

    def __init__(self, parts: Parts, name: str) -> None:
        self._parts = parts
        self._name = name
        self._chance = random.Random()

    def tick(self) -> None:
        self._take_back()
        self._ring_again()
        self._ring_cancels()
        self._save_windows()
        self._parts.ledger.heartbeats.forget(self._parts.clock.now() - FORGOTTEN_AFTER)

    def _take_back(self) -> None:
        parts, now = self._parts, self._parts.clock.now()
        for job, attempt in parts.ledger.rescues.expired(now=now, limit=BATCH):
            if job.connection not in parts.connections:
                log.warning("not rescued: its connection is not set here", job=job.id)
                continue
            settlement = after_rescue(
                job,
                attempt_open=attempt is not None,
                terms=parts.connected(job.connection).terms,
                chance=self._chance,
                now=now,
            )
            if parts.ledger.moves.apply(job, settlement, now=now, by=self._name):
                log.warning("rescued", job=job.id, to=str(settlement.to), why=settlement.why)

    def _ring_again(self) -> None:
        """Ring for queued jobs: all of them when Redis lost its memory, else the long silent."""
        parts, now = self._parts, self._parts.clock.now()
        forgotten = parts.ledger.epochs.seen(parts.limiter.epoch(), now)
        while True:
            released = parts.ledger.rescues.ring_again(
                now=now,
                everything=forgotten,
                first_pause=FIRST_PAUSE,
                cap=LONGEST_PAUSE,
                limit=BATCH,
            )
            if released:
                log.warning("rung again", jobs=len(released), redis_forgot=forgotten)
                if not parts.broker.ring([each.job_id for each in released]):
                    parts.ledger.epochs.doubt(now)
                    return
            if not forgotten or len(released) < BATCH:
                return

    def _ring_cancels(self) -> None:
        now = self._parts.clock.now()
        waiting = self._parts.ledger.polls.cancels(now=now, limit=BATCH, lease=FIRST_PAUSE)
        if waiting:
            self._parts.broker.ring_cancels([job.id for job in waiting])

    def _save_windows(self) -> None:
        try:
            self._parts.limiter.snapshot(self._parts.clock.now())
        except LimiterUnavailable as away:
            log.warning("the windows could not be saved", why=str(away))
