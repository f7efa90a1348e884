"""`dropline drop`: one post, or several, to many accounts, paced."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.aftermath import Aftermath
from shared.cli.audience import choose, met_twice, values_by_account, words_of
from shared.cli.checking import campaign_name, refusal
from shared.cli.drop_flags import read_posts, read_rhythm, read_start
from shared.cli.dropped import DropPlan, gathered, show_plan
from shared.cli.exits import ExitCode, tell
from shared.cli.loaded import loaded_shape, say_loaded
from shared.cli.output import emit
from shared.cli.publish import (
    AltTexts,
    Caption,
    Connection,
    Kind,
    MediaWords,
    Options,
    Platform,
    Provider,
    Title,
    options_of,
)
from shared.cli.session import BY, Json, new_app, open_parts
from shared.domain.rhythm import Rhythm
from shared.errors import InputError
from shared.producer import Audience, Drop
from shared.rows import (
    Row,
    RowProblem,
    media_word,
)
from shared.rows.variables import read_variables

app = new_app()

File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="Rows without an account, instead of the post's flags."),
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="The campaign it makes.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option(help="Ids, @usernames, connection/id; with commas, or a file of one a line."),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Accounts that have it; repeat it.")]
Healthy = Annotated[bool, typer.Option("--healthy", help="Only accounts that can post now.")]
Spacing = Annotated[
    str, typer.Option(metavar="DURATION", help="Least time from one post to the next.")
]
Jitter = Annotated[
    str, typer.Option(metavar="DURATION", help="Up to so much is added to each spacing.")
]
Seed = Annotated[
    str | None, typer.Option(help="The same seed, the same times; absent = the campaign's name.")
]
WaveSize = Annotated[int | None, typer.Option(min=1, help="Posts of a wave.")]
WaveEvery = Annotated[
    str | None, typer.Option(metavar="DURATION", help="From one wave's beginning to the next.")
]
At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="Of the first post; absent = now.")
]
Zone = Annotated[
    str | None, typer.Option("--timezone", help="IANA name, for times without offset.")
]
Vars = Annotated[
    Path | None,
    typer.Option("--vars", metavar="FILE.csv", help="Variables: a row for each account."),
]
Ref = Annotated[str, typer.Option(help="Of the post, to which each account is added.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show; write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def drop(
    file: File = None,
    *,
    name: Name,
    accounts: Accounts = None,
    tag: Tags = None,
    provider: Provider = None,
    connection: Connection = None,
    platform: Platform = None,
    healthy: Healthy = False,
    at: At = None,
    timezone: Zone = None,
    spacing: Spacing = "0s",
    jitter: Jitter = "0s",
    seed: Seed = None,
    wave_size: WaveSize = None,
    wave_every: WaveEvery = None,
    vars_: Vars = None,
    ref: Ref = "drop",
    kind: Kind = None,
    caption: Caption = None,
    title: Title = None,
    media: MediaWords = None,
    alt_text: AltTexts = None,
    option: Options = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish one post, or each of a file, on many accounts; files are uploaded once.

    {username}, {name}, {account} and the variables of --vars are replaced in captions and titles.
    """
    campaign = campaign_name(name, "--name")
    audience = Audience(
        words=words_of(accounts or ()),
        tags=tuple(tag or ()),
        provider=provider,
        connection=connection,
        platform=platform,
        healthy=healthy,
    )
    if not audience.is_stated:
        raise InputError("say which accounts: --accounts, --tag, --provider, --platform, --healthy")
    flags: dict[str, object] = {
        "kind": kind,
        "caption": caption,
        "title": title,
        "media": [media_word(word) for word in media] if media else None,
        "alt_texts": alt_text,
        "options": options_of(option) if option else None,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    posts, problems = read_posts(file, given, ref)
    rhythm = read_rhythm(spacing, jitter, wave_size, wave_every, campaign if seed is None else seed)
    start = read_start(at, timezone)
    with open_parts() as parts:
        plan = _plan(parts, campaign, audience, posts, problems, rhythm, start, vars_)
        if not as_json:
            show_plan(plan)
        if dry_run:
            if as_json:
                emit(plan.shape())
            return
        _require_yes(plan, yes=yes, as_json=as_json)
        done = parts.producer.commit(plan.jobs, campaign=campaign, by=BY)
        after = Aftermath.of(parts, campaign, done)
    if as_json:
        emit(plan.shape() | loaded_shape(campaign, done, plan.warnings) | after.shape())
        return
    say_loaded(campaign, done, to_change="`dropline jobs edit` each")
    for line in after.lines():
        tell(line)


def _plan(  # noqa: PLR0917 - what, for whom, when
    parts: Parts,
    campaign: str,
    audience: Audience,
    posts: list[Row],
    problems: list[RowProblem],
    rhythm: Rhythm,
    start: datetime | None,
    variables: Path | None,
) -> DropPlan:
    """Return the plan; raises InputError with every problem of every post."""
    try:
        chosen = choose(parts, audience)
    except InputError as nobody:
        raise InputError(str(nobody), [*nobody.problems, *map(str, problems)]) from None
    names, values = ([], []) if variables is None else read_variables(variables)
    the_drop = Drop(
        posts=posts,
        accounts=chosen,
        rhythm=rhythm,
        start=start or parts.clock.now(),
        variables=values_by_account(values, chosen),
        names=names,
    )
    found = [*problems, *the_drop.problems()]
    if posts and start is None:
        # The same drop again is the same, whenever that is.
        before = parts.ledger.campaigns.first_run_at(campaign, the_drop.first_refs())
        the_drop = replace(the_drop, start=before or the_drop.start)
    planned = the_drop.planned()
    checked = parts.producer.check([each.row for each in planned])
    found += checked.problems
    errors = [each for each in found if not each.warning]
    if errors:
        raise refusal(gathered(errors))
    warnings = gathered(found)
    for sentence in met_twice(chosen):
        tell(f"warning: {sentence}")
    for warning in warnings:
        tell(f"warning: {warning}")
    return DropPlan(
        campaign=campaign,
        seed=rhythm.seed,
        planned=planned,
        jobs=checked.jobs,
        warnings=warnings,
    )


def _require_yes(plan: DropPlan, *, yes: bool, as_json: bool) -> None:
    """Ask a person at a terminal; raises Exit where nobody has said yes."""
    asks = sys.stdin.isatty() and not as_json
    if yes or (asks and typer.confirm(f"Publish {len(plan.jobs)} posts?", err=True)):
        return
    tell("dropline: nothing was written" + ("" if asks else "; say --yes to do it"))
    raise typer.Exit(ExitCode.DONE if asks else ExitCode.BAD_INPUT)
