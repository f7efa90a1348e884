"""What should have become of the sample, and whether it did: by the ledger and by the far end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domain.job import Job
from shared.domain.states import State

#: The one post of the sample that the platform refuses, on purpose.
REFUSED = "wahdx-refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that came out otherwise than the sample says; nothing, if all is well."""

    surprises: list[str] = field(default_factory=list)


def judge(jobs: Sequence[Job], stored: Sequence[Mapping[str, Any]]) -> Verdict:
    """Compare each job with its expected ending, and the ledger with what was stored."""
    endings = [_ending(job) for job in jobs]
    return Verdict([*filter(None, endings), *_miscounted(jobs, stored)])


def _ending(job: Job) -> str:
    expected = State.FAILED if job.ref == REFUSED else State.SUCCEEDED
    if job.state is expected:
        return ""
    return f"{job.ref} is {job.state} instead of {expected}: {job.reason}"


def _miscounted(jobs: Sequence[Job], stored: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say which posts the providers did not store exactly once."""
    wanted = Counter(_post(job.provider, job.post.account_id, job.post.caption) for job in jobs)
    found = Counter(
        _post(each["provider"], str(each["account_id"]), each["caption"]) for each in stored
    )
    differing = sorted((wanted - found) | (found - wanted))
    return [f"{post} is stored {found[post]} times, not {wanted[post]}" for post in differing]


def _post(provider: str, account: str, caption: str | None) -> str:
    return f"{provider} {account} {caption or '(no caption)'!r}"
