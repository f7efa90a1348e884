"""The composition root: builds each part once, when it is first needed, from the settings."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.audit import Auditor
from shared.broker import Broker
from shared.clock import SystemClock
from shared.connected import Connected
from shared.database_address import require_options
from shared.dispatch import Dispatcher
from shared.domain.capabilities import LostAnswer
from shared.domain.limit import POLLING_SHARE, Limit, Scope
from shared.errors import ConfigurationError, PartUnreachable, UnknownName
from shared.ledger import Ledger
from shared.ledger.accounts import SyncResult
from shared.ledger.usernames import Usernames
from shared.limits.redis_limiter import RedisLimiter
from shared.producer import Producer
from shared.provider import Provider
from shared.providers import provider_named, providers
from shared.reconcile import Reconciler
from shared.redis_address import require_address
from shared.settings import ByAccount, Connection, Settings, limits_in, timetable_in
from shared.wire.answer import CallFailed, NoAnswer
from shared.wire.clients import Clients
from shared.wire.road import Road
from shared.wire.watchdog import Watchdog
from shared.wire.wire import Wire

#: How long one reading call from the command line or a tick may take in all.
READING = timedelta(seconds=60)


@dataclass
class Parts:
    """Everything one process may need; nothing is connected before it is used."""

    settings: Settings
    clock: SystemClock = field(default_factory=SystemClock)

    @classmethod
    def of(cls, settings: Settings) -> "Parts":
        return cls(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def ledger(self) -> Ledger:
        if self.settings.database_url.startswith("sqlite:///"):
            require_home(self.settings.home)
        require_options(self.settings.database_url)
        return Ledger.open(self.settings.database_url, clock=self.clock)

    def require_schema(self) -> None:
        """Raise SchemaOutdated or PartUnreachable, and follow the database's clock otherwise."""
        self.ledger.schema.check()
        self.clock.follow(self.ledger.database_now)

    @cached_property
    def redis_url(self) -> str:
        stated = self.settings.redis_url
        return require_address(stated) if stated else embedded_redis_url(self.settings.home)

    @cached_property
    def broker(self) -> Broker:
        return Broker(self.redis_url)

    @cached_property
    def limiter(self) -> RedisLimiter:
        return RedisLimiter(
            self.redis_url, self._limits, self.ledger.limits, self.clock, self._polling_share
        )

    @cached_property
    def usernames(self) -> Usernames:
        return Usernames(lambda: self.ledger.accounts, self.clock)

    @cached_property
    def connections(self) -> Mapping[str, Connected]:
        """Every connection by name: those of the settings, and one per provider."""
        stated = dict(self.settings.connections)
        for name in providers():
            stated.setdefault(name, self._default_connection(name))
        self._check_caps(stated)
        return {name: self._connected(each) for name, each in sorted(stated.items())}

    @cached_property
    def road(self) -> Road:
        return Road(
            clients=Clients(),
            watchdog=Watchdog(self.clock),
            limiter=self.limiter,
            clock=self.clock,
            shelf=self.ledger.media,
        )

    @cached_property
    def dispatcher(self) -> Dispatcher:
        return Dispatcher(self.ledger, self.limiter, self.broker, self.connections, self.clock)

    @cached_property
    def producer(self) -> Producer:
        return Producer(
            ledger=self.ledger,
            connections=self.connections,
            dispatcher=lambda: self.dispatcher,
            sync_accounts=self.sync_accounts,
            clock=self.clock,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(self.ledger, self.road, self.connections, self.broker, random.Random())

    @cached_property
    def auditor(self) -> Auditor:
        return Auditor(self.ledger, self.road, self.connections)

    def connected(self, name: str) -> Connected:
        """Return a connection by name, or raise UnknownName listing those that exist."""
        if name not in self.connections:
            known = ", ".join(self.connections)
            raise UnknownName(f"there is no connection {name!r}; known are {known}")
        return self.connections[name]

    def wire(self, name: str, within: timedelta = READING) -> Wire:
        """Return a wire for reading at a connection."""
        return self.connected(name).wire(self.road, within)

    def sync_accounts(self, name: str, by: str = "accounts") -> SyncResult:
        """Ask a provider for its accounts and store them. Raises PartUnreachable, KeyMissing."""
        connected = self.connected(name)
        try:
            accounts = connected.provider.accounts(self.wire(name))
        except (NoAnswer, CallFailed) as broken:
            message = f"connection {name} cannot be asked for its accounts: {broken}"
            raise PartUnreachable(message) from None
        provider = connected.provider.name
        now = self.clock.now()
        return self.ledger.accounts.sync(name, provider, accounts, now=now, by=by)

    def close(self) -> None:
        """Close what was opened."""
        built = self.__dict__
        if "road" in built:
            self.road.watchdog.stop()
            self.road.clients.close()
        for name in ("broker", "limiter", "ledger"):
            if name in built:
                built[name].close()

    def _default_connection(self, provider: str) -> Connection:
        return Connection(
            name=provider,
            provider=provider,
            base_url=None,
            key=None,
            key_variable=f"DROPLINE_{provider.upper()}_API_KEY",
            policies=self.settings.default_policies,
            private_media=self.settings.private_media,
        )

    def _check_caps(self, stated: Mapping[str, Connection]) -> None:
        """Refuse caps that would be nobody's: the account they were meant for would have none."""
        for name, accounts in self.settings.accounts.items():
            if name not in stated:
                known, account = ", ".join(sorted(stated)), next(iter(accounts))
                raise ConfigurationError(
                    f"accounts.{name}/{account}: there is no connection {name!r}; known are {known}"
                )

    def _connected(self, connection: Connection) -> Connected:
        stated = self.settings.accounts.get(connection.name, {})
        names = partial(self.usernames.at, connection.name)
        provider = _provider(connection)
        _check_lost_answer(connection, provider)
        return Connected(
            connection=connection,
            provider=provider,
            account_limits=ByAccount(stated, names, limits_in),
            timetables=ByAccount(stated, names, timetable_in),
        )

    def _limits(self, scope: Scope) -> Sequence[Limit]:
        connected = self.connections.get(scope.connection)
        return () if connected is None else connected.limits(scope.account)

    def _polling_share(self, connection: str) -> float:
        connected = self.connections.get(connection)
        return connected.connection.policies.polling_share if connected else POLLING_SHARE


def require_home(home: Path) -> None:
    """Make the state folder where there is none. Raises PartUnreachable."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise PartUnreachable(
            f"the state folder {home} cannot be made: {wrong.strerror}; set DROPLINE_HOME"
        ) from None


def embedded_redis_url(home: Path) -> str:
    """Return the address of the embedded server that `dropline up` started in `home`."""
    try:
        address: str = json.loads((home / "redis.json").read_text())["url"]
    except (OSError, ValueError, KeyError):
        message = (
            "Redis is not running here: start it with `dropline up`, or set DROPLINE_REDIS_URL"
        )
        raise PartUnreachable(message) from None
    return address


def _check_lost_answer(connection: Connection, provider: Provider) -> None:
    """Refuse a policy that needs what the provider does not have."""
    wanted, declared = connection.policies.lost_answer, provider.capabilities.lost_answer
    if wanted in {None, declared, LostAnswer.HOLD, LostAnswer.RESEND}:
        return
    if wanted is LostAnswer.SEARCH and declared is LostAnswer.REPLAY:
        return
    raise ConfigurationError(
        f"connection {connection.name}: lost_answer = {str(wanted)!r} is not to be had at"
        f" {provider.name}; it offers {declared}, hold and resend"
    )


def _provider(connection: Connection) -> Provider:
    try:
        return provider_named(connection.provider)
    except UnknownName as wrong:
        raise ConfigurationError(
            f"connection {connection.name}: {wrong}; set `provider` in its table"
        ) from None
