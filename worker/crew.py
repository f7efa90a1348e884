"""The crew: the threads that carry jobs out. A message is taken as soon as its jobs are claimed.

Claims are never more than there are free threads, so a claimed job is being worked on; what a
message named beyond that waits in SQL, still queued, for a thread of this or another worker.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.clock import Clock
from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger import Ledger
from shared.logs import logger
from worker.leases import LEASE, Claim
from worker.pipeline import Pipeline

log = logger(__name__)

#: So long a claim waits for more threads than one to come free.
MOMENT = timedelta(milliseconds=20)


class Crew:
    """Claims jobs for free threads and hands them to the pipeline."""

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        self._pipeline = pipeline
        self._ledger: Ledger = pipeline.ledger
        self._clock: Clock = pipeline.clock
        self._owner = pipeline.owner
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="publish")
        self._threads = threads
        self._free = threads
        self._changed = threading.Condition()
        self._stopping = False

    def take(self, job_ids: Sequence[int]) -> None:
        """Claim and start these jobs as threads come free; on a stop hand the rest back."""
        waiting = deque(job_ids)
        while waiting:
            places = self._places(len(waiting))
            if places == 0:
                self._hand_back(list(waiting))
                return
            self._start([waiting.popleft() for _ in range(places)])

    def stop(self) -> None:
        """Claim nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until every running job has been settled."""
        self.stop()
        self._pool.shutdown(wait=True)

    @property
    def busy(self) -> int:
        """How many jobs are running."""
        return self._threads - self._free

    def _places(self, wanted: int) -> int:
        """Wait for free threads and take up to `wanted` of them; 0 once the crew is stopping.

        When nearly all are busy, a few more are waited for a moment: a claim is a commit.
        """
        enough = min(wanted, max(self._threads // 4, 1))
        with self._changed:
            while not self._stopping:
                self._wait_for(1)
                self._wait_for(enough, MOMENT)
                taken = min(wanted, self._free)
                if taken and not self._stopping:
                    self._free -= taken
                    return taken
            return 0

    def _wait_for(self, free: int, within: timedelta | None = None) -> None:
        seconds = None if within is None else within.total_seconds()
        self._changed.wait_for(lambda: self._free >= free or self._stopping, seconds)

    def _give_back(self, places: int) -> None:
        with self._changed:
            self._free += places
            self._changed.notify_all()

    def _start(self, job_ids: Sequence[int]) -> None:
        claims = self._claim(job_ids)
        self._give_back(len(job_ids) - len(claims))
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
            self._pipeline.carry_out(claim)
        except Exception:
            log.exception("a job could not be carried out; its lease brings it back")
        finally:
            self._give_back(1)

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
