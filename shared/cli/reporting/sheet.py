"""A report as CSV: one row for each job, safe to open in a spreadsheet."""

from collections.abc import Iterator
from io import StringIO

from shared.cli.output import instant, shown
from shared.cli.reporting.figures import Figures
from shared.cli.reporting.tables import Table
from shared.ledger.reports import ReportedJob
from shared.rows import write_table

_COLUMNS = (
    *("id", "ref", "provider", "connection", "platform", "account", "kind", "state", "reason"),
    *("run_at", "first_sent_at", "late_s", "settled_at", "attempts", "deferrals", "retry_of"),
    *("permalink", "error_class", "error_code", "error_message", "fingerprint"),
)


def sheet_of(figures: Figures) -> str:
    """Return the whole table; what looks like a formula is made text."""
    text = StringIO(newline="")
    write_table(text, _COLUMNS, (list(_cells(each)) for each in figures.jobs))
    return text.getvalue()


def sheet_of_table(table: Table) -> str:
    """Return one of a report's other tables."""
    text = StringIO(newline="")
    rows = ([_plain(value) for value in row] for row in table.rows)
    write_table(text, [str(each) for each in table.columns], rows)
    return text.getvalue()


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else shown(value)


def _cells(job: ReportedJob) -> Iterator[object]:
    yield from (job.id, job.ref, job.provider, job.connection, job.platform, job.account_id)
    yield from (job.kind, str(job.state), job.reason)
    yield from (instant(job.run_at), instant(job.first_sent_at), job.late_s)
    yield from (instant(job.settled_at), job.attempts, job.deferrals, job.retry_of)
    yield from (job.permalink, job.error_class, job.error_code, job.error_message)
    yield job.fingerprint
