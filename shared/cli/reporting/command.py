"""The command: which form, and where it goes."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.exits import tell
from shared.cli.reporting.figures import Figures, read_figures
from shared.cli.reporting.page import page_of
from shared.cli.reporting.shape import report_shape
from shared.cli.reporting.sheet import sheet_of, sheet_of_table
from shared.cli.reporting.tables import all_tables, show_report
from shared.cli.session import CampaignName, Json, open_parts
from shared.errors import InputError


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


class TableName(StrEnum):
    """A table of the report that CSV gives instead of the jobs."""

    PROVIDERS = "providers"
    ACCOUNTS = "accounts"
    CAUSES = "causes"
    HELD = "held"
    RETRIES = "retries"
    CALLS = "calls"
    LIMITS = "limits"
    LINKS = "links"


#: What the end of a file's name asks for.
_ENDS = {".csv": Format.CSV, ".json": Format.JSON, ".html": Format.HTML, ".htm": Format.HTML}

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="As --out is named; else a table.")
]
TableOption = Annotated[
    TableName | None, typer.Option("--table", help="In CSV: this table instead of the jobs.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write it there, not to the output.")
]


def report(
    name: CampaignName,
    *,
    format_: FormatOption = None,
    table: TableOption = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show what became of the jobs: by account, how late, failures by cause, limits, links."""
    form = _form(format_, out, as_json=as_json)
    if table is not None and form is not Format.CSV:
        raise typer.BadParameter("--table is for CSV; the other forms have all of them")
    with open_parts() as parts:
        figures = read_figures(parts, name)
    if form is Format.TABLE:
        show_report(figures)
        return
    text = _text(figures, form, table)
    if table is TableName.LIMITS and figures.windows is None:
        tell(f"the use of limits is not known: {figures.away}")
    if out is None:
        sys.stdout.write(text)
        return
    _write(out, text, form)
    tell(f"written to {out}")


def _form(asked: Format | None, out: Path | None, *, as_json: bool) -> Format:
    if as_json and asked not in {None, Format.JSON}:
        raise typer.BadParameter(f"--json and --format {asked} are two forms; name one")
    by_name = None if out is None else _ENDS.get(out.suffix.lower())
    form = Format.JSON if as_json else asked or by_name or Format.TABLE
    if out is not None and form is Format.TABLE:
        raise typer.BadParameter("a file needs a form: --format csv, json or html")
    return form


def _text(figures: Figures, form: Format, table: TableName | None) -> str:
    match form:
        case Format.CSV:
            chosen = (each for each in all_tables(figures) if each.name == table)
            return sheet_of(figures) if table is None else sheet_of_table(next(chosen))
        case Format.HTML:
            return page_of(figures)
        case _:
            return json.dumps(report_shape(figures), ensure_ascii=False) + "\n"


def _write(out: Path, text: str, form: Format) -> None:
    # Spreadsheets need the mark to read a table as UTF-8.
    encoding = "utf-8-sig" if form is Format.CSV else "utf-8"
    try:
        with out.open("w", encoding=encoding, errors="replace", newline="") as file:
            file.write(text)
    except OSError as wrong:
        raise InputError(f"{out} cannot be written: {wrong.strerror}") from None
