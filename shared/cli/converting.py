"""`dropline campaign convert`: any file of jobs as CSV in our own dialect."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.checking import refusal
from shared.cli.dialects import (
    Accounts,
    Connection,
    Dates,
    DialectName,
    Provider,
    Zone,
    read_defaults,
)
from shared.cli.exits import tell
from shared.errors import InputError
from shared.rows import read_file, write_rows

File = Annotated[Path, typer.Argument(metavar="FILE", help=".jsonl, .json, .yaml or .csv.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Absent = stdout.")]


def convert(  # noqa: PLR0917 - one option each
    file: File,
    out: Out = None,
    dialect: DialectName = None,
    provider: Provider = None,
    connection: Connection = None,
    account: Accounts = None,
    timezone: Zone = None,
    dates: Dates = None,
) -> None:
    """Write what is understood of a file as CSV of our own, a row for each job, with its ref.

    Loading that file gives the same jobs. Cells that look like formulas get an apostrophe.
    """
    defaults = read_defaults(dialect, provider, connection, account, timezone, dates)
    rows, problems = read_file(file, defaults)
    errors = [each for each in problems if not each.warning]
    if errors:
        raise refusal(errors, f"{file}: ")
    for warning in problems:
        tell(f"warning: {warning}")
    if out is None:
        write_rows(sys.stdout, rows)
        return
    try:
        with out.open("x", encoding="utf-8-sig", newline="") as opened:
            write_rows(opened, rows)
    except OSError as wrong:
        raise InputError(f"{out} cannot be written: {wrong.strerror or wrong}") from None
    tell(f"{out}: {len(rows)} jobs")
