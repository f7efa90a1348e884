"""Editing a job before it is sent: what differs, and whether it may still be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.job import Job, NewJob
from shared.domain.settlement import Hold
from shared.domain.states import FINAL, WAITING, State

#: What says whose job it is; another one is another job.
_FIXED = frozenset({"provider", "connection", "platform", "account"})

#: Held before anything was sent.
_UNSENT_HOLDS = frozenset({None, Hold.ACCOUNT, Hold.RESCUE, Hold.LATE, Hold.PAUSE})

_WAITS = WAITING | {State.HELD}


@dataclass(frozen=True, slots=True)
class Difference:
    """What one field was, and what it is asked to be; as JSON has it."""

    was: Any
    now: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was asked of a job that is there already, and whether it was done."""

    ref: str
    job_id: int
    fields: Mapping[str, Difference]
    done: bool = False
    #: Why it was not done; '' = it was, or it was not asked for.
    why: str = ""

    @property
    def words(self) -> str:
        """Return the fields in one line: `caption, run_at`."""
        return ", ".join(self.fields)


def content(job: Job) -> NewJob:
    """Return a job as it would be asked for."""
    return NewJob(
        ref=job.ref,
        provider=job.provider,
        connection=job.connection,
        post=job.post,
        run_at=job.run_at,
        not_after=job.not_after,
        retry_of=job.retry_of,
    )


def differences(stored: NewJob, asked: NewJob) -> dict[str, Difference]:
    """Return what was asked for otherwise, by field; no `run_at` means that it may stay."""
    before, after = _fields(stored), _fields(asked)
    if asked.run_at is None:
        after["run_at"] = before["run_at"]
    return {
        name: Difference(before.get(name), after.get(name))
        for name in (before | after)
        if before.get(name) != after.get(name)
    }


def refusal(job: Job, fields: Mapping[str, Difference]) -> str:
    """Return why these fields of a job cannot be changed any more, or ''."""
    if job.state in FINAL:
        return f"it has ended: it is {job.state}"
    fixed = ", ".join(name for name in fields if name in _FIXED)
    if fixed:
        return f"its {fixed} cannot be changed; cancel it and ask for another job"
    if job.state not in _WAITS:
        return f"it is on its way: it is {job.state}"
    doubtful = job.state is State.HELD and job.hold not in _UNSENT_HOLDS
    return "it may be live" if doubtful or job.replay or job.provider_publish_id else ""


def due_after(job: Job, run_at: datetime) -> datetime:
    """Return when a job is due whose time is changed; what puts it off now still does."""
    return run_at if job.due_at <= job.run_at else max(run_at, job.due_at)


def _fields(asked: NewJob) -> dict[str, Any]:
    post = asked.post.to_json()
    options = post.pop("options")
    account = post.pop("account_id")
    return {
        "provider": asked.provider,
        "connection": asked.connection,
        "account": account,
        **post,
        "run_at": _instant(asked.run_at),
        "not_after": _instant(asked.not_after),
        **{f"options.{name}": value for name, value in options.items()},
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
