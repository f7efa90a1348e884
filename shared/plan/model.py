"""What a plan is made from: campaigns, connections as models, workers, and what goes wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.campaign import CampaignRules
from shared.domain.habit import Habit
from shared.domain.job import NewJob
from shared.domain.limit import POLLING_SHARE, Block, Limit
from shared.domain.post import Kind
from shared.domain.series import NewSeries
from shared.domain.terms import Terms
from shared.plan.traits import Traits

#: A platform and a kind.
Sort = tuple[str, Kind]

#: A connection and an account there.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A series: its occurrences after an instant become jobs while the plan lasts."""

    series: NewSeries
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCampaign:
    """The jobs of one campaign and its rules."""

    name: str
    jobs: Sequence[NewJob]
    rules: CampaignRules = field(default_factory=CampaignRules)
    coming: Sequence[Coming] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConnection:
    """One connection: its terms, its limits, and what its provider is taken to do."""

    name: str
    terms: Terms
    traits: Traits = field(default_factory=Traits)
    limits: tuple[Limit, ...] = ()
    #: Limits of one account beside those of every account; caps included.
    account_limits: Callable[[str, str, Kind], Sequence[Limit]] = lambda _id, _platform, _kind: ()
    habits: Mapping[Sort, Habit] = field(default_factory=dict)
    polling_share: float = POLLING_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which a connection, or every one (None), cannot be reached."""

    begins: datetime
    lasts: timedelta
    connection: str | None = None

    def holds(self, connection: str, now: datetime) -> bool:
        concerned = self.connection in {None, connection}
        return concerned and self.begins <= now < self.begins + self.lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What a bad week brings: outages, and the share of publish calls that fail."""

    outages: tuple[Outage, ...] = ()
    failing: float = 0.0

    def is_away(self, connection: str, now: datetime) -> bool:
        return any(outage.holds(connection, now) for outage in self.outages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent before the plan begins: requests that a window counts already, by end."""

    scope_connection: str
    account: str | None
    limit: Limit
    ends_ms: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why an account does not post, and what somebody has to do so that it does."""

    why: str
    lift: str

    @override
    def __str__(self) -> str:
        return f"{self.why}; {self.lift}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that a plan depends on: the same question has the same answer."""

    campaigns: Sequence[PlannedCampaign]
    connections: Mapping[str, ModelConnection]
    start: datetime
    #: Publish calls that all workers carry at once.
    places: int = 16
    seed: int = 0
    trouble: Trouble = field(default_factory=Trouble)
    #: The campaign that is asked about; others are there because they spend from the same windows.
    about: str = ""
    #: Accounts of which nothing goes; their jobs stay where they are.
    stops: Mapping[Place, Stop] = field(default_factory=dict)
    #: Until when a provider has forbidden more.
    blocks: Sequence[Block] = ()

    @property
    def jobs(self) -> int:
        return sum(len(each.jobs) for each in self.campaigns)

    @property
    def others(self) -> int:
        """How many jobs are there beside those that are asked about."""
        return sum(len(each.jobs) for each in self.campaigns if not self.concerns(each.name))

    def concerns(self, campaign: str) -> bool:
        return self.about in {"", campaign}
