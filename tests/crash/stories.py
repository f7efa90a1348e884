"""Where a job stands when the life begins that will be cut off: new, or already in trouble."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from shared.domain.states import State
from tests.crash.site import Plan, Site, Sort


class Story(StrEnum):
    """What happened before."""

    NEW = "new"
    #: The provider stored it, and its answer never came.
    ANSWER_LOST = "answer lost"
    #: The connection ended before the provider read anything.
    DROPPED = "dropped"
    #: A worker died when it had sent the publish call.
    DIED_IN_FLIGHT = "died in flight"
    #: A worker died when it had claimed the job.
    DIED_BEFORE = "died before"


def tell(site: Site, sort: Sort, story: Story) -> int:
    """Bring a new job to where the story leaves it and return its id."""
    match story:
        case Story.NEW:
            return site.submit(sort)
        case Story.ANSWER_LOST:
            return _in_doubt(site, sort, "lost_answer")
        case Story.DROPPED:
            return _in_doubt(site, sort, "drop_before")
        case Story.DIED_IN_FLIGHT:
            return _dead(site, sort, publish_sent)
        case Story.DIED_BEFORE:
            return _dead(site, sort, claimed)


def record(site: Site, sort: Sort, story: Story, plan: Plan) -> list[str]:
    """Return the points that a life passes which nobody cuts off."""
    site.rehearse(tell(site, sort, story))
    status, points = site.live_and_die(tell(site, sort, story), None, plan)
    assert status == 0
    return points


def publish_sent(points: Sequence[str]) -> int:
    """Return the number of the point at which the whole publish call has left."""
    opened = next(number for number, point in enumerate(points) if "attempt" in point)
    return next(n for n, point in enumerate(points) if n > opened and point.startswith("sent "))


def claimed(points: Sequence[str]) -> int:
    """Return the number of the point at which a worker has just claimed the job."""
    return points.index("after ring") + 2


def _in_doubt(site: Site, sort: Sort, fault: str) -> int:
    site.sandbox.add_fault(fault, provider=sort.provider, call="publish")
    job_id = site.submit(sort)
    site.recoverer.live(job_id, until={State.UNCERTAIN})
    return job_id


def _dead(site: Site, sort: Sort, at: Callable[[Sequence[str]], int]) -> int:
    armed = at(site.points_of(sort))
    job_id = site.submit(sort)
    assert site.live_and_die(job_id, armed, Plan())[0] < 0
    return job_id
