"""The tasks of the queue `publish`: doorbells, each of them one call."""

from collections.abc import Sequence

from shared.broker import CANCEL_TASK, MESSAGE_VERSION, PUBLISH_TASK
from shared.logs import logger
from worker.app import app, process
from worker.cancelling import cancel_at_provider

log = logger(__name__)


@app.task(name=PUBLISH_TASK)
def publish(version: int, job_ids: Sequence[int]) -> None:
    """Publish these jobs, if they are still queued."""
    if version != MESSAGE_VERSION:
        log.warning("a message of another version is dropped", version=version)
        return
    process().crew.take(job_ids)


@app.task(name=CANCEL_TASK)
def cancel(version: int, job_ids: Sequence[int]) -> None:
    """Cancel these jobs at their providers."""
    if version != MESSAGE_VERSION:
        log.warning("a message of another version is dropped", version=version)
        return
    for job_id in job_ids:
        cancel_at_provider(process().parts, job_id, by="worker")
