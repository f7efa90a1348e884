"""Account sync: asks every connection that has a key for its accounts and their health."""

from datetime import timedelta
from functools import partial

from scheduler.fanout import FanOut
from shared.bootstrap import Parts
from shared.errors import PartUnreachable
from shared.logs import logger

log = logger(__name__)

#: The health of accounts is at most this old.
EVERY = timedelta(minutes=5)


class AccountSync:
    """Keeps the accounts of the ledger fresh; unhealthy ones hold their jobs."""

    def __init__(self, parts: Parts, fanout: FanOut, name: str) -> None:
        self._parts = parts
        self._fanout = fanout
        self._name = name

    def tick(self) -> None:
        for name, connected in self._parts.connections.items():
            if connected.connection.key is not None and self._stale(name):
                self._fanout.run(f"accounts {name}", partial(self._sync, name))

    def _stale(self, connection: str) -> bool:
        synced_at = self._parts.ledger.accounts.synced_at(connection)
        return synced_at is None or self._parts.clock.now() - synced_at >= EVERY

    def _sync(self, connection: str) -> None:
        try:
            result = self._parts.sync_accounts(connection, by=self._name)
        except PartUnreachable as away:
            log.warning("accounts could not be synced", connection=connection, why=str(away))
            return
        if result.held or result.resumed:
            log.warning(
                "account health moved jobs",
                connection=connection,
                held=result.held,
                resumed=result.resumed,
            )
