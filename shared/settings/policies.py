"""The policies of a connection: how often, how soon and how long Dropline keeps at it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.domain.capabilities import LostAnswer
from shared.domain.duration import read_duration
from shared.domain.limit import POLLING_SHARE, Call, Limit, Reach, Unit, Window
from shared.domain.polling import PollPolicy
from shared.domain.release import LatePolicy, read_late_policy
from shared.domain.retry import RetryPolicy


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone, such as Europe/Paris") from None
    return name


def _share(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (is_number and 0 < value < 1):  # type: ignore[operator]
        raise ValueError(f"must be a number between 0 and 1, such as 0.2, not {value!r}")
    return value


Duration = Annotated[timedelta, BeforeValidator(read_duration)]

#: More than this is a slip, and no counter goes on for ever.
Count = Annotated[int, Field(gt=0, le=1_000_000_000)]


class Strict(BaseModel):
    """A table of the file in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class BackoffTable(Strict):
    """`backoff = {first = "5s", cap = "10m"}`."""

    first: Duration = RetryPolicy().first
    cap: Duration = RetryPolicy().cap

    @model_validator(mode="after")
    def _first_is_below_cap(self) -> Self:
        if self.first > self.cap:
            raise ValueError("first must not be longer than cap")
        return self


class UnitTable(Strict):
    """A figure of one unit in a window, such as `posts = 25, per = "24h"`."""

    requests: Count | None = None
    posts: Count | None = None
    containers: Count | None = None
    per: Annotated[Duration, Field(gt=timedelta())]
    window: Window = Window.FIXED
    zone: Annotated[str, AfterValidator(known_zone)] = "UTC"

    @model_validator(mode="after")
    def _one_unit_is_given(self) -> Self:
        if len(self._figures()) != 1:
            raise ValueError("say one of requests, posts and containers, such as posts = 25")
        return self

    def account_limit(self) -> Limit:
        """Return the limit of each account by itself."""
        return self._limit(Reach.ACCOUNT, frozenset())

    def _figures(self) -> dict[Unit, int]:
        given = {
            Unit.REQUESTS: self.requests,
            Unit.POSTS: self.posts,
            Unit.CONTAINERS: self.containers,
        }
        return {unit: figure for unit, figure in given.items() if figure is not None}

    def _limit(self, reach: Reach, calls: frozenset[Call]) -> Limit:
        [(unit, figure)] = self._figures().items()
        return Limit(
            requests=figure,
            unit=unit,
            per=self.per,
            window=self.window,
            reach=reach,
            calls=calls,
            zone=self.zone,
            source="configured",
        )


class LimitTable(UnitTable):
    """`{requests = 60, per = "60s", window = "fixed", scope = "connection", ...}`.

    `posts` or `containers` may stand in the place of `requests`.
    """

    scope: Reach = Reach.CONNECTION
    #: The calls it counts; none named = all.
    calls: frozenset[Call] = frozenset()

    @model_validator(mode="after")
    def _calls_are_of_requests(self) -> Self:
        if self.calls and self.requests is None:
            raise ValueError("calls goes with requests; posts and containers are publish calls")
        return self

    def limit(self) -> Limit:
        return self._limit(self.scope, self.calls)


class AccountLimitTable(LimitTable):
    """A limit in an account's own table: it counts that account alone."""

    scope: Reach = Reach.ACCOUNT

    @model_validator(mode="after")
    def _scope_is_the_account(self) -> Self:
        if self.scope is not Reach.ACCOUNT:
            raise ValueError("an account's own limit has the scope account; leave scope out")
        return self


class PolicyTable(Strict):
    """`[policies]`, or the same keys inside one connection's table."""

    max_attempts: Count | None = None
    backoff: BackoffTable | None = None
    settle_deadline: Duration | None = None
    late_policy: Annotated[LatePolicy | None, BeforeValidator(read_late_policy)] = None
    #: `search`, `replay` or `hold`; what a lost answer leads to, against the provider's default.
    lost_answer: LostAnswer | None = None
    polling_share: Annotated[float | None, BeforeValidator(_share)] = None

    def over(self, base: "Policies") -> "Policies":
        """Return `base` with what this table says put over it."""
        retry: dict[str, Any] = {}
        if self.max_attempts is not None:
            retry["max_attempts"] = self.max_attempts
        if self.backoff is not None:
            retry |= {"first": self.backoff.first, "cap": self.backoff.cap}
        poll = {} if self.settle_deadline is None else {"deadline": self.settle_deadline}
        return Policies(
            retry=replace(base.retry, **retry),
            poll=replace(base.poll, **poll),
            late=self.late_policy or base.late,
            lost_answer=self.lost_answer or base.lost_answer,
            polling_share=self.polling_share or base.polling_share,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies in force for one connection."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    poll: PollPolicy = field(default_factory=PollPolicy)
    late: LatePolicy = field(default_factory=LatePolicy)
    lost_answer: LostAnswer | None = None
    #: What reading may still have of a window while publishing wants more than there is.
    polling_share: float = POLLING_SHARE
