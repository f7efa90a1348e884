"""`dropline audit`: whether the ledger keeps its promises, and agrees with the providers."""

from collections.abc import Iterator
from typing import Annotated

import typer

from shared.bootstrap import Parts
from shared.cli.exits import ExitCode
from shared.cli.output import emit, show_table
from shared.cli.session import Json, new_app, open_parts
from shared.domain.audit import Discrepancy
from shared.errors import PartUnreachable
from shared.wire.answer import CallFailed, NoAnswer

app = new_app()

AgainstProvider = Annotated[
    bool,
    typer.Option("--against-provider", help="Compare with what the providers have stored, too."),
]


@app.command()
def audit(against_provider: AgainstProvider = False, as_json: Json = False) -> None:
    with open_parts() as parts:
        found = list(_found(parts, against_provider=against_provider))
    if as_json:
        for each in found:
            emit({"invariant": each.invariant, "id": each.job_id, "what": each.what})
    elif found:
        rows = [(each.invariant, each.job_id, each.what) for each in found]
        show_table(("invariant", "id", "what"), rows)
    else:
        print("everything agrees")
    if found:
        raise typer.Exit(ExitCode.JOBS_FAILED)


def _found(parts: Parts, *, against_provider: bool) -> Iterator[Discrepancy]:
    yield from parts.auditor.ledger_alone()
    if not against_provider:
        return
    parts.broker.ping()  # every request asks the limiter
    try:
        yield from parts.auditor.against_providers()
    except (NoAnswer, CallFailed) as broken:
        raise PartUnreachable(f"a provider's history cannot be read: {broken}") from None
