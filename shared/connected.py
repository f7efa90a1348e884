"""A connection together with its provider: what every part that speaks to one is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.domain.limit import Limit
from shared.domain.terms import Terms
from shared.domain.timetable import Timetable
from shared.provider import Provider
from shared.settings import Connection
from shared.wire.road import Gate, Road
from shared.wire.wire import Endpoint, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """One connection, its provider, and the caps of its accounts."""

    connection: Connection
    provider: Provider
    account_limits: Mapping[str, tuple[Limit, ...]]
    #: The slots of its accounts' queues, as the settings say them.
    timetables: Mapping[str, Timetable] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def base_url(self) -> str:
        return self.connection.base_url or self.provider.base_url

    @property
    def terms(self) -> Terms:
        capabilities, policies = self.provider.capabilities, self.connection.policies
        return Terms(
            capabilities=capabilities,
            retry=policies.retry,
            poll=policies.poll,
            late=policies.late,
            lost_answer=policies.lost_answer or capabilities.lost_answer,
        )

    def limits(self, account: str | None) -> tuple[Limit, ...]:
        """Return the configured or declared limits of the connection and of one account."""
        stated = self.connection.limits
        own = self.provider.limits if stated is None else stated
        return own + self.account_limits.get(account or "", ())

    def wire(
        self,
        road: Road,
        within: timedelta,
        *,
        gate: Gate | None = None,
        prepared: Mapping[str, Any] | None = None,
        containers: int = 1,
    ) -> Wire:
        """Return a wire that works for at most `within`. Raises KeyMissing.

        `containers` is what a post published over it makes, for the limits that count these.
        """
        endpoint = Endpoint(
            connection=self.connection,
            base_url=self.base_url,
            auth=self.provider.auth(self.connection.secret()),
        )
        deadline = road.clock.monotonic() + within.total_seconds()
        return Wire(
            road,
            endpoint,
            deadline=deadline,
            gate=gate,
            prepared=prepared,
            containers=containers,
        )
