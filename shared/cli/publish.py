"""`dropline publish`: one job from flags."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.checking import campaign_name, refusal
from shared.cli.exits import ExitCode, tell, worst
from shared.cli.output import emit
from shared.cli.session import BY, Json, new_app, open_parts
from shared.cli.shapes import job_shape
from shared.cli.waiting import Timeout, wait_still
from shared.domain.job import Job
from shared.domain.settlement import Hold
from shared.domain.states import AT_REST, State
from shared.errors import InputError
from shared.producer.producer import ADHOC
from shared.rows import Row, located, media_word, missing_files, option_cell, read_row

app = new_app()

_PLACE = "publish"

Title = Annotated[str | None, typer.Option(help="Where the platform has one.")]
Provider = Annotated[str | None, typer.Option(help="The provider; or say --connection.")]
Connection = Annotated[str | None, typer.Option(help="The connection, where there are several.")]
Platform = Annotated[str | None, typer.Option(help="instagram, tiktok, threads, x ...")]
Account = Annotated[str | None, typer.Option(help="The provider's account id, or @username.")]
Kind = Annotated[str | None, typer.Option(help="Inferred from the media when absent.")]
Caption = Annotated[str | None, typer.Option("--caption", "--text", help="The post's text.")]
MediaWords = Annotated[
    list[str] | None, typer.Option("--media", help="A URL, a path, or id:XYZ; repeat it.")
]
AltTexts = Annotated[list[str] | None, typer.Option("--alt-text", help="In the media's order.")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="ISO 8601; absent = now.")]
Zone = Annotated[
    str | None, typer.Option("--timezone", help="IANA name, for times without offset.")
]
NotAfter = Annotated[
    str | None, typer.Option("--not-after", metavar="TIME", help="Rather fail than go later.")
]
Options = Annotated[
    list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="Repeat it.")
]
Queue = Annotated[bool, typer.Option("--queue", help="In the account's next free slot.")]
Ref = Annotated[str | None, typer.Option(help="The same ref again adds nothing.")]
Campaign = Annotated[str, typer.Option(help="Which campaign it belongs to.")]
Wait = Annotated[bool, typer.Option("--wait", help="Until it is final or held.")]


@app.command()
def publish(
    *,
    provider: Provider = None,
    connection: Connection = None,
    platform: Platform = None,
    account: Account = None,
    kind: Kind = None,
    caption: Caption = None,
    title: Title = None,
    media: MediaWords = None,
    alt_text: AltTexts = None,
    at: At = None,
    timezone: Zone = None,
    not_after: NotAfter = None,
    option: Options = None,
    queue: Queue = False,
    ref: Ref = None,
    campaign: Campaign = ADHOC,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
) -> None:
    if timeout is not None and not wait:
        raise typer.BadParameter("--timeout belongs to --wait")
    campaign = campaign_name(campaign, "--campaign")
    flags: dict[str, object] = {
        "ref": ref or f"flags-{secrets.token_hex(6)}",
        "provider": provider,
        "connection": connection,
        "platform": platform,
        "account": account,
        "kind": kind,
        "caption": caption,
        "title": title,
        "media": [media_word(word) for word in media or ()],
        "alt_texts": alt_text,
        "run_at": at,
        "timezone": timezone,
        "not_after": not_after,
        "queue": queue or None,
        "options": options_of(option or []),
    }
    row = row_of(flags, _PLACE)
    with open_parts() as parts:
        job = _submit(parts, row, campaign)
        if not as_json:
            print(job.id, flush=True)
        try:
            if wait:
                wait_still(lambda: _One(parts.ledger.jobs.get(job.id)), parts.clock, timeout)
        finally:  # a script needs the id also of a job that takes too long
            job = parts.ledger.jobs.get(job.id)
            if as_json:
                emit(job_shape(job))
    if wait:
        _end(job)


def options_of(words: list[str]) -> dict[str, object]:
    """Return the options of repeated `--option`; InputError names the one that cannot be read."""
    options: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"--option {word!r} must be NAME=VALUE")
        if name in options:
            raise InputError(f"--option {name} is given twice")
        try:
            options[name] = option_cell(name, value)
        except ValueError as wrong:
            raise InputError(f"--option {name} {wrong}") from None
    return options


def row_of(flags: dict[str, object], place: str) -> Row:
    """Return the row that flags stand for, or raise InputError with all that is wrong with it."""
    row, problems = read_row(flags, place)
    if row is not None:
        row = located(row, Path.cwd())
        problems += missing_files(row)
    if row is None or problems:
        raise refusal(problems)
    return row


def _submit(parts: Parts, row: Row, campaign: str) -> Job:
    done = parts.producer.submit([row], campaign=campaign, by=BY)
    for warning in done.warnings:
        tell(f"warning: {warning}")
    if done.changed:
        message = f"ref {row.ref} belongs to job {done.existing[0]}, which differs"
        raise InputError(f"{message}; give another --ref. Nothing was written")
    if not done.rung:
        tell("Redis cannot be reached now; the job goes when it is back")
    return parts.ledger.jobs.get([*done.added, *done.existing][0])


@dataclass(frozen=True, slots=True)
class _One:
    """A single job to wait for."""

    job: Job

    @property
    def moving(self) -> int:
        return 0 if self.job.state in AT_REST else 1

    def line(self) -> str:
        return f"job {self.job.id} is {self.job.state}"


def _end(job: Job) -> None:
    because = f": {job.reason}" if job.reason else ""
    link = f" {job.permalink}" if job.permalink else ""
    tell(f"job {job.id} is {job.state}{because}{link}")
    if job.state in {State.SUCCEEDED, State.CANCELLED}:
        return
    lost = job.hold is Hold.LOST_ANSWER
    raise typer.Exit(worst(ExitCode.LOST_ANSWERS if lost else ExitCode.JOBS_FAILED))
