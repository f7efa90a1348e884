"""What people pause in the model system, and that nothing paused is left in the queue or taken."""

from shared.domain.job import Job
from shared.domain.pause import Pausable, Target, Whereabouts
from shared.domain.states import State
from tests.support.model_events import CONNECTIONS
from tests.support.model_parts import ModelParts


def pause(parts: ModelParts, kind: Pausable, job: Job) -> None:
    """Pause something that this job stands still for; nothing of it may stay queued."""
    names = {Pausable.CAMPAIGN: job.campaign, Pausable.PROVIDER: job.provider}
    account = job.post.account_id if kind is Pausable.ACCOUNT else ""
    target = Target(kind, names.get(kind, job.connection), account)
    now = parts.clock.now()
    parts.ledger.pauses.pause(target, why="", now=now, by="mia", connections=[job.connection])
    jobs = [record.job for record in parts.ledger.audits.page(0, 100)]
    queued = [each for each in jobs if each.state is State.QUEUED and not each.replay]
    assert not any(_at(each).is_held_by(target) for each in queued)


def resume_all(parts: ModelParts) -> None:
    for each in parts.ledger.pauses.every():
        now = parts.clock.now()
        parts.ledger.pauses.resume(each.target, now=now, connections=CONNECTIONS)


def check_taken(parts: ModelParts, job: Job) -> None:
    """Nothing paused may be claimed but a replay."""
    held = [each for each in parts.ledger.pauses.every() if _at(job).is_held_by(each.target)]
    assert job.replay or not held, (job, held)


def _at(job: Job) -> Whereabouts:
    return Whereabouts(
        campaign=job.campaign,
        provider=job.provider,
        connection=job.connection,
        account_id=job.post.account_id,
    )
