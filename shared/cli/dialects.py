"""The options of every command that reads a file: its dialect, and what its rows leave out."""

from collections.abc import Sequence
from typing import Annotated

import typer

from shared.errors import InputError
from shared.rows import DIALECTS, DateOrder, Defaults, read_accounts, read_zone

DialectName = Annotated[
    str | None,
    typer.Option("--dialect", metavar="NAME", help=f"Of a CSV file: {', '.join(DIALECTS)}."),
]
Provider = Annotated[str | None, typer.Option(help="For rows that name neither.")]
Connection = Annotated[str | None, typer.Option(help="For rows that name neither.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option(
        "--account",
        metavar="[PLATFORM=]ACCOUNT",
        help="For rows that name none; repeat it. A profile may stand for the platform.",
    ),
]
Zone = Annotated[
    str | None, typer.Option("--timezone", help="IANA name, for times without offset or zone.")
]
Dates = Annotated[
    DateOrder | None, typer.Option("--dates", help="How to read a date such as 3/4/2026.")
]


def read_defaults(
    dialect: str | None,
    provider: str | None,
    connection: str | None,
    accounts: Sequence[str] | None,
    timezone: str | None,
    dates: DateOrder | None,
) -> Defaults:
    """Return the options as a value. Raises InputError."""
    name = dialect.strip().lower() if dialect else None
    if name and name not in DIALECTS:
        raise InputError(f"--dialect must be one of {', '.join(DIALECTS)}, not {dialect!r}")
    if timezone is not None:
        try:
            read_zone(timezone)
        except ValueError as wrong:
            raise InputError(f"--timezone {wrong}") from None
    return Defaults(
        dialect=name,
        provider=provider.strip().lower() if provider else None,
        connection=connection or None,
        accounts=read_accounts(accounts or ()),
        timezone=timezone,
        dates=dates,
    )
