"""What one command works with: the parts, and the options that many commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from shared import logs
from shared.bootstrap import Parts
from shared.settings import read_settings

#: Who moved a job, in its events.
BY = "command line"

Json = Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one a line.")]
CampaignName = Annotated[str, typer.Argument(metavar="NAME", help="The campaign.")]
#: No database counts further.
LARGEST_ID = 2**63 - 1
JobId = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The job.")]


def new_app() -> typer.Typer:
    """Return the root of one module's commands."""
    return typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


@contextmanager
def open_parts(*, schema: bool = True) -> Iterator[Parts]:
    """Give the parts that the environment describes, with the schema checked, and close them."""
    settings = read_settings()
    # What a command says is its output; the log speaks up only about trouble.
    level = "warning" if settings.log_level == "info" else settings.log_level
    logs.configure(settings.log_format, level)
    with Parts.of(settings) as parts:
        if schema:
            parts.require_schema()
        yield parts
