"""Words that several sentences about jobs share."""

from datetime import UTC, datetime

from shared.domain.job import Job


def because(job: Job) -> str:
    return f" ({job.reason})" if job.reason else ""


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
