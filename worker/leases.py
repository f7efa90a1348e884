"""Leases: short, renewed by one timer per process, until each job's own deadline."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.clock import Clock
from shared.domain.job import Job
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.logs import logger

log = logger(__name__)

#: A claim lives this long without renewal; 3 x RENEWAL <= LEASE < the visibility timeout.
LEASE = timedelta(seconds=30)
RENEWAL = timedelta(seconds=10)

#: Nothing is sent in the last moment of a lease: two machines' clocks never agree exactly.
MARGIN = timedelta(seconds=2)


@dataclass(slots=True)
class Claim:
    """A job that is ours until the monotonic `until`, renewed at most up to `deadline`."""

    job: Job
    until: float
    deadline: float
    lost: bool = False

    def sendable(self, monotonic: float) -> bool:
        return not self.lost and monotonic < self.until - MARGIN.total_seconds()


class Leases:
    """Renews every claim of this process in one statement."""

    def __init__(self, ledger: Ledger, clock: Clock, owner: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self._owner = owner
        self._held: dict[int, Claim] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=RENEWAL.total_seconds())

    def hold(self, claims: Sequence[Claim]) -> None:
        """Keep these claims alive until they are dropped."""
        with self._lock:
            self._held.update({claim.job.id: claim for claim in claims})

    def drop(self, claim: Claim) -> None:
        """Let a claim run out; a later one of the same job stays."""
        with self._lock:
            if self._held.get(claim.job.id) is claim:
                del self._held[claim.job.id]

    def renew(self) -> None:
        """Renew every held claim that is not past its deadline; mark those that are lost."""
        started = self._clock.monotonic()
        with self._lock:
            claims = [claim for claim in self._held.values() if claim.deadline > started]
        if not claims:
            return
        try:
            kept = self._ledger.claims.renew(
                [(claim.job.id, claim.job.fence) for claim in claims],
                owner=self._owner,
                lease=LEASE,
                now=self._clock.now(),
            )
        except PartUnreachable as away:
            log.warning("leases could not be renewed", why=str(away))
            return
        for claim in claims:
            if claim.job.id in kept:
                claim.until = started + LEASE.total_seconds()
            else:
                claim.lost = True

    def _run(self) -> None:
        while not self._stopped.wait(RENEWAL.total_seconds()):
            self.renew()
