"""`dropline campaign plan`: will it fit, until when, what binds, and what would make it fit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from shared.cli.dialects import (
    Accounts,
    Connection,
    Dates,
    DialectName,
    Provider,
    read_defaults,
)
from shared.cli.dialects import Zone as Timezone
from shared.cli.exits import ExitCode, tell
from shared.cli.output import emit, shown
from shared.cli.plan_loaded import unsent
from shared.cli.plan_picture import require_picture
from shared.cli.plan_told import Told
from shared.cli.planning import Asking, ask, names_of, read_jobs
from shared.cli.rules import AskedRules, Jitter, Late, Ordered, PriorityOption, Spacing
from shared.cli.session import Json, open_parts
from shared.domain.campaign import CampaignRules
from shared.domain.duration import read_duration
from shared.errors import InputError
from shared.plan.model import Trouble
from shared.plan.moments import read_outage, read_share, read_when
from shared.plan.outcome import plan as find_plan
from shared.plan.remedies import Remedy, remedies
from shared.plan.traits import Traits
from shared.rows.moments import read_zone

T = TypeVar("T")

#: With more jobs than this, looking for advice takes so long that it is announced.
PATIENCE = 5_000

File = Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl, .json, .yaml or .csv.")]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="WHEN", help="When all must be out: 'Fri 18:00' or ISO 8601."),
]
Zone = Annotated[str | None, typer.Option("--tz", metavar="ZONE", help="Zone of local times.")]
Start = Annotated[
    str | None, typer.Option("--start", metavar="WHEN", help="When it is loaded; default now.")
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same plan.")]
Outages = Annotated[
    list[str] | None,
    typer.Option("--outage", metavar="2h@Tue10:00[:CONNECTION]", help="May be given repeatedly."),
]
Failing = Annotated[
    str | None, typer.Option("--fail", metavar="SHARE", help="So many publish calls fail: 5%.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Draw the plan: .svg or .html.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")]
CallTakes = Annotated[
    str | None, typer.Option("--call", metavar="DURATION", help="How long a publish call takes.")
]
SettleTakes = Annotated[
    str | None, typer.Option("--settle", metavar="DURATION", help="From accepted to out.")
]
Alone = Annotated[
    bool,
    typer.Option(
        "--alone", help="The file by itself: as if nothing of it was loaded and nothing else waits."
    ),
]
Advice = Annotated[bool, typer.Option(help="Say what would make it fit; this plans again.")]


@dataclass(frozen=True, slots=True)
class _When:
    """The options that name moments and troubles, read."""

    start: datetime | None
    deadline: datetime | None
    trouble: Trouble
    zone: ZoneInfo | None

    @classmethod
    def read(
        cls,
        now: datetime,
        by: str | None,
        tz: str | None,
        start: str | None,
        outages: list[str] | None,
        failing: str | None,
    ) -> "_When":
        zone = _read("--tz", read_zone, tz)
        began = _read("--start", lambda text: read_when(text, now, zone), start)
        begin = began or now
        found = [
            _read("--outage", lambda text: read_outage(text, begin, zone), each)
            for each in outages or ()
        ]
        deadline = _read("--by", lambda text: read_when(text, begin, zone), by)
        if deadline is not None and deadline <= begin:
            raise InputError(
                f"--by {shown(deadline)} lies before the start, {shown(begin)}:"
                " name a later time, or an earlier --start"
            )
        return cls(
            start=began,
            deadline=deadline,
            trouble=Trouble(
                outages=tuple(each for each in found if each is not None),
                failing=_read("--fail", read_share, failing) or 0.0,
            ),
            zone=zone,
        )


def plan(  # noqa: PLR0917 - one option each
    file: File,
    by: By = None,
    tz: Zone = None,
    start: Start = None,
    seed: Seed = 0,
    outage: Outages = None,
    fail: Failing = None,
    out: Out = None,
    priority: PriorityOption = None,
    ordered: Ordered = None,
    spacing: Spacing = None,
    jitter: Jitter = None,
    late: Late = None,
    dialect: DialectName = None,
    provider: Provider = None,
    connection: Connection = None,
    account: Accounts = None,
    timezone: Timezone = None,
    dates: Dates = None,
    workers: Workers = 1,
    call: CallTakes = None,
    settle: SettleTakes = None,
    alone: Alone = False,
    advice: Advice = True,
    as_json: Json = False,
) -> None:
    """Plan a file ahead of time: its end, lateness, use of limits, and whether it fits.

    Nothing is written and no provider is asked. Exit 3: it does not fit.
    """
    rules = AskedRules.read(priority, ordered, spacing, jitter, late).over(CampaignRules())
    defaults = read_defaults(dialect, provider, connection, account, timezone, dates)
    traits = Traits(
        call=_read("--call", read_duration, call), settle=_read("--settle", read_duration, settle)
    )
    require_picture(out)
    with open_parts() as parts:
        when = _When.read(parts.clock.now(), by, tz, start, outage, fail)
        jobs = read_jobs(file, defaults, parts)
        asking = Asking(rules, traits, when.start, when.trouble, seed, workers, alone)
        left = jobs if alone else unsent(parts, jobs)
        question, used = ask(parts, left, asking)
        names = names_of(parts, question)
    answer = find_plan(question, used)
    fits = answer.fits(when.deadline)
    advised: list[Remedy] | None = None
    if advice and not fits:
        if question.jobs > PATIENCE:
            tell("looking for what would make it fit; --no-advice leaves that out")
        planner = partial(find_plan, spent=used)
        advised = list(remedies(question, answer, when.deadline, planner))
    told = Told(answer, question, when.deadline, when.zone, advised, names, len(jobs) - len(left))
    if out is not None:
        told.draw(out)
    if as_json:
        emit(told.shape())
    else:
        told.say()
    if not fits:
        raise typer.Exit(ExitCode.DOES_NOT_FIT)


def _read(option: str, reader: Callable[[str], T], text: str | None) -> T | None:
    try:
        return None if text is None else reader(text)
    except ValueError as wrong:
        raise InputError(f"{option} {wrong}") from None
