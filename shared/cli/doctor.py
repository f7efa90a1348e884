"""`dropline doctor`: every check on its own line, and what to do about what is wrong."""

import typer

from shared.cli.checkup import Finding, Verdict, check_up
from shared.cli.exits import ExitCode
from shared.cli.output import emit, show_table
from shared.cli.session import Json, new_app, open_parts

app = new_app()


@app.command()
def doctor(as_json: Json = False) -> None:
    with open_parts(schema=False) as parts:
        findings = list(check_up(parts))
    if as_json:
        for finding in findings:
            emit(_shape(finding))
    else:
        columns = ("check", "verdict", "what was seen", "what to do")
        rows = [(each.check, each.verdict, each.seen, each.todo or "") for each in findings]
        show_table(columns, rows)
    if any(finding.verdict is Verdict.MISSING for finding in findings):
        raise typer.Exit(ExitCode.UNREACHABLE)


def _shape(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "ok": finding.verdict is Verdict.OK,
        "verdict": str(finding.verdict),
        "seen": finding.seen,
        "todo": finding.todo or None,
    }
