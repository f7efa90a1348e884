"""The terms a job runs under: what its provider can do and what its connection's policies say."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.capabilities import Capabilities, LostAnswer
from shared.domain.job import Job
from shared.domain.polling import PollPolicy
from shared.domain.release import LatePolicy
from shared.domain.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Capabilities and policies of one connection."""

    capabilities: Capabilities
    retry: RetryPolicy
    poll: PollPolicy
    late: LatePolicy
    lost_answer: LostAnswer

    def absence_after(self, job: Job) -> timedelta:
        return self.capabilities.absence_after(job.post.platform, job.post.kind)
