"""`dropline campaign`: files of jobs, from checking them to the report of what became of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.aftermath import Aftermath
from shared.cli.cancelling import cancel_campaign
from shared.cli.checking import campaign_name, check_file
from shared.cli.controls import set_rules
from shared.cli.converting import convert
from shared.cli.dialects import (
    Accounts,
    Connection,
    Dates,
    DialectName,
    Provider,
    Zone,
    read_defaults,
)
from shared.cli.exits import ExitCode, tell
from shared.cli.forecasts import backlog_line, forecast_shape
from shared.cli.loaded import loaded_shape, say_loaded
from shared.cli.output import emit, instant, show_table
from shared.cli.pausing import pause_campaign, pause_line, pause_shape, resume_campaign
from shared.cli.plan import plan
from shared.cli.preflight import check
from shared.cli.progress import progress
from shared.cli.reporting.causes import cause_line, cause_shape
from shared.cli.reporting.command import report
from shared.cli.retries import retry_campaign
from shared.cli.rules import AskedRules, Jitter, Late, Ordered, PriorityOption, Spacing
from shared.cli.session import BY, CampaignName, Json, new_app, open_parts
from shared.cli.shapes import Shape, counts_shape, lateness_shape
from shared.cli.standing import Standing, counted, standing
from shared.cli.waiting import Timeout, wait_still
from shared.errors import WaitTimedOut
from shared.producer import Spool
from shared.rows import RowProblem

app = new_app()
app.command("check")(check)
app.command("plan")(plan)

File = Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl, .json, .yaml or .csv.")]
Update = Annotated[
    bool, typer.Option("--update", help="Change jobs whose rows differ, if they were not sent.")
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="The campaign.")]


@app.command()
def load(  # noqa: PLR0917 - one option each
    file: File,
    name: Name,
    update: Update = False,
    dialect: DialectName = None,
    provider: Provider = None,
    connection: Connection = None,
    account: Accounts = None,
    timezone: Zone = None,
    dates: Dates = None,
    priority: PriorityOption = None,
    ordered: Ordered = None,
    spacing: Spacing = None,
    jitter: Jitter = None,
    late: Late = None,
    as_json: Json = False,
) -> None:
    """Check a file and write its jobs; loading it again adds only rows whose ref is new.

    Rules named here replace those that the campaign has.
    """
    campaign = campaign_name(name, "--name")
    asked = AskedRules.read(priority, ordered, spacing, jitter, late)
    defaults = read_defaults(dialect, provider, connection, account, timezone, dates)
    with Spool() as jobs:
        checked = check_file(file, defaults, keep=jobs.add, quiet=as_json)
        checked.require_none_wrong()
        with open_parts() as parts, progress("writing", len(jobs), quiet=as_json) as jobs.told:
            rules = asked.over(parts.ledger.campaigns.rules(campaign))
            done = parts.producer.commit(jobs, campaign=campaign, rules=rules, update=update, by=BY)
            after = Aftermath.of(parts, campaign, done)
    if as_json:
        emit(loaded_shape(campaign, done, checked.warnings) | after.shape())
        return
    _warn(checked.warnings)
    say_loaded(campaign, done)
    for line in after.lines():
        tell(line)


app.command()(convert)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the campaigns, newest first."""
    with open_parts() as parts:
        campaigns = parts.ledger.campaigns.list()
    if not as_json:
        rows = [(each.name, each.created_at, counted(each.counts)) for each in campaigns]
        show_table(("campaign", "created", "jobs"), rows)
        return
    for each in campaigns:
        total = sum(each.counts.values())
        named = {"campaign": each.name, "created_at": instant(each.created_at), "total": total}
        emit(named | {"counts": counts_shape(each.counts)})


@app.command()
def status(name: CampaignName, as_json: Json = False) -> None:
    """Show counts by state, when the backlog has drained, lateness, and what is held and why."""
    with open_parts() as parts:
        seen = standing(parts, name)
        lateness = lateness_shape(parts.ledger.campaigns.lateness(name))
        drain = parts.producer.foretell(name) if seen.moving else None
        causes = parts.ledger.reports.failures(name)
        pauses = parts.ledger.pauses.of_campaign(name)
        now = parts.clock.now()
    if as_json:
        more: Shape = {"lateness_s": lateness, "forecast": forecast_shape(drain)}
        more["causes"] = [cause_shape(each) for each in causes]
        more["pauses"] = [pause_shape(each) for each in pauses]
        emit(seen.shape() | more)
        return
    print(seen.line())
    if drain and drain.overdue:
        print(backlog_line(drain, now))
    if lateness["jobs"]:
        print(f"late by: p50 {lateness['p50']:g} s, p99 {lateness['p99']:g} s")
    for pause in pauses:
        print(pause_line(pause))
    for cause in causes:
        print(cause_line(cause))
    _say_held(seen, print)


@app.command()
def wait(name: CampaignName, timeout: Timeout = None, as_json: Json = False) -> None:
    """Wait until every job is final or held; the exit code says what became of them."""
    with open_parts() as parts:
        try:
            seen = wait_still(lambda: standing(parts, name), parts.clock, timeout)
        except WaitTimedOut:
            if as_json:
                emit(standing(parts, name).shape())
            raise
    if as_json:
        emit(seen.shape())
    else:
        print(seen.line())
    _say_held(seen, tell)
    if seen.code is not ExitCode.DONE:
        raise typer.Exit(seen.code)


app.command("report")(report)
app.command("retry")(retry_campaign)
app.command("pause")(pause_campaign)
app.command("resume")(resume_campaign)
app.command("cancel")(cancel_campaign)
app.command("set")(set_rules)


def _warn(warnings: Sequence[RowProblem]) -> None:
    for warning in warnings:
        tell(f"warning: {warning}")


def _say_held(seen: Standing, say: Callable[[str], None]) -> None:
    for reason, count in seen.held:
        say(f"held: {count} x {reason}")
    if seen.lost:
        wanted = f"dropline jobs list --campaign {seen.campaign} --state held"
        say(f"{seen.lost} lost answers wait for your word; see `{wanted}`, then `jobs resolve`")
