"""The gate of a publish call: nothing leaves before its attempt is on record under a live claim."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock
from shared.domain.job import Attempt, Job
from shared.errors import LeaseLost, TooLate
from shared.ledger import Ledger
from worker.leases import Claim

#: The attempt is committed so long before the job is due: the commit should not make it late.
LEAD = timedelta(milliseconds=30)

#: A connection that waited longer for our own commit counts as idle; the call is not made on it.
COMMIT_MAX = timedelta(seconds=1)


#: Entered by a job that waits for its moment, so that another one may run meanwhile.
Resting = Callable[[], AbstractContextManager[None]]


def is_too_late(job: Job, now: datetime) -> bool:
    """Whether a job must not be published any more; what a replay repeats may be out already."""
    return job.not_after is not None and now > job.not_after and not job.replay


class AttemptGate:
    """Opens the attempt of one claim as the request line is about to be written."""

    def __init__(
        self, ledger: Ledger, clock: Clock, claim: Claim, resting: Resting = nullcontext
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._claim = claim
        self.resting = resting
        self.attempt: Attempt | None = None
        #: SQL went away during the commit: the row may be there, though nothing was sent.
        self.unsure = False

    def ready(self) -> None:
        """Wait until the job is nearly due: it was released a little early."""
        moment = self._claim.job.due_at - LEAD
        if self._clock.now() < moment:
            with self.resting():
                self._wait_until(moment)

    def open(self, memo: Mapping[str, Any]) -> None:
        """Commit the attempt row, wait for the job's instant, then check the lease once more.

        Raises LeaseLost, TooLate. Nothing leaves early, and no attempt is said to have begun
        before that.
        """
        job, started = self._claim.job, self._clock.monotonic()
        if is_too_late(job, self._clock.now()):
            raise TooLate
        self.unsure = True
        opened_at = max(self._clock.now(), job.due_at)
        self.attempt = self._ledger.claims.open_attempt(job, memo, now=opened_at)
        self.unsure = False
        if self._clock.monotonic() - started > COMMIT_MAX.total_seconds():
            raise LeaseLost("the attempt took too long to be written; nothing was sent")
        self._wait_until(job.due_at)
        if not self._claim.sendable(self._clock.monotonic()):
            raise LeaseLost("the claim is about to run out; nothing was sent")

    def _wait_until(self, moment: datetime) -> None:
        while (early := moment - self._clock.now()) > timedelta(0):
            self._clock.sleep(early)
