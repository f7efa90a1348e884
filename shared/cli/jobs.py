"""`dropline jobs`: the history, one job in full, and what a person may do about it."""

from collections.abc import Iterator
from typing import Annotated

import typer

from shared.cli.editing import edit
from shared.cli.exits import ExitCode, tell
from shared.cli.explained import explanation_shape, told
from shared.cli.output import emit, show_table
from shared.cli.portrait import read_portrait, show_portrait
from shared.cli.retries import retry_jobs
from shared.cli.session import BY, LARGEST_ID, JobId, Json, new_app, open_parts
from shared.cli.shapes import job_shape
from shared.domain.job import Job
from shared.domain.states import State
from shared.ledger import Ledger
from shared.ledger.jobs import JobFilter

app = new_app()

_PAGE = 500
_COLUMNS = ("id", "ref", "campaign", "provider", "platform", "account", "kind", "state", "due_at")

Campaign = Annotated[str | None, typer.Option(help="Only of this campaign.")]
States = Annotated[list[State] | None, typer.Option("--state", help="Only in this; repeat it.")]
ByProvider = Annotated[str | None, typer.Option("--provider", help="Only at this provider.")]
ByConnection = Annotated[str | None, typer.Option("--connection", help="Only by this connection.")]
Account = Annotated[str | None, typer.Option(help="Only of this account: its id or @username.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many; without it, all.")]
Cursor = Annotated[
    int | None, typer.Option(min=1, max=LARGEST_ID, help="Go on where a page ended.")
]
JobIds = Annotated[
    list[int], typer.Argument(metavar="ID...", min=1, max=LARGEST_ID, help="The jobs.")
]
Published = Annotated[
    str | None, typer.Option("--published", metavar="URL_OR_ID", help="It is out, as this.")
]
NotPublished = Annotated[bool, typer.Option("--not-published", help="It is not out; try again.")]


@app.command("list")
def list_(
    *,
    campaign: Campaign = None,
    states: States = None,
    provider: ByProvider = None,
    connection: ByConnection = None,
    account: Account = None,
    limit: Limit = None,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List jobs, newest first; all of them, or pages of --limit."""
    which = JobFilter(
        campaign=campaign,
        states=states or None,
        provider=provider,
        connection=connection,
        account_id=account,
    )
    with open_parts() as parts:
        pages = _pages(parts.ledger, which, limit, cursor)
        following = _emit_all(pages) if as_json else _show_all(pages)
    if limit is None or following is None:
        return
    if as_json:
        emit({"next_cursor": str(following)})
    else:
        tell(f"there are more: --cursor {following}")


@app.command()
def show(job_id: JobId, as_json: Json = False) -> None:
    """Show one job in full, with its attempts and every move it made."""
    with open_parts() as parts:
        portrait = read_portrait(parts, job_id)
    if as_json:
        emit(portrait.shape())
    else:
        show_portrait(portrait)


@app.command()
def explain(job_id: JobId, as_json: Json = False) -> None:
    """Say why a job is where it is, until when, and when it should go."""
    with open_parts() as parts:
        job = parts.ledger.jobs.get(job_id)
        said = parts.producer.explain(job_id)
        now = parts.clock.now()
    if as_json:
        emit(explanation_shape(job, said))
    else:
        print(told(said, now))


@app.command()
def cancel(job_ids: JobIds, as_json: Json = False) -> None:
    """Cancel jobs that were not sent, or ask their provider to; says of each if it was in time.

    Exit 2 when all were too late, 1 when some were.
    """
    with open_parts() as parts:
        for job_id in job_ids:
            parts.ledger.jobs.get(job_id)  # raises UnknownName before anything is done
        answers = [(job_id, parts.producer.cancel(job_id, by=BY)) for job_id in job_ids]
    for job_id, answer in answers:
        if as_json:
            emit({"id": job_id, "done": answer.done, "message": answer.message})
        elif answer.done:
            print(answer.message)
        else:
            tell(f"dropline: {answer.message}")
    done = sum(answer.done for _, answer in answers)
    if done < len(answers):
        raise typer.Exit(ExitCode.JOBS_FAILED if done else ExitCode.BAD_INPUT)


app.command("retry")(retry_jobs)


@app.command()
def resolve(
    job_id: JobId,
    published: Published = None,
    not_published: NotPublished = False,
    as_json: Json = False,
) -> None:
    """Say what became of a publish whose answer was lost and that nobody can look up."""
    if (published is None) == (not not_published):
        raise typer.BadParameter("say either --published URL_OR_ID or --not-published")
    if published is not None and not published.strip():
        raise typer.BadParameter("--published needs the post's URL or the provider's id")
    with open_parts() as parts:
        job = parts.producer.resolve(job_id, published=published, by=BY)
    if as_json:
        emit(job_shape(job))
    else:
        print(f"job {job.id} is {job.state} now")


app.command()(edit)


def _pages(
    ledger: Ledger, which: JobFilter, limit: int | None, before: int | None
) -> Iterator[tuple[list[Job], int | None]]:
    """Yield pages of at most `limit` jobs in all, each with the cursor of what follows it."""
    left = limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(left, _PAGE)
        found = ledger.jobs.page(which, size + 1, before)
        page, more = found[:size], len(found) > size
        before = page[-1].id if page and more else None
        yield page, before
        if not more:
            return
        left = None if left is None else left - len(page)


def _emit_all(pages: Iterator[tuple[list[Job], int | None]]) -> int | None:
    following = None
    for page, following in pages:  # noqa: B007 - the last one is returned
        for job in page:
            emit(job_shape(job))
    return following


def _show_all(pages: Iterator[tuple[list[Job], int | None]]) -> int | None:
    lines: list[tuple[object, ...]] = []
    following = None
    for page, following in pages:  # noqa: B007 - the last one is returned
        lines += [_line(job) for job in page]
    show_table(_COLUMNS, lines)
    return following


def _line(job: Job) -> tuple[object, ...]:
    post = job.post
    whom = (job.provider, post.platform, post.account_id, post.kind)
    return job.id, job.ref, job.campaign, *whom, job.state, job.due_at
