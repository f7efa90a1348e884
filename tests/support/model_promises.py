"""The promises, checked on what the ledger, the provider and the people of a model know."""

from collections.abc import Sequence

from shared.domain.audit import audit_job
from shared.domain.job import Job
from shared.domain.settlement import Hold
from shared.domain.states import AT_REST, FINAL, State
from shared.ledger.audits import Record
from tests.support.model_events import BUSY, wakes_at
from tests.support.model_parts import ModelParts


class Promises:
    """Looks at every job of a model system, and at each request as it is sent."""

    def __init__(self, parts: ModelParts) -> None:
        self.parts = parts
        self.ledger = parts.ledger
        self.service = parts.service
        self.service.on_publish = self._check_send
        self.endings: dict[int, Job] = {}
        #: Jobs of which a person said something untrue.
        self.misjudged: set[int] = set()
        self.violations: list[str] = []

    def records(self) -> list[Record]:
        return self.ledger.audits.page(0, 100)

    def jobs(self) -> list[Job]:
        return [record.job for record in self.records()]

    def job(self, which: int) -> Job:
        jobs = self.jobs()
        return jobs[which % len(jobs)]

    def story(self, job_id: int) -> str:
        """Tell what is on record of a job, for a test that failed."""
        job = self.ledger.jobs.get(job_id)
        lines = [f"job {job_id}: {job}", *map(str, self.service.of_job(job_id))]
        lines += map(str, self.ledger.jobs.attempts(job_id))
        lines += map(str, self.ledger.jobs.events(job_id))
        return "\n".join(lines)

    def check(self, record: Record) -> None:
        job = record.job
        if job.id not in self.misjudged:
            assert len(self.service.of_job(job.id)) <= 1, self.story(job.id)
            found = list(audit_job(job, record.attempts, record.events))
            assert found == [], (found, self.story(job.id))
        assert job.state in AT_REST or wakes_at(job) is not None, self.story(job.id)
        if job.state in FINAL:
            assert self.endings.setdefault(job.id, job) == job, self.story(job.id)

    def check_answers(self, records: Sequence[Record]) -> None:
        """An answer that reached somebody is on its attempt, whoever had the claim by then."""
        kept = {(each.job_id, each.publish_id) for record in records for each in record.attempts}
        for answer in self.service.answered:
            assert answer in kept, self.story(answer[0])

    def check_twins(self, jobs: Sequence[Job]) -> None:
        busy = [(job.connection, job.post.likeness) for job in jobs if job.state in BUSY]
        assert len(busy) == len(set(busy)), busy

    def _check_send(self, job_id: int, key: str) -> None:
        job, attempt = self.ledger.jobs.get(job_id), self.ledger.jobs.open_attempt(job_id)
        if job.state is not State.PUBLISHING or attempt is None:
            self.violations.append(f"job {job_id} was sent while {job.state}, attempt {attempt}")
        elif attempt.memo["key"] != key or attempt.fence != job.fence:
            self.violations.append(f"job {job_id} was sent with {key} under {attempt}")
        elif job.lease_until is None or job.lease_until <= self.parts.model_clock.now():
            self.violations.append(f"job {job_id} was sent after its lease")

    def check_end(self, job: Job) -> None:
        if job.id in self.misjudged:
            return
        posts = self.service.of_job(job.id)
        out = [post for post in posts if post.status == "posted"]
        if job.state is State.SUCCEEDED:
            assert len(posts) == 1, self.story(job.id)
        elif job.state is State.HELD:
            assert job.hold in {Hold.LOST_ANSWER, Hold.SETTLE, Hold.RESCUE}
        elif job.state is State.CANCELLED:
            assert out == [], self.story(job.id)
