"""The figures of a campaign: what became of its jobs, how late, at which cost, and of what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from shared.bootstrap import Parts
from shared.cli.standing import Standing, standing
from shared.domain.busiest import Taken, busiest
from shared.domain.fingerprint import Failures
from shared.domain.limit import Scope, WindowUse
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger.reports import PublishCall, ReportedJob

#: The lengths of time that limits are for.
STRETCHES = (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))

#: Provider, connection and account id.
Account = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """What trying again has cost, and what it brought."""

    #: Jobs made in the place of failed ones, and how many of these succeeded.
    jobs: int
    succeeded: int
    #: Attempts beyond the first of each job.
    attempts: int
    deferrals: int


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How many publish calls a connection or account made, and in its busiest stretches."""

    connection: str
    #: None = all accounts of the connection.
    account: str | None
    calls: int
    #: By STRETCHES.
    most: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A campaign as it was at one moment."""

    at: datetime
    seen: Standing
    jobs: Sequence[ReportedJob]
    causes: Sequence[Failures]
    #: Class, code and count of what jobs failed of.
    faults: Sequence[tuple[str, str | None, int]]
    #: Its publish calls, the oldest first.
    calls: Sequence[PublishCall]
    #: The names of accounts by connection and account id.
    names: Mapping[tuple[str, str], str]
    #: The windows of its connections and accounts; None = `away` says why they are not known.
    windows: Sequence[WindowUse] | None
    away: str = ""

    @property
    def accounts(self) -> Mapping[Account, Sequence[ReportedJob]]:
        """Return the jobs of each account, by provider, connection and account."""
        found: dict[Account, list[ReportedJob]] = {}
        for each in sorted(self.jobs, key=_account):
            found.setdefault(_account(each), []).append(each)
        return found

    @property
    def providers(self) -> Mapping[str, Sequence[ReportedJob]]:
        """Return the jobs of each provider."""
        found: dict[str, list[ReportedJob]] = {}
        for each in sorted(self.jobs, key=_account):
            found.setdefault(each.provider, []).append(each)
        return found

    @property
    def use(self) -> Sequence[QuotaUse]:
        """Return what was used of quotas: of each connection, then of each of its accounts."""
        found: dict[tuple[str, str], list[Taken]] = {}
        for each in self.calls:
            for account in ("", each.account_id):
                found.setdefault((each.connection, account), []).append((each.at, 1))
        return [
            QuotaUse(connection, account or None, len(of), [busiest(of, per) for per in STRETCHES])
            for (connection, account), of in sorted(found.items())
        ]

    def name_of(self, account: Account) -> str:
        """Return an account's name, or '' where it is not known any more."""
        _, connection, account_id = account
        return self.names.get((connection, account_id), "")

    @property
    def retries(self) -> Retries:
        again = [each for each in self.jobs if each.retry_of is not None]
        return Retries(
            jobs=len(again),
            succeeded=sum(each.state is State.SUCCEEDED for each in again),
            attempts=sum(max(each.attempts - 1, 0) for each in self.jobs),
            deferrals=sum(each.deferrals for each in self.jobs),
        )

    @property
    def links(self) -> Sequence[ReportedJob]:
        """Return the jobs whose posts have an address."""
        return [each for each in self.jobs if each.permalink]


def read_figures(parts: Parts, campaign: str) -> Figures:
    """Return the figures as they are now; raises UnknownName."""
    jobs = parts.ledger.reports.jobs(campaign)
    windows, away = _windows(parts, jobs)
    accounts = parts.ledger.accounts.list()
    return Figures(
        calls=parts.ledger.reports.calls(campaign),
        names={(of.connection, of.account.account_id): of.account.username for of in accounts},
        at=parts.clock.now(),
        seen=standing(parts, campaign),
        jobs=jobs,
        causes=parts.ledger.reports.failures(campaign),
        faults=parts.ledger.campaigns.faults(campaign),
        windows=windows,
        away=away,
    )


def counts_of(jobs: Sequence[ReportedJob]) -> Mapping[State, int]:
    return Counter(each.state for each in jobs)


def lateness_of(jobs: Sequence[ReportedJob]) -> list[float]:
    return [each.late_s for each in jobs if each.late_s is not None]


def _account(job: ReportedJob) -> Account:
    return job.provider, job.connection, job.account_id


def _windows(parts: Parts, jobs: Sequence[ReportedJob]) -> tuple[Sequence[WindowUse] | None, str]:
    """Ask the limiter about those that the jobs spend from."""
    places = sorted({(each.connection, each.account_id) for each in jobs})
    scopes = [(Scope(name), Scope(name, account)) for name, account in places]
    wanted = list(dict.fromkeys(chain.from_iterable(scopes)))
    try:
        found = parts.limiter.windows(parts.clock.now(), wanted) if wanted else []
    except PartUnreachable as away:
        return None, str(away)
    return [each for each in found if any(map(each.concerns, wanted))], ""
