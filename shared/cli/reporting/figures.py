"""The figures of a campaign: what became of its jobs, how late, at which cost, and of what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from shared.bootstrap import Parts
from shared.cli.standing import Standing, standing
from shared.domain.fingerprint import Failures
from shared.domain.limit import Scope, WindowUse
from shared.domain.states import State
from shared.errors import PartUnreachable
from shared.ledger.reports import ReportedJob

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A campaign as it was at one moment."""

    at: datetime
    seen: Standing
    jobs: Sequence[ReportedJob]
    causes: Sequence[Failures]
    #: Class, code and count of what jobs failed of.
    faults: Sequence[tuple[str, str | None, int]]
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
    return Figures(
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
