"""The JSON shapes of what the ledger keeps; scripts hold on to their keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.cli.output import instant
from shared.domain.job import Attempt, Event, Job
from shared.domain.limit import Limit, WindowUse
from shared.domain.outcome import Fault
from shared.domain.states import State
from shared.ledger.accounts import StoredAccount
from shared.rows import RowProblem

Shape = dict[str, Any]


def job_shape(job: Job) -> Shape:
    """Return a job as `jobs list --json` has it."""
    return {
        "id": job.id,
        "ref": job.ref,
        "campaign": job.campaign,
        "provider": job.provider,
        "connection": job.connection,
        "platform": job.post.platform,
        "account": job.post.account_id,
        "kind": str(job.post.kind),
        "state": str(job.state),
        "reason": job.reason or None,
        "hold": None if job.hold is None else str(job.hold),
        "provider_status": job.provider_status,
        "attempts": job.attempts,
        "deferrals": job.deferrals,
        "created_at": instant(job.created_at),
        "run_at": instant(job.run_at),
        "not_after": instant(job.not_after),
        "due_at": instant(job.due_at),
        "first_sent_at": instant(job.first_sent_at),
        "settled_at": instant(job.settled_at),
        "provider_publish_id": job.provider_publish_id,
        "permalink": job.permalink,
        "delivered_to_inbox": job.delivered_to_inbox,
        "error": fault_shape(job.fault),
        "retry_of": job.retry_of,
    }


def fault_shape(fault: Fault | None) -> Shape | None:
    if fault is None:
        return None
    return {"class": str(fault.error_class), "code": fault.code, "message": fault.message}


def attempt_shape(attempt: Attempt) -> Shape:
    return {
        "number": attempt.number,
        "opened_at": instant(attempt.opened_at),
        "closed_at": instant(attempt.closed_at),
        "outcome": attempt.outcome,
        "error": fault_shape(attempt.fault),
        "provider_publish_id": attempt.publish_id,
        "memo": dict(attempt.memo),
    }


def event_shape(event: Event) -> Shape:
    return {
        "at": instant(event.at),
        "from": None if event.from_state is None else str(event.from_state),
        "to": str(event.to_state),
        "why": event.why,
        "attempt": event.attempt,
        "by": event.by,
    }


def account_shape(stored: StoredAccount) -> Shape:
    account = stored.account
    return {
        "connection": stored.connection,
        "provider": stored.provider,
        "account": account.account_id,
        "platform": account.platform,
        "username": account.username,
        "display_name": account.display_name,
        "can_post": account.can_post,
        "reason": account.reason or None,
        "inbox_only": account.inbox_only,
        "account_type": account.account_type or None,
        "kinds": None if account.kinds is None else sorted(account.kinds),
        "synced_at": instant(stored.synced_at),
    }


def window_shape(window: WindowUse) -> Shape:
    return {
        "connection": window.connection,
        "account": window.account,
        "limit": window.limit,
        "used": window.used,
        "unit": window.unit or None,
        "window_s": None if window.per is None else window.per.total_seconds(),
        "window": window.window,
        "resets_at": instant(window.resets_at),
        "blocked_until": instant(window.blocked_until),
        "source": window.source,
        "calls": sorted(window.calls),
        "why": window.words if window.is_block else None,
    }


def limit_shape(limit: Limit) -> Shape:
    return {
        "requests": limit.requests,
        "unit": str(limit.unit),
        "window_s": limit.per.total_seconds(),
        "window": str(limit.window),
        "scope": str(limit.reach),
        "calls": sorted(limit.calls),
        "source": limit.source,
    }


def problem_shape(problem: RowProblem) -> Shape:
    return {
        "place": problem.place,
        "ref": problem.ref or None,
        "field": problem.field or None,
        "message": problem.message,
        "warning": problem.warning,
    }


def counts_shape(counts: Mapping[State, int]) -> dict[str, int]:
    """Return the count of every state, also of those without jobs."""
    return {str(state): counts.get(state, 0) for state in State}


def lateness_shape(seconds: Sequence[float]) -> Shape:
    """Return percentiles, by nearest rank, of how late jobs were first sent."""
    ranked = sorted(seconds)

    def rank(share: float) -> float | None:
        return round(ranked[round(share * (len(ranked) - 1))], 3) if ranked else None

    return {
        "jobs": len(ranked),
        "p50": rank(0.5),
        "p90": rank(0.9),
        "p99": rank(0.99),
        "max": rank(1.0),
    }
