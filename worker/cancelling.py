"""Cancels publishes at their providers, where a person asked for it and the provider offers it."""

from shared.bootstrap import READING, Parts
from shared.domain.job import Job
from shared.domain.settlement import Settlement
from shared.domain.settling import receipt_of
from shared.domain.states import State
from shared.domain.status import Status, Verdict
from shared.errors import PartUnreachable
from shared.logs import logger
from shared.provider import Publish
from shared.wire.answer import CallFailed, NoAnswer

log = logger(__name__)


def cancel_at_provider(parts: Parts, job_id: int, by: str) -> None:
    """Ask once; the answer decides, and a provider that could not be asked is asked again later."""
    job = parts.ledger.jobs.get(job_id)
    if job.state is not State.IN_PROGRESS or job.cancel_requested_at is None:
        return
    try:
        status = _ask(parts, job)
    except (NoAnswer, CallFailed, PartUnreachable) as broken:
        log.warning("could not be cancelled now", job=job.id, why=str(broken))
        return
    now = parts.clock.now()
    if status.verdict is Verdict.CANCELLED:
        why = f"cancelled at {job.provider}"
        settlement = Settlement(to=State.CANCELLED, why=why, receipt=receipt_of(status))
        parts.ledger.moves.apply(job, settlement, now=now, by=by)
    else:
        log.info("too late to cancel", job=job.id, provider_status=status.raw)
        parts.ledger.jobs.cancel_answered(job.id, now=now)


def _ask(parts: Parts, job: Job) -> Status:
    publish = Publish(
        publish_id=job.provider_publish_id or "",
        post=job.post,
        sent_at=job.first_sent_at or job.created_at,
    )
    connected = parts.connected(job.connection)
    return connected.provider.cancel(publish, connected.wire(parts.road, READING))
