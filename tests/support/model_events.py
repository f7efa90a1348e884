"""What may happen to the model system, as strategies, and when a job is brought on."""

from datetime import datetime

from hypothesis import strategies as st

from shared.domain.job import Job
from shared.domain.post import Kind
from shared.domain.states import WAITING, State
from tests.support.model_service import Fate, ReadFate

INDEX = st.integers(min_value=0, max_value=7)
WHO = st.integers(min_value=0, max_value=1)
FATES = st.sampled_from(Fate)
READS = st.sampled_from([ReadFate.ANSWERED] * 6 + list(ReadFate))
KINDS = st.sampled_from([Kind.TEXT, Kind.CAROUSEL])
#: What goes on while a call is on its way: nothing, anything, or the stall of a worker whose
#: claim runs out and is rescued, looked for and taken up by another one.
STEPS = ["rescue", "reconcile", "dispatch", "settle", "deliver", "renew", "1", "31", "200", "4000"]
STALL = ["31", "rescue", "3", "reconcile", "200", "reconcile", "31", "dispatch", "deliver"]
MEANWHILE: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]),
    st.lists(st.sampled_from(STEPS), max_size=4),
    st.integers(min_value=1, max_value=len(STALL)).map(lambda steps: STALL[:steps]),
)
MOST_JOBS = 8
CONNECTIONS = ("searching", "replaying", "holding")
BUSY = frozenset({State.QUEUED, State.PUBLISHING, State.UNCERTAIN})


def wakes_at(job: Job) -> datetime | None:
    if job.state in WAITING:
        return job.due_at
    return {
        State.QUEUED: job.queued_at,
        State.PUBLISHING: job.lease_until,
        State.IN_PROGRESS: job.next_poll_at,
        State.UNCERTAIN: job.next_look_at,
    }[job.state]
