"""The gate of a publish call: nothing leaves before its attempt is on record under a live claim."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.clock import Clock
from shared.domain.job import Attempt
from shared.errors import LeaseLost
from shared.ledger import Ledger
from worker.leases import Claim

#: A connection that waited longer for our own commit counts as idle; the call is not made on it.
COMMIT_MAX = timedelta(seconds=1)


class AttemptGate:
    """Opens the attempt of one claim as the request line is about to be written."""

    def __init__(self, ledger: Ledger, clock: Clock, claim: Claim) -> None:
        self._ledger = ledger
        self._clock = clock
        self._claim = claim
        self.attempt: Attempt | None = None
        #: SQL went away during the commit: the row may be there, though nothing was sent.
        self.unsure = False

    def ready(self) -> None:
        """Wait until the job is due: it was released a little early, but nothing leaves early."""
        while (early := self._claim.job.due_at - self._clock.now()) > timedelta(0):
            self._clock.sleep(early)

    def open(self, memo: Mapping[str, Any]) -> None:
        """Commit the attempt row, then check the lease once more. Raises LeaseLost."""
        started = self._clock.monotonic()
        job = self._claim.job
        self.unsure = True
        self.attempt = self._ledger.claims.open_attempt(job, memo, now=self._clock.now())
        self.unsure = False
        finished = self._clock.monotonic()
        if finished - started > COMMIT_MAX.total_seconds():
            raise LeaseLost("the attempt took too long to be written; nothing was sent")
        if not self._claim.sendable(finished):
            raise LeaseLost("the claim is about to run out; nothing was sent")
