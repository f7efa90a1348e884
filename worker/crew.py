"""The crew: the threads that carry jobs out. A message is taken as soon as its jobs are claimed.

As many jobs may be ready as there are places; what a message names beyond that waits in SQL,
still queued, for this or another worker.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from shared.clock import Clock
from shared.domain.job import Job
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.logs import logger
from worker.leases import LEASE, Claim
from worker.pipeline import Pipeline
from worker.places import Places

log = logger(__name__)

_STOPS = "its worker stops"


class Crew:
    """Claims jobs for free threads and hands them to the pipeline."""

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        self._pipeline = pipeline
        self._ledger: Ledger = pipeline.ledger
        self._clock: Clock = pipeline.clock
        self._owner = pipeline.owner
        self._leases = pipeline.leases
        self._places = Places[Claim](threads, lambda claim: self._pool.submit(self._work, claim))
        self._pool = ThreadPoolExecutor(self._places.threads, thread_name_prefix="publish")

    def take(self, job_ids: Sequence[int]) -> None:
        """Claim these jobs as there is room for them; on a stop hand the rest back."""
        waiting = deque(job_ids)
        while waiting:
            asked = self._places.ask(len(waiting))
            if asked == 0:
                self._hand_back(list(waiting))
                return
            claims: list[Claim] = []
            try:
                claims = self._claim([waiting.popleft() for _ in range(asked)])
                self._leases.hold(claims)
            finally:
                # Also when the claim fails as nobody expected: the room it asked for is free again.
                self._places.add(asked, claims)

    def stop(self) -> None:
        """Claim nothing more, and begin nothing."""
        self._places.close()

    def drain(self) -> None:
        """Hand back what did not begin, and wait until every running job is done."""
        self.stop()
        if left := self._places.leave():
            self._pipeline.give_up(left, _STOPS)
        self._pool.shutdown(wait=True)

    @property
    def busy(self) -> int:
        """How many jobs are running."""
        return self._places.busy

    def _claim(self, job_ids: Sequence[int]) -> list[Claim]:
        started = self._clock.monotonic()
        now = self._clock.now()
        try:
            jobs = self._ledger.claims.claim(
                job_ids, owner=self._owner, lease=LEASE, now=now, by=self._owner
            )
        except PartUnreachable as away:
            log.warning("nothing could be claimed; it is rung again later", why=str(away))
            return []
        until = started + LEASE.total_seconds()
        return [Claim(job, until, started + self._deadline_seconds(job)) for job in jobs]

    def _deadline_seconds(self, job: Job) -> float:
        connected = self._pipeline.connections.get(job.connection)
        if connected is None:
            return LEASE.total_seconds()
        return connected.provider.capabilities.job_deadline.total_seconds()

    def _work(self, claim: Claim) -> None:
        """Carry a job out, and go on with the next one that is ready."""
        following: Claim | None = claim
        while following is not None:
            self._carry_out(following)
            following = self._places.next()

    def _carry_out(self, claim: Claim) -> None:
        # Its time runs from here, not from the claim: it may have waited for a place.
        claim.deadline = self._clock.monotonic() + self._deadline_seconds(claim.job)
        try:
            self._pipeline.carry_out(claim, self._places.resting)
        except Exception:
            log.exception("a job could not be carried out; its lease brings it back")

    def _hand_back(self, job_ids: Sequence[int]) -> None:
        """Return queued jobs to `scheduled`, so that the next tick gives them to another worker."""
        now = self._clock.now()
        try:
            self._ledger.claims.return_queued(job_ids, why=_STOPS, now=now, by=self._owner)
        except PartUnreachable as away:
            log.warning("could not be handed back; it is rung again later", why=str(away))
