"""`dropline campaign`: files of jobs, from checking them to the report of what became of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.checking import campaign_name, check_file
from shared.cli.exits import ExitCode, tell
from shared.cli.forecasts import backlog_line, forecast_shape
from shared.cli.output import emit, instant, show_table
from shared.cli.report import read_report, show_report
from shared.cli.rules import AskedRules, Jitter, Late, Ordered, PriorityOption, Spacing
from shared.cli.session import BY, CampaignName, Json, new_app, open_parts
from shared.cli.shapes import counts_shape, lateness_shape, problem_shape
from shared.cli.standing import Standing, counted, standing
from shared.cli.waiting import Timeout, wait_still
from shared.producer import Submission
from shared.rows import RowProblem

app = new_app()

File = Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl, .json, .yaml or .csv.")]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="The campaign.")]


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Find all problems of all rows at once; nothing is written."""
    checked = check_file(file)
    if as_json:
        problems = [problem_shape(each) for each in checked.problems]
        emit({"file": str(file), "jobs": checked.jobs, "problems": problems})
        if checked.errors:
            raise typer.Exit(ExitCode.BAD_INPUT)
        return
    _warn(checked.warnings)
    checked.require_none_wrong()
    print(f"{file}: no problems, {checked.jobs} to publish")


@app.command()
def load(  # noqa: PLR0917 - one option each
    file: File,
    name: Name,
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
    checked = check_file(file)
    checked.require_none_wrong()
    with open_parts() as parts:
        rules = asked.over(parts.ledger.campaigns.rules(campaign))
        done = parts.producer.submit(checked.rows, campaign=campaign, rules=rules, by=BY)
    if as_json:
        emit(
            {
                "campaign": campaign,
                "added": len(done.added),
                "unchanged": done.unchanged,
                "changed": done.changed,
                "ids": done.added,
                "warnings": [problem_shape(each) for each in done.warnings],
                "rung": done.rung,
            }
        )
        return
    _warn(done.warnings)
    _say_loaded(campaign, done)


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
        now = parts.clock.now()
    if as_json:
        emit(seen.shape() | {"lateness_s": lateness, "forecast": forecast_shape(drain)})
        return
    print(seen.line())
    if drain and drain.overdue:
        print(backlog_line(drain, now))
    if lateness["jobs"]:
        print(f"late by: p50 {lateness['p50']:g} s, p99 {lateness['p99']:g} s")
    _say_held(seen, print)


@app.command()
def wait(name: CampaignName, timeout: Timeout = None, as_json: Json = False) -> None:
    """Wait until every job is final or held; the exit code says what became of them."""
    with open_parts() as parts:
        seen = wait_still(lambda: standing(parts, name), parts.clock, timeout)
    if as_json:
        emit(seen.shape())
    else:
        print(seen.line())
    _say_held(seen, tell)
    if seen.code is not ExitCode.DONE:
        raise typer.Exit(seen.code)


@app.command()
def report(name: CampaignName, as_json: Json = False) -> None:
    """Show what became of the jobs: by account, failures grouped, lateness."""
    with open_parts() as parts:
        found = read_report(parts, name)
    if as_json:
        emit(found.shape())
    else:
        show_report(found)


def _warn(warnings: Sequence[RowProblem]) -> None:
    for warning in warnings:
        tell(f"warning: {warning}")


def _say_loaded(campaign: str, done: Submission) -> None:
    changed = len(done.changed)
    print(f"{campaign}: {len(done.added)} added, {done.unchanged} unchanged, {changed} changed")
    if done.changed:
        refs = ", ".join(done.changed)
        tell(f"rows that differ from the jobs they made, which stay as they were: {refs}")
    if not done.rung:
        tell("Redis cannot be reached now; due jobs go when it is back")


def _say_held(seen: Standing, say: Callable[[str], None]) -> None:
    for reason, count in seen.held:
        say(f"held: {count} x {reason}")
    if seen.lost:
        wanted = f"dropline jobs list --campaign {seen.campaign} --state held"
        say(f"{seen.lost} lost answers wait for your word; see `{wanted}`, then `jobs resolve`")
