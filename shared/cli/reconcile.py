"""`dropline reconcile`: asks now what became of publish calls whose answers were lost."""

from collections.abc import Iterator
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.exits import ExitCode, worst
from shared.cli.output import emit, show_table
from shared.cli.session import BY, LARGEST_ID, Json, new_app, open_parts
from shared.domain.job import Attempt, Job
from shared.domain.states import State
from shared.errors import InputError
from shared.ledger.jobs import JobFilter
from shared.reconcile import Looked

app = new_app()

_PAGE = 500

OneId = Annotated[
    int | None, typer.Argument(metavar="[ID]", min=1, max=LARGEST_ID, help="Only this job.")
]


@app.command()
def reconcile(job_id: OneId = None, as_json: Json = False) -> None:
    with open_parts() as parts:
        parts.broker.ping()  # a look is a request, and every request asks the limiter
        uncertain = _uncertain(parts, job_id)
        looked = [parts.reconciler.look(job, attempt, BY) for job, attempt in uncertain]
    if as_json:
        for each in looked:
            emit({"id": each.job_id, "state": str(each.state), "why": each.why})
    elif looked:
        show_table(("id", "state", "why"), [(each.job_id, each.state, each.why) for each in looked])
    else:
        print("no answers are lost")
    code = worst(*map(code_of_look, looked))
    if code is not ExitCode.DONE:
        raise typer.Exit(code)


def code_of_look(looked: Looked) -> ExitCode:
    """Return what one look comes to: a person's turn, a provider that is away, or done."""
    if looked.state is State.HELD:
        return ExitCode.LOST_ANSWERS
    asked_in_vain = looked.state is State.UNCERTAIN and not looked.answered
    return ExitCode.UNREACHABLE if asked_in_vain else ExitCode.DONE


def _uncertain(parts: Parts, job_id: int | None) -> list[tuple[Job, Attempt]]:
    jobs = list(_all_uncertain(parts)) if job_id is None else [_one(parts, job_id)]
    attempts = [parts.ledger.jobs.last_attempt(job.id) for job in jobs]
    pairs = zip(jobs, attempts, strict=True)
    return [(job, attempt) for job, attempt in pairs if attempt is not None]


def _all_uncertain(parts: Parts) -> Iterator[Job]:
    before = None
    which = JobFilter(states=(State.UNCERTAIN,))
    while page := parts.ledger.jobs.page(which, _PAGE, before):
        yield from page
        before = page[-1].id


def _one(parts: Parts, job_id: int) -> Job:
    job = parts.ledger.jobs.get(job_id)
    if job.state is not State.UNCERTAIN:
        message = f"job {job_id} has no lost answer to ask about: it is {job.state}"
        raise InputError(f"{message}; see `dropline jobs explain {job_id}`")
    return job
