"""`campaign retry` and `jobs retry`: shows what a retry would do, asks, and makes the new jobs."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from shared.cli.exits import ExitCode, tell
from shared.cli.output import emit, instant, shown
from shared.cli.session import BY, LARGEST_ID, CampaignName, Json, open_parts
from shared.cli.shapes import Shape
from shared.domain.outcome import ErrorClass
from shared.domain.states import State
from shared.ledger.jobs import JobFilter
from shared.ledger.retries import Ended
from shared.producer.pacing import Paced
from shared.producer.retrying import Judged, RetryPlan, Verdict, Wanted
from shared.rows.moments import read_moment

States = Annotated[
    list[State] | None, typer.Option("--state", help="Ended like this; failed unless named.")
]
Error = Annotated[ErrorClass | None, typer.Option("--error", help="Failed of this class.")]
Fingerprint = Annotated[
    str | None, typer.Option("--fingerprint", help="Failed of this cause; `report` lists them.")
]
ByProvider = Annotated[str | None, typer.Option("--provider", help="Only at this provider.")]
ByConnection = Annotated[str | None, typer.Option("--connection", help="Only by this connection.")]
Account = Annotated[
    str | None, typer.Option("--account", help="Only of this account: its id or @username.")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Ended at this time or later.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Ended at this time or before.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Retry also where the cause is known to stand still.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
JobIds = Annotated[
    list[int] | None, typer.Argument(metavar="ID...", min=1, max=LARGEST_ID, help="The jobs.")
]


def retry_campaign(
    name: CampaignName,
    *,
    states: States = None,
    error: Error = None,
    fingerprint: Fingerprint = None,
    provider: ByProvider = None,
    connection: ByConnection = None,
    account: Account = None,
    since: Since = None,
    until: Until = None,
    anyway: Anyway = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Retry what failed, once each: shows what would go when and what would not, then asks."""
    which = JobFilter(
        campaign=name,
        states=states or None,
        provider=provider,
        connection=connection,
        account_id=account,
        error_class=error,
    )
    ended = _ended(since, until)
    wanted = Wanted(which=which, ended=ended, fingerprint=fingerprint, anyway=anyway)
    _plan_and_do(wanted, yes=yes, as_json=as_json)


def retry_jobs(
    job_ids: JobIds = None,
    *,
    states: States = None,
    error: Error = None,
    fingerprint: Fingerprint = None,
    provider: ByProvider = None,
    connection: ByConnection = None,
    account: Account = None,
    since: Since = None,
    until: Until = None,
    anyway: Anyway = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make a new job for each failed or cancelled one, once, and print their ids.

    Jobs named by their ids alone are retried at once; a choice by filters is shown first and asked
    about.
    """
    filters = (states, error, fingerprint, provider, connection, account, since, until)
    chosen = any(each is not None for each in filters) or anyway
    if not chosen and not job_ids:
        raise typer.BadParameter("name jobs by their ids, or choose them: --state failed")
    if not chosen and job_ids:
        _retry_named(job_ids, as_json=as_json)
        return
    which = JobFilter(
        states=states or None,
        provider=provider,
        connection=connection,
        account_id=account,
        error_class=error,
        ids=job_ids or None,
    )
    ended = _ended(since, until)
    wanted = Wanted(which=which, ended=ended, fingerprint=fingerprint, anyway=anyway)
    _plan_and_do(wanted, yes=yes, as_json=as_json)


def _retry_named(job_ids: Sequence[int], *, as_json: bool) -> None:
    with open_parts() as parts:
        for job_id in job_ids:
            parts.ledger.jobs.get(job_id)
        retried = parts.producer.retry(job_ids, by=BY)
    if as_json:
        refused = [{"id": job_id, "why": why} for job_id, why in retried.refused]
        emit({"added": retried.added, "refused": refused})
    else:
        for added in retried.added:
            print(added)
        for job_id, why in retried.refused:
            tell(f"dropline: job {job_id} is not retried: {why}")
    if retried.refused:
        raise typer.Exit(ExitCode.JOBS_FAILED if retried.added else ExitCode.BAD_INPUT)


def _plan_and_do(wanted: Wanted, *, yes: bool, as_json: bool) -> None:
    with open_parts() as parts:
        if wanted.which.campaign is not None:
            parts.ledger.campaigns.counts(wanted.which.campaign)  # raises UnknownName
        plan = parts.producer.plan_retry(wanted)
        going = len(plan.of(Verdict.RETRY))
        if not as_json:
            _show(plan, parts.clock.now())
        agreed = bool(going) and (yes or _agreed(going, as_json=as_json))
        added = parts.producer.carry_out(plan, by=BY) if agreed else []
    if as_json:
        emit(_shape(plan) | {"added": added})
    elif agreed:
        for job_id in added:
            print(job_id)
        if len(added) < going:
            tell(f"{going - len(added)} were retried by somebody else, or answered, just now")
    if going and not agreed and not _asks(as_json=as_json):
        tell("dropline: nothing was written; say --yes to do it")
        raise typer.Exit(ExitCode.BAD_INPUT)


def _asks(*, as_json: bool) -> bool:
    return sys.stdin.isatty() and not as_json


def _agreed(going: int, *, as_json: bool) -> bool:
    return _asks(as_json=as_json) and typer.confirm(f"Retry {going}?", err=True)


def _ended(since: str | None, until: str | None) -> Ended:
    return Ended(since=_moment("--since", since), until=_moment("--until", until))


def _moment(option: str, text: str | None) -> datetime | None:
    """Read an ISO time; one without an offset is in UTC."""
    if text is None:
        return None
    try:
        return read_moment(text, ZoneInfo("UTC"))
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint=option) from None


def _show(plan: RetryPlan, now: datetime) -> None:
    going = plan.of(Verdict.RETRY)
    tell(f"to retry: {len(going)} of {len(plan.judged)}")
    for each in plan.paced:
        tell(f"  {each.jobs} of {each.campaign} at {each.connection}, {_when(each, now)}")
    for verdict, words in (
        (Verdict.HOPELESS, "would not help (--anyway retries them all the same)"),
        (Verdict.REFUSED, "refused"),
    ):
        _show_reasons(words, plan.of(verdict))
    for warning in plan.warnings:
        tell(f"warning: {warning}")


def _when(paced: Paced, now: datetime) -> str:
    because = f" ({paced.binding})" if paced.binding else ""
    if paced.last_at is None:
        return f"nobody can say until when{because}"
    if paced.last_at <= now:
        return "all at once: no limit holds them"
    return f"from now on, the last by {shown(paced.last_at)}{because}"


def _show_reasons(words: str, judged: Sequence[Judged]) -> None:
    if not judged:
        return
    tell(f"{words}: {len(judged)}")
    for why, count in Counter(_kind_of(each.why) for each in judged).most_common():
        tell(f"  {count} x {why}")


def _kind_of(why: str) -> str:
    """Leave out which job it was retried as, so that these count as one."""
    return why.partition(" as job ")[0]


def _shape(plan: RetryPlan) -> Shape:
    return {
        "retry": [each.candidate.id for each in plan.of(Verdict.RETRY)],
        "hopeless": [_judged(each) for each in plan.of(Verdict.HOPELESS)],
        "refused": [_judged(each) for each in plan.of(Verdict.REFUSED)],
        "paced": [
            {
                "campaign": each.campaign,
                "connection": each.connection,
                "jobs": each.jobs,
                "last_at": instant(each.last_at),
                "binding": each.binding,
            }
            for each in plan.paced
        ],
        "warnings": list(plan.warnings),
    }


def _judged(judged: Judged) -> Shape:
    return {"id": judged.candidate.id, "why": judged.why}
