"""A report as the tables that a page and a terminal show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.cli.output import show_table
from shared.cli.reporting.figures import Figures, counts_of, lateness_of
from shared.cli.shapes import lateness_shape
from shared.domain.limit import WindowUse
from shared.domain.states import AT_REST, State
from shared.ledger.reports import ReportedJob

ENDINGS = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.HELD)
RANKS = ("p50", "p90", "p99", "max")
_COUNTED = (*ENDINGS, "moving", *(f"late {rank}" for rank in RANKS))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, and what they are about."""

    #: By which a file of one table is asked for.
    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def tables_of(figures: Figures) -> Iterator[Table]:
    """Yield every table that has a row."""
    yield from (each for each in all_tables(figures) if each.rows)


def all_tables(figures: Figures) -> Sequence[Table]:
    """Return every table, also those without rows."""
    return (
        _providers(figures),
        _accounts(figures),
        _causes(figures),
        Table("held", "Held", ("held because", "jobs"), figures.seen.held),
        _retries(figures),
        _calls(figures),
        _limits(figures),
        _links(figures),
    )


def show_report(figures: Figures) -> None:
    """Print a report for a person."""
    print(figures.seen.line())
    for table in tables_of(figures):
        print(f"\n{table.title}")
        show_table(table.columns, table.rows)
    if figures.windows is None:
        print(f"\nThe use of limits is not known: {figures.away}")


def _providers(figures: Figures) -> Table:
    columns = ("provider", *_COUNTED)
    rows = [(name, *_counts(of), *_late(of)) for name, of in figures.providers.items()]
    if len(rows) > 1:
        rows.append(("all", *_counts(figures.jobs), *_late(figures.jobs)))
    return Table("providers", "Providers", columns, rows)


def _accounts(figures: Figures) -> Table:
    columns = ("provider", "connection", "account", "name", *_COUNTED)
    rows = [
        (*account, figures.name_of(account) or None, *_counts(of), *_late(of))
        for account, of in figures.accounts.items()
    ]
    return Table("accounts", "Accounts", columns, rows)


def _counts(jobs: Sequence[ReportedJob]) -> list[int]:
    counts = counts_of(jobs)
    moving = sum(count for state, count in counts.items() if state not in AT_REST)
    return [*(counts.get(state, 0) for state in ENDINGS), moving]


def _late(jobs: Sequence[ReportedJob]) -> list[str]:
    lateness = lateness_shape(lateness_of(jobs))
    return [f"{lateness[rank]:g} s" if lateness["jobs"] else "-" for rank in RANKS]


def _causes(figures: Figures) -> Table:
    columns = ("fingerprint", "failed of", "code", "jobs", "example", "message")
    rows = [
        (each.fingerprint, each.error_class, each.code, each.jobs, each.example, each.message)
        for each in figures.causes
    ]
    return Table("causes", "Failures by cause", columns, rows)


def _retries(figures: Figures) -> Table:
    of = figures.retries
    rows = [
        (what, count)
        for what, count in (
            ("jobs made in the place of failed ones", of.jobs),
            ("of these succeeded", of.succeeded if of.jobs else 0),
            ("attempts beyond the first", of.attempts),
            ("deferrals (they cost no attempt)", of.deferrals),
        )
        if count
    ]
    return Table("retries", "Tried again", ("what", "count"), rows)


def _calls(figures: Figures) -> Table:
    columns = ("connection", "account", "calls", "most in 1 min", "in 1 h", "in 24 h")
    rows = [(each.connection, each.account, each.calls, *each.most) for each in figures.use]
    return Table("calls", "Publish calls", columns, rows)


def _limits(figures: Figures) -> Table:
    columns = ("connection", "account", "used", "limit", "unit", "per", "resets", "source")
    return Table("limits", "Limits now", columns, [_limit(each) for each in figures.windows or ()])


def _limit(use: WindowUse) -> tuple[object, ...]:
    resets = use.blocked_until or use.resets_at
    whose = (use.connection, use.account)
    return *whose, use.used, use.limit, use.unit or None, use.per, resets, use.source


def _links(figures: Figures) -> Table:
    rows = [(each.id, each.ref, each.account_id, each.permalink) for each in figures.links]
    return Table("links", "Links", ("id", "ref", "account", "link"), rows)
