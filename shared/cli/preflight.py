"""`dropline campaign check`: everything about a file that can be known before it is published."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from shared.bootstrap import READING, Parts
from shared.cli.annotating import annotate, require_target
from shared.cli.checking import CheckedFile, campaign_name, check_file
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
from shared.cli.output import emit
from shared.cli.progress import progress
from shared.cli.session import Json
from shared.cli.shapes import Shape, problem_shape
from shared.cli.verdicts import Verdict, show_verdicts, verdict_shape, verdicts_of
from shared.connected import Connected
from shared.domain.creator import Creator
from shared.domain.duration import read_duration
from shared.errors import InputError
from shared.preflight.creators import Creators
from shared.preflight.looking import MediaLooks
from shared.preflight.preflight import Preflight
from shared.preflight.remembered import Remembered
from shared.producer import Prepared
from shared.rows import RowProblem
from shared.wire.clients import Clients
from shared.wire.ranges import Ranges
from shared.wire.watchdog import Watchdog

File = Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl, .json, .yaml or .csv.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Ask nobody: neither providers nor media hosts.")
]
Annotate = Annotated[
    Path | None,
    typer.Option("--annotate", metavar="OUT", help="Write a copy with a verdict beside each row."),
]
Window = Annotated[
    str,
    typer.Option(
        "--window", metavar="DURATION", help="How near the same content counts as a duplicate."
    ),
]
Name = Annotated[
    str | None,
    typer.Option(help="The campaign it is for; what other campaigns have may be a duplicate."),
]
Within = Annotated[
    str, typer.Option("--within", metavar="DURATION", help="How long looking at media may take.")
]
Reuse = Annotated[
    str,
    typer.Option(
        "--reuse", metavar="DURATION", help="Trust what an earlier check saw of a URL so long ago."
    ),
]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one check may do, and for how long."""

    offline: bool
    campaign: str | None
    window: timedelta
    within: timedelta
    reuse: timedelta
    #: No bars.
    quiet: bool


def check(  # noqa: PLR0917 - one option each
    file: File,
    offline: Offline = False,
    annotate_to: Annotate = None,
    name: Name = None,
    window: Window = "24h",
    within: Within = "2m",
    reuse: Reuse = "0s",
    dialect: DialectName = None,
    provider: Provider = None,
    connection: Connection = None,
    account: Accounts = None,
    timezone: Zone = None,
    dates: Dates = None,
    as_json: Json = False,
) -> None:
    """Find all problems of all rows at once; nothing is written.

    Checked are providers' and platforms' rules, accounts, what creators allow, media as far as
    their first bytes tell, signed URLs, duplicates, and schedules denser than the caps.
    """
    terms = Terms(
        offline,
        None if name is None else campaign_name(name, "--name"),
        _duration(window, "--window"),
        _duration(within, "--within"),
        _duration(reuse, "--reuse"),
        quiet=as_json,
    )
    if annotate_to is not None:
        require_target(file, annotate_to)
    defaults = read_defaults(dialect, provider, connection, account, timezone, dates)
    preflight = _Preflight(terms)
    checked = check_file(file, defaults, deeper=preflight, quiet=as_json)
    verdicts = verdicts_of(checked, preflight.refs)
    if annotate_to is not None:
        annotate(file, annotate_to, verdicts, defaults)
    for note in preflight.notes:
        tell(f"dropline: {note}")
    if as_json:
        emit(_shape(checked, verdicts, preflight.notes))
    else:
        show_verdicts(checked, verdicts)
    if checked.errors:
        raise typer.Exit(ExitCode.BAD_INPUT)


class _Preflight:
    """The preflight of the rows of one file, and the places of those that were checked."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._preflight: Preflight | None = None
        self.offline = terms.offline
        self.refs: dict[str, str] = {}
        self.notes: list[str] = []

    @contextmanager
    def opened(self, parts: Parts) -> Iterator[None]:
        with _preflight(parts, self._terms) as self._preflight:
            yield

    def add(self, rows: Sequence[Prepared]) -> None:
        self.refs.update((each.row.place, each.row.ref) for each in rows)
        if self._preflight is not None:
            self._preflight.add(rows)

    def findings(self) -> Sequence[RowProblem]:
        if self._preflight is None:
            return ()
        found = self._preflight.findings()
        self.notes = self._preflight.notes
        return found


@contextmanager
def _preflight(parts: Parts, terms: Terms) -> Iterator[Preflight]:
    preflight = Preflight(
        around=parts.ledger.neighbours,
        clock=parts.clock,
        campaign=terms.campaign,
        caps=parts.settings.caps,
        window=terms.window,
        within=terms.within,
    )
    if terms.offline:
        yield preflight
        return
    # Media hosts are not providers: looking at them needs neither the limiter nor Redis.
    clients, watchdog = Clients(), Watchdog(parts.clock)
    remembered = Remembered(parts.settings.home, reuse=terms.reuse, now=parts.clock.now())
    preflight.looks = MediaLooks(
        Ranges(clients, watchdog),
        remembered,
        parts.clock,
        lambda count: progress("looking at media", count, quiet=terms.quiet),
    )
    preflight.creators = Creators(_Asking(parts), parts.clock)
    try:
        yield preflight
    finally:
        watchdog.stop()
        clients.close()


class _Asking:
    """Asks one creator over a wire of its connection, inside its limits."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._building = threading.Lock()

    def __call__(self, connected: Connected, account_id: str) -> Creator:
        connected.connection.secret()  # a missing key is told before Redis is asked for
        with self._building:
            road = self._parts.road
        wire = connected.wire(road, READING)
        return connected.provider.creator(account_id, wire)


def _duration(text: str, flag: str) -> timedelta:
    try:
        return read_duration(text)
    except ValueError as wrong:
        raise InputError(f"{flag} {wrong}") from None


def _shape(checked: CheckedFile, verdicts: Sequence[Verdict], notes: Sequence[str]) -> Shape:
    return {
        "file": str(checked.path),
        "jobs": checked.jobs,
        "problems": [problem_shape(each) for each in checked.problems],
        "verdicts": [verdict_shape(each) for each in verdicts],
        "notes": list(notes),
    }
