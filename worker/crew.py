"""The crew: the threads that carry jobs out. A message is taken as soon as its jobs are claimed.

Claims are never more than there are free places, so a claimed job has a thread; what a message
named beyond that waits in SQL, still queued, for a place at this or another worker.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from shared.clock import Clock
from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.logs import logger
from worker.leases import LEASE, Claim
from worker.pipeline import Pipeline
from worker.places import Places

log = logger(__name__)


class Crew:
    """Claims jobs for free threads and hands them to the pipeline."""

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        self._pipeline = pipeline
        self._ledger: Ledger = pipeline.ledger
        self._clock: Clock = pipeline.clock
        self._owner = pipeline.owner
        self._places = Places(threads)
        self._pool = ThreadPoolExecutor(self._places.threads, thread_name_prefix="publish")

    def take(self, job_ids: Sequence[int]) -> None:
        """Claim and start these jobs as threads come free; on a stop hand the rest back."""
        waiting = deque(job_ids)
        while waiting:
            places = self._places.take(len(waiting))
            if places == 0:
                self._hand_back(list(waiting))
                return
            self._start([waiting.popleft() for _ in range(places)])

    def stop(self) -> None:
        """Claim nothing more."""
        self._places.close()

    def drain(self) -> None:
        """Wait until every running job has been settled."""
        self.stop()
        self._pool.shutdown(wait=True)

    @property
    def busy(self) -> int:
        """How many jobs are running."""
        return self._places.busy

    def _start(self, job_ids: Sequence[int]) -> None:
        claims = self._claim(job_ids)
        self._places.give_back(len(job_ids) - len(claims))
        for claim in claims:
            self._pool.submit(self._carry_out, claim)

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

    def _carry_out(self, claim: Claim) -> None:
        try:
            self._pipeline.carry_out(claim, self._places.resting)
        except Exception:
            log.exception("a job could not be carried out; its lease brings it back")
        finally:
            self._places.give_back(1)

    def _hand_back(self, job_ids: Sequence[int]) -> None:
        """Return queued jobs to `scheduled`, so that the next tick gives them to another worker."""
        now = self._clock.now()
        for job_id in job_ids:
            try:
                job = self._ledger.jobs.get(job_id)
                if job.state is State.QUEUED and not job.replay:
                    back = Settlement(to=State.SCHEDULED, why="its worker stops", due_at=job.due_at)
                    self._ledger.moves.apply(job, back, now=now, by=self._owner)
            except PartUnreachable as away:
                log.warning("could not be handed back; it is rung again later", why=str(away))
                return
