"""The report of a campaign: what became of its jobs, by account, by failure, and how late."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.bootstrap import Parts
from shared.cli.output import show_table
from shared.cli.shapes import Shape, counts_shape, lateness_shape
from shared.cli.standing import Standing, standing
from shared.domain.states import AT_REST, State

_Account = tuple[str, str, str]
_ENDINGS = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.HELD)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one campaign."""

    seen: Standing
    #: Counts by provider, connection and account.
    accounts: Mapping[_Account, Mapping[State, int]]
    #: Class, code and count of what jobs failed of.
    faults: Sequence[tuple[str, str | None, int]]
    lateness: Shape

    def shape(self) -> Shape:
        return self.seen.shape() | {
            "accounts": [
                {
                    "provider": provider,
                    "connection": connection,
                    "account": account,
                    "counts": counts_shape(counts),
                }
                for (provider, connection, account), counts in self.accounts.items()
            ],
            "failures": [
                {"class": error_class, "code": code, "count": count}
                for error_class, code, count in self.faults
            ],
            "lateness_s": self.lateness,
        }


def read_report(parts: Parts, campaign: str) -> Report:
    """Return the figures as they are now; raises UnknownName."""
    campaigns = parts.ledger.campaigns
    accounts: dict[_Account, Counter[State]] = {}
    for share in campaigns.by_provider(campaign):
        account = (share.provider, share.connection, share.account_id)
        accounts.setdefault(account, Counter())[share.state] += share.count
    return Report(
        seen=standing(parts, campaign),
        accounts=accounts,
        faults=campaigns.faults(campaign),
        lateness=lateness_shape(campaigns.lateness(campaign)),
    )


def show_report(report: Report) -> None:
    print(report.seen.line())
    print()
    columns = ("provider", "connection", "account", *_ENDINGS, "moving")
    show_table(columns, [(*account, *_row(of)) for account, of in report.accounts.items()])
    if report.faults:
        print()
        show_table(("failed of", "code", "jobs"), report.faults)
    if report.seen.held:
        print()
        show_table(("held because", "jobs"), report.seen.held)
    if report.lateness["jobs"]:
        print()
        words = [word for word in report.lateness if word != "jobs"]
        show_table(("sent", *words), [(report.lateness["jobs"], *_seconds(report.lateness, words))])


def _row(counts: Mapping[State, int]) -> list[int]:
    moving = sum(count for state, count in counts.items() if state not in AT_REST)
    return [*(counts.get(state, 0) for state in _ENDINGS), moving]


def _seconds(lateness: Shape, words: Sequence[str]) -> list[str]:
    return [f"{lateness[word]:g} s late" for word in words]
